#include "store/connection.h"

#include <sys/stat.h>

#include <cerrno>

#include "triggerd/check.h"

namespace triggerd {

std::optional<FileIdentity> identify_file(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FileIdentity{found.st_dev, found.st_ino};
}

StoreFailure::Kind failure_kind(int code, int system_error) {
  using Kind = StoreFailure::Kind;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Kind::full;
    case SQLITE_IOERR: {
      const bool no_room =
          system_error == ENOSPC || system_error == EFBIG || system_error == EDQUOT;
      return no_room ? Kind::full : Kind::broken;
    }
    case SQLITE_READONLY:
      return code == SQLITE_READONLY_DBMOVED ? Kind::broken : Kind::full;
    case SQLITE_CANTOPEN:
      return Kind::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Kind::busy;
    case SQLITE_CONSTRAINT:
      return Kind::constraint;
    default:
      return Kind::broken;
  }
}

void Database::Parts::fail(int code) {
  const int extended = sqlite3_extended_errcode(handle());
  const int exact = (extended & 0xff) == (code & 0xff) ? extended : code;
  StoreFailure failure(
      failure_kind(exact, sqlite3_system_errno(handle())),
      std::string(sqlite3_errmsg(handle())) + " (SQLite code " + std::to_string(exact) + ")");
  last_failure = failure;
  throw failure;
}

void Database::Parts::execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

CachedStatement& Database::Parts::statement(const char* sql) {
  // SQLite rolls a transaction back by itself on some failures. What follows would otherwise be
  // committed statement by statement.
  if (open && sqlite3_get_autocommit(handle()) != 0) {
    throw last_failure.value_or(
        StoreFailure(StoreFailure::Kind::broken, "the transaction was rolled back"));
  }
  CachedStatement& cached = statements[sql];
  TRIGGERD_CHECK(!cached.in_use);
  if (cached.statement == nullptr) {
    sqlite3_stmt* made = nullptr;
    const int code =
        sqlite3_prepare_v3(handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) fail(code);
    cached.statement.reset(made);
  }
  // Not before something is written: a turn that only reads takes no lock and commits nothing.
  if (begun && !open && sqlite3_stmt_readonly(cached.statement.get()) == 0) {
    execute("BEGIN IMMEDIATE");
    open = true;
  }
  return cached;
}

bool Query::next() {
  const int code = sqlite3_step(get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) parts_.fail(code);
  return false;
}

std::int64_t Query::run() {
  while (next()) {
  }
  return sqlite3_changes64(parts_.handle());
}

std::string_view Query::view(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

std::string Query::text(int column) const { return std::string(view(column)); }

std::optional<std::int64_t> Query::maybe_number(int column) const {
  if (is_null(column)) return std::nullopt;
  return number(column);
}

std::optional<WallTime> Query::time(int column) const {
  if (is_null(column)) return std::nullopt;
  return wall_from_ms(number(column));
}

void Query::bind_number(std::int64_t value) {
  check_bound(sqlite3_bind_int64(get(), ++bound_, value));
}

void Query::bind_real(double value) { check_bound(sqlite3_bind_double(get(), ++bound_, value)); }

void Query::bind_null() { check_bound(sqlite3_bind_null(get(), ++bound_)); }

void Query::bind_text(std::string_view text, bool copied) {
  // A null pointer would bind NULL instead of an empty text.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  check_bound(sqlite3_bind_text64(get(), ++bound_, bytes, text.size(),
                                  copied ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void Query::check_bound(int code) {
  if (code != SQLITE_OK) parts_.fail(code);
}

}  // namespace triggerd
