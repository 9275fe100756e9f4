#include "triggerd/store/database.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "store/connection.h"
#include "store/migrations.h"
#include "store/state_directory.h"
#include "triggerd/check.h"

namespace triggerd {

namespace {

// The write-ahead log is copied into the database when it has this many pages (of 4 KiB).
constexpr int kCheckpointFrames = 4'000;
constexpr int kBusyMillis = 2'000;
constexpr const char* kInMemory = ":memory:";

using Kind = StoreFailure::Kind;

StoreFailure opening_failure(const SQLite::Exception& problem, const std::string& path) {
  const int code = problem.getExtendedErrorCode();
  const bool absent = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
  return {absent ? Kind::refused : failure_kind(code, errno), path + ": " + problem.what()};
}

std::unique_ptr<SQLite::Database> connect(const std::string& path, int flags,
                                          const std::string& vfs) {
  // A symbolic link in the file's place could lead the writes elsewhere.
  const int no_links = path == kInMemory ? 0 : SQLITE_OPEN_NOFOLLOW;
  return std::make_unique<SQLite::Database>(path, flags | no_links | SQLITE_OPEN_EXRESCODE,
                                            kBusyMillis, vfs);
}

// Nothing may reach other files, foreign code or the schema's own tables, whatever is in the file.
void close_doors(sqlite3* handle) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
}

void set_writing_rules(Database::Parts& parts) {
  const std::string mode = parts.connection->execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal" && !parts.path.empty()) {
    throw StoreFailure(Kind::refused, parts.path + ": write-ahead logging is not possible here");
  }
  parts.execute(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
      "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -24576; PRAGMA wal_autocheckpoint = 0");
}

void refuse_unfit(Database::Parts& parts) {
  const std::string problem = version_problem(parts, embedded_migrations());
  if (!problem.empty()) throw StoreFailure(Kind::refused, parts.path + ": " + problem);
}

// A connection that cannot write looks first, so that a refused file keeps every byte.
void refuse_unfit_file(const std::string& path, const std::string& vfs) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || found.st_size == 0) return;
  Database::Parts parts;
  parts.path = path;
  parts.connection = connect(path, SQLITE_OPEN_READONLY, vfs);
  try {
    refuse_unfit(parts);
  } catch (const SQLite::Exception& problem) {
    // A very first start that was cut off, before there was a write-ahead log: only who writes can
    // roll it back. The look follows then.
    if (problem.getExtendedErrorCode() != SQLITE_READONLY_ROLLBACK) throw;
  }
}

void make_instance(Database::Parts& parts, WallTime now) {
  const std::string id =
      parts.connection->execAndGet("SELECT lower(hex(randomblob(16)))").getString();
  SQLite::Statement insert(
      *parts.connection, "INSERT INTO instance (only_row, id, epoch, made_at) VALUES (1, ?, 1, ?)");
  insert.bind(1, id);
  insert.bind(2, epoch_ms(now));
  insert.exec();
}

void read_instance(Database::Parts& parts) {
  SQLite::Statement row(*parts.connection, "SELECT id, epoch FROM instance");
  if (!row.executeStep()) throw StoreFailure(Kind::broken, parts.path + ": it names no instance");
  parts.instance = row.getColumn(0).getString();
  parts.epoch = row.getColumn(1).getInt64();
  parts.version = read_version(parts);
}

int count_frames(void* parts, sqlite3*, const char*, int frames) {
  static_cast<Database::Parts*>(parts)->log_frames = frames;
  return SQLITE_OK;
}

void make_ready(Database::Parts& parts, WallTime now) {
  set_writing_rules(parts);
  migrate(parts, embedded_migrations());
  const bool named = parts.connection->execAndGet("SELECT count(*) FROM instance").getInt() > 0;
  if (!named) make_instance(parts, now);
  read_instance(parts);
  sqlite3_wal_hook(parts.handle(), &count_frames, &parts);
}

void open_to_write(Database::Parts& parts, const std::string& directory,
                   const DatabaseOptions& options, WallTime now) {
  const auto real = prepare_state_directory(directory);
  if (!real) throw StoreFailure(Kind::refused, real.error());
  const std::string path = *real + "/triggerd.db";
  const auto made = prepare_private_file(path);
  if (!made) throw StoreFailure(Kind::refused, made.error());
  refuse_unfit_file(path, options.vfs);
  parts.path = path;
  parts.connection = connect(path, SQLITE_OPEN_READWRITE, options.vfs);
  close_doors(parts.handle());
  refuse_unfit(parts);
  make_ready(parts, now);
  parts.file = identify_file(path);
  parts.log = identify_file(path + "-wal");
}

