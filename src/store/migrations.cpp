#include "store/migrations.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <unistd.h>

#include <charconv>

#include "store/state_directory.h"
#include "triggerd/check.h"

namespace triggerd {

namespace {

int file_number(const EmbeddedFile& file) {
  int number = 0;
  std::from_chars(file.path.data(), file.path.data() + file.path.size(), number);
  return number;
}

std::int64_t count_tables(Database::Parts& parts) {
  return parts.connection->execAndGet("SELECT count(*) FROM sqlite_schema").getInt64();
}

void copy_before(Database::Parts& parts, int version) {
  const std::string path = backup_path(parts.path, version);
  // What lies there is from a migration that was cut off before it changed anything.
  ::unlink(path.c_str());
  if (const auto made = prepare_private_file(path); !made) {
    throw StoreFailure(StoreFailure::Kind::full, made.error());
  }
  SQLite::Database copy(path, SQLite::OPEN_READWRITE);
  SQLite::Backup(copy, *parts.connection).executeStep();
}

void apply_file(Database::Parts& parts, const EmbeddedFile& file) {
  // The number is our own; PRAGMA takes no bound values.
  const std::string script = "BEGIN IMMEDIATE;\n" + std::string(file.text) +
                             "\nPRAGMA user_version = " + std::to_string(file_number(file)) +
                             ";\nCOMMIT;";
  const int code = sqlite3_exec(parts.handle(), script.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return;
  const StoreFailure failure(
      failure_kind(code, sqlite3_system_errno(parts.handle())),
      "migration " + std::string(file.path) + " failed: " + sqlite3_errmsg(parts.handle()));
  if (sqlite3_get_autocommit(parts.handle()) == 0) {
    sqlite3_exec(parts.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  throw failure;
}

}  // namespace

int newest_version(std::span<const EmbeddedFile> files) {
  int expected = 0;
  for (const EmbeddedFile& file : files) TRIGGERD_CHECK(file_number(file) == ++expected);
  return expected;
}

int read_version(Database::Parts& parts) {
  return parts.connection->execAndGet("PRAGMA user_version").getInt();
}

std::string version_problem(Database::Parts& parts, std::span<const EmbeddedFile> files) {
  const int version = read_version(parts);
  const int newest = newest_version(files);
  if (version > newest) {
    return "the state has schema " + std::to_string(version) + ", this triggerd knows schema " +
           std::to_string(newest) + ": it was written by a newer triggerd; nothing was changed";
  }
  if (version == 0 && count_tables(parts) > 0) return "the file is no state of triggerd";
  return {};
}

std::string backup_path(const std::string& database_path, int version) {
  return database_path + ".before-" + std::to_string(version + 1);
}

void migrate(Database::Parts& parts, std::span<const EmbeddedFile> files) {
  const int version = read_version(parts);
  if (version == newest_version(files)) return;
  if (version > 0 && !parts.path.empty()) copy_before(parts, version);
  for (const EmbeddedFile& file : files) {
    if (file_number(file) > version) apply_file(parts, file);
  }
}

}  // namespace triggerd
