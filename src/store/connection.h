// The connection behind Database, and Query: one use of a cached prepared statement. The home of
// SQLiteCpp and of sqlite3's C interface; used by the files of src/store only. Every failure of
// SQLite leaves as StoreFailure. SQL texts are literals with bound values: the address of the
// literal is the key of the statement cache.
#pragma once

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "triggerd/store/database.h"
#include "triggerd/store/stream_state.h"
#include "triggerd/time.h"

namespace triggerd {

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};
std::optional<FileIdentity> identify_file(const std::string& path);

// What SQLite's result code means for the caller. `system_error`: errno of the call that failed, or
// 0.
StoreFailure::Kind failure_kind(int code, int system_error);

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

struct CachedStatement {
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
  bool in_use = false;
};

// Makes the statement free again, however its use ends.
class StatementUse {
 public:
  explicit StatementUse(CachedStatement& cached) : cached_(cached) { cached_.in_use = true; }
  ~StatementUse() {
    sqlite3_reset(cached_.statement.get());
    cached_.in_use = false;
  }
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  sqlite3_stmt* get() const { return cached_.statement.get(); }

 private:
  CachedStatement& cached_;
};

struct Database::Parts {
  sqlite3* handle() const { return connection->getHandle(); }
  [[noreturn]] void fail(int code);
  void execute(const char* sql);  // no values, no rows
  CachedStatement& statement(const char* sql);

  // Constant after opening.
  std::string path;  // of the file; empty: in memory
  bool read_only = false;
  std::optional<FileIdentity> file, log;
  std::string instance;
  std::int64_t epoch = 1;
  int version = 0;

  std::unique_ptr<SQLite::Database> connection;
  // Behind the connection, so that statements are finalized before it closes.
  std::unordered_map<const char*, CachedStatement> statements;
  bool begun = false;  // begin() was called
  bool open = false;   // and SQLite was told; it may have rolled back by itself since
  int log_frames = 0;  // of the write-ahead log after the last commit
  std::optional<StoreFailure> last_failure;

  // Where the search for expired tombstones goes on (store/retention).
  struct {
    std::int64_t gone = -1, stream = 0;
    std::string key;
  } tombstones;
};

// One execution of a statement. Values are bound in order; texts given as lvalues are not copied,
// so they must outlive the Query. Columns are read by index, from 0.
class Query {
 public:
  template <typename... Values>
  Query(Database& database, const char* sql, Values&&... values)
      : parts_(database.parts()), use_(parts_.statement(sql)) {
    (bind(std::forward<Values>(values)), ...);
  }

  template <typename Value>
  void bind(Value&& value);

  bool next();         // true: there is a row
  std::int64_t run();  // to the end; how many rows it changed

  std::int64_t number(int column) const { return sqlite3_column_int64(get(), column); }
  int small(int column) const { return sqlite3_column_int(get(), column); }
  bool flag(int column) const { return number(column) != 0; }
  double real(int column) const { return sqlite3_column_double(get(), column); }
  std::uint64_t hash(int column) const { return static_cast<std::uint64_t>(number(column)); }
  std::string text(int column) const;
  std::string_view view(int column) const;  // until the next row
  bool is_null(int column) const { return sqlite3_column_type(get(), column) == SQLITE_NULL; }
  std::optional<std::int64_t> maybe_number(int column) const;
  std::optional<WallTime> time(int column) const;
  int type(int column) const { return sqlite3_column_type(get(), column); }
  int columns() const { return sqlite3_column_count(get()); }
  std::string column_name(int column) const { return sqlite3_column_name(get(), column); }

 private:
  sqlite3_stmt* get() const { return use_.get(); }
  void bind_number(std::int64_t value);
  void bind_real(double value);
  void bind_null();
  void bind_text(std::string_view text, bool copied);
  void check_bound(int code);

  Database::Parts& parts_;
  StatementUse use_;
  int bound_ = 0;
};

template <typename Value>
void Query::bind(Value&& value) {
  using Plain = std::remove_cvref_t<Value>;
  if constexpr (std::is_same_v<Plain, std::nullopt_t>) {
    bind_null();
  } else if constexpr (std::is_same_v<Plain, WallTime>) {
    bind_number(epoch_ms(value));
  } else if constexpr (std::is_same_v<Plain, Millis>) {
    bind_number(value.count());
  } else if constexpr (std::is_floating_point_v<Plain>) {
    bind_real(value);
  } else if constexpr (std::is_integral_v<Plain> || std::is_enum_v<Plain>) {
    bind_number(static_cast<std::int64_t>(value));
  } else if constexpr (std::is_convertible_v<Value, std::string_view>) {
    // An rvalue may be gone before the statement runs.
    bind_text(value, !std::is_same_v<Plain, std::string> || !std::is_lvalue_reference_v<Value>);
  } else {
    if (value) {
      bind(*value);
    } else {
      bind_null();
    }
  }
}

}  // namespace triggerd