void open_to_read(Database::Parts& parts, const std::string& directory, const std::string& vfs) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(directory.c_str(), nullptr),
                                                    &std::free);
  const std::string path = (real == nullptr ? directory : real.get()) + std::string("/triggerd.db");
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || found.st_size == 0) {
    throw StoreFailure(Kind::refused, "there is no state in " + directory + " yet");
  }
  parts.path = path;
  parts.read_only = true;
  parts.connection = connect(path, SQLITE_OPEN_READONLY, vfs);
  close_doors(parts.handle());
  refuse_unfit(parts);
}

void open_copy(Database::Parts& parts, const std::string& directory, const std::string& vfs,
               WallTime now) {
  parts.connection = connect(kInMemory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
  if (identify_file(directory + "/triggerd.db")) {
    Database::Parts source;
    open_to_read(source, directory, vfs);
    SQLite::Backup(*parts.connection, *source.connection).executeStep();
  }
  close_doors(parts.handle());
  make_ready(parts, now);
}

}  // namespace

Database::Database(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open(const std::string& state_directory, const DatabaseOptions& options,
                        WallTime now) {
  auto parts = std::make_unique<Parts>();
  try {
    if (options.in_memory_copy) {
      open_copy(*parts, state_directory, options.vfs, now);
    } else if (options.read_only) {
      open_to_read(*parts, state_directory, options.vfs);
      if (read_version(*parts) != newest_schema_version()) {
        throw StoreFailure(Kind::refused, parts->path + ": the state has an older schema; " +
                                              "`triggerd run` brings it up to date");
      }
      read_instance(*parts);
    } else {
      open_to_write(*parts, state_directory, options, now);
    }
  } catch (const SQLite::Exception& problem) {
    throw opening_failure(problem, state_directory + "/triggerd.db");
  }
  return Database(std::move(parts));
}

void Database::begin() { parts_->begun = true; }

void Database::commit() {
  Parts& parts = *parts_;
  if (!parts.open) {
    parts.begun = false;
    return;
  }
  if (!in_transaction()) {
    throw parts.last_failure.value_or(
        StoreFailure(Kind::broken, "the transaction was rolled back"));
  }
  parts.execute("COMMIT");
  parts.begun = parts.open = false;
  if (parts.log_frames < kCheckpointFrames) return;
  const int code = sqlite3_wal_checkpoint_v2(parts.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  // The commit stands. A log that cannot be copied now (a reader, no room) is copied later; but
  // after a failed sync nothing that is in the file can be trusted (failure-modes COM-04).
  if (code != SQLITE_OK &&
      failure_kind(code, sqlite3_system_errno(parts.handle())) == Kind::broken) {
    parts.fail(code);
  }
}

void Database::rollback() {
  if (in_transaction()) parts_->execute("ROLLBACK");
  parts_->begun = parts_->open = false;
}

bool Database::in_transaction() const {
  return parts_->open && sqlite3_get_autocommit(parts_->handle()) == 0;
}

bool Database::file_unchanged() const {
  const Parts& parts = *parts_;
  if (!parts.file) return true;
  return identify_file(parts.path) == parts.file && identify_file(parts.path + "-wal") == parts.log;
}

bool Database::checkpoint() {
  Parts& parts = *parts_;
  // The loop does not wait for a reader; it asks again later.
  sqlite3_busy_timeout(parts.handle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(parts.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  sqlite3_busy_timeout(parts.handle(), kBusyMillis);
  if (code == SQLITE_OK) {
    parts.log_frames = 0;
    return true;
  }
  if (failure_kind(code, sqlite3_system_errno(parts.handle())) != Kind::busy) parts.fail(code);
  return false;
}

std::int64_t Database::wal_bytes() const {
  struct stat found {};
  if (parts_->path.empty() || ::stat((parts_->path + "-wal").c_str(), &found) != 0) return 0;
  return found.st_size;
}

std::int64_t Database::file_bytes() const {
  struct stat found {};
  if (parts_->path.empty() || ::stat(parts_->path.c_str(), &found) != 0) return 0;
  return found.st_size;
}

const std::string& Database::instance() const { return parts_->instance; }
std::int64_t Database::epoch() const { return parts_->epoch; }
int Database::schema_version() const { return parts_->version; }
std::string Database::library_version() { return SQLite::getLibVersion(); }

int Database::newest_schema_version() { return newest_version(embedded_migrations()); }

std::string Database::quick_check() {
  Query query(*this, "PRAGMA quick_check(1)");
  return query.next() ? query.text(0) : std::string("it gave no answer");
}

}  // namespace triggerd
