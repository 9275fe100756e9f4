// The state database: opening, the owner's lock, migrations, transactions. One process owns it and
// one connection in it writes; `sqlite3 -readonly` reads beside it (WAL). SQLiteCpp and sqlite3
// stay inside src/store. Loop thread only. A broken world (disk full, I/O error, corruption) is a
// StoreFailure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "triggerd/result.h"
#include "triggerd/time.h"

namespace triggerd {

// The only exception that leaves src/store. `full` (no space, file-size limit: SQLite codes 13 and
// 10 with ENOSPC behave alike) can pass by itself; `broken` (I/O error on sync, corruption, file
// replaced) cannot.
class StoreFailure : public std::runtime_error {
 public:
  enum class Kind { full, busy, broken, refused, constraint };
  StoreFailure(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// An advisory lock on STATE/lock whose file names its holder ("pid 4711 since
// 2026-03-01T09:30:00.000Z"). Held while the object lives; the operating system drops it with the
// process.
class OwnerLock {
 public:
  static Result<OwnerLock, std::string> take(const std::string& state_directory, WallTime now);
  // Who holds it now; empty when nobody does.
  static std::string holder(const std::string& state_directory);
  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&& other) noexcept;
  ~OwnerLock();

 private:
  explicit OwnerLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

struct DatabaseOptions {
  bool read_only = false;
  bool in_memory_copy = false;  // `triggerd test`: a private copy of the file, never written back
  std::string vfs;              // a registered SQLite VFS (simulation); empty: the default
};

class Database {
 public:
  // Creates directory (0700) and file (0600) when absent, migrates when older (in one transaction
  // each, after a backup copy), refuses a newer schema. Sets WAL, synchronous=FULL, foreign keys,
  // defensive mode, secure delete.
  static Database open(const std::string& state_directory, const DatabaseOptions& options,
                       WallTime now);
  Database(Database&&) noexcept;
  ~Database();

  void begin();  // no-op inside a transaction
  void commit();
  void rollback();
  bool in_transaction() const;
  // Whether device and inode of the file are still those that were opened.
  bool file_unchanged() const;
  // Copies the whole log into the file; true when it was emptied (no reader held it). commit()
  // copies what it can by itself when the log has grown.
  bool checkpoint();
  std::int64_t wal_bytes() const;
  std::int64_t file_bytes() const;

  const std::string& instance() const;  // random id of this database, part of every event id
  std::int64_t epoch() const;           // rises with each restore
  int schema_version() const;
  static int newest_schema_version();
  static std::string library_version();  // of SQLite
  std::string quick_check();             // "ok" or what SQLite found

  struct Parts;  // src/store/connection.h
  Parts& parts() { return *parts_; }

 private:
  explicit Database(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace triggerd
