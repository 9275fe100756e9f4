#include "triggerd/store/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "store/connection.h"
#include "store/migrations.h"
#include "store/state_directory.h"

namespace triggerd {

namespace {

namespace fs = std::filesystem;
using Reason = Failure<std::string>;

Reason failed(const std::string& what, const std::string& path) {
  return Reason(what + " " + path + ": " + std::strerror(errno));
}

bool sync_path(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

// The whole database as it is at one moment; a writer is not held up by it.
void copy_into(const std::string& path, SQLite::Database& source) {
  SQLite::Database copy(path, SQLite::OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
  SQLite::Backup(copy, source).executeStep();
  // One file without a log beside it.
  copy.exec("PRAGMA journal_mode = DELETE");
}

std::string problem_of_copy(SQLite::Database& copy, const char* check) {
  const std::string found = copy.execAndGet(check).getString();
  return found == "ok" ? "" : "the copy is damaged: " + found;
}

// Says why a file is no state that this program can use; empty: it is one.
std::string problem_of_state(Database::Parts& parts) {
  if (std::string problem = version_problem(parts, embedded_migrations()); !problem.empty()) {
    return problem;
  }
  if (read_version(parts) == 0) return "the file is no state of triggerd";
  return problem_of_copy(*parts.connection, "PRAGMA integrity_check(1)");
}

std::int64_t epoch_of(SQLite::Database& database) {
  return database.execAndGet("SELECT epoch FROM instance").getInt64();
}

// Opening what is no database would make SQLite delete the log beside it.
bool looks_like_database(const std::string& path) {
  constexpr std::string_view kStart("SQLite format 3\0", 16);
  std::string start(kStart.size(), ' ');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kStart;
}

// The state that is to be replaced, with everything of its log in it; its epoch. 0: it is damaged,
// or there is none.
std::int64_t settle(const std::string& path) {
  if (!looks_like_database(path)) return 0;
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
    const std::int64_t epoch = epoch_of(database);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return epoch;
  } catch (const SQLite::Exception&) {
    return 0;  // it is kept aside as it is
  }
}

bool has_log(const std::string& path) {
  struct stat found {};
  return ::stat((path + "-wal").c_str(), &found) == 0 && found.st_size > 0;
}

// A log that is left belongs to the old file; SQLite would read it into the new one.
bool move_aside(const std::string& path, const std::string& aside) {
  if (::link(path.c_str(), aside.c_str()) != 0) return false;
  for (const char* ending : {"-wal", "-shm"}) {
    const bool there = ::access((path + ending).c_str(), F_OK) == 0;
    if (there && ::rename((path + ending).c_str(), (aside + ending).c_str()) != 0) return false;
  }
  return true;
}

std::string aside_name(const std::string& path, WallTime now) {
  std::string stamp = to_iso8601(now).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  std::string name = path + ".before-restore-" + stamp;
  for (int n = 2; ::access(name.c_str(), F_OK) == 0; ++n) {
    name = path + ".before-restore-" + stamp + "-" + std::to_string(n);
  }
  return name;
}

// The copy, ready to be the state: checked, with the epoch raised. Gives its schema.
Result<Restored, std::string> prepare_copy(const std::string& file, const std::string& made,
                                           std::int64_t epoch_before) {
  Restored restored;
  Database::Parts source;
  source.path = file;
  source.connection =
      std::make_unique<SQLite::Database>(file, SQLite::OPEN_READONLY | SQLITE_OPEN_NOFOLLOW);
  if (const std::string problem = problem_of_state(source); !problem.empty()) {
    return Reason(file + ": " + problem);
  }
  restored.schema = read_version(source);
  copy_into(made, *source.connection);
  SQLite::Database copy(made, SQLite::OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
  restored.epoch = std::max(epoch_of(copy), epoch_before) + 1;
  SQLite::Statement raise(copy, "UPDATE instance SET epoch = ?");
  raise.bind(1, restored.epoch);
  if (raise.exec() != 1) return Reason(file + ": it names no instance");
  return restored;
}

// Removes what is left of a try that failed.
struct Leftover {
  std::string path;
  ~Leftover() { ::unlink(path.c_str()); }
};

}  // namespace

Result<BackupMade, std::string> back_up(const std::string& state_directory, const std::string& file,
                                        bool replace, WallTime now) {
  if (!replace && ::access(file.c_str(), F_OK) == 0) {
    return Reason(file + " exists; --force replaces it");
  }
  DatabaseOptions how;
  how.read_only = true;
  Database source = Database::open(state_directory, how, now);
  const Leftover part{file + ".part"};
  ::unlink(part.path.c_str());
  if (const auto made = prepare_private_file(part.path); !made) return Reason(made.error());
  BackupMade made;
  try {
    copy_into(part.path, *source.parts().connection);
    SQLite::Database copy(part.path, SQLite::OPEN_READONLY);
    const std::string problem = problem_of_copy(copy, "PRAGMA quick_check(1)");
    if (!problem.empty()) return Reason(problem);
    made.schema = copy.execAndGet("PRAGMA user_version").getInt();
  } catch (const SQLite::Exception& problem) {
    return Reason(part.path + ": " + problem.what());
  }
  if (!sync_path(part.path, O_RDONLY)) return failed("cannot write", part.path);
  made.bytes = static_cast<std::int64_t>(fs::file_size(part.path));
  // A link never takes the place of a file that came meanwhile.
  const bool placed = replace ? ::rename(part.path.c_str(), file.c_str()) == 0
                              : ::link(part.path.c_str(), file.c_str()) == 0;
  if (!placed) return failed("cannot make", file);
  sync_path(folder_of(file), O_RDONLY | O_DIRECTORY);
  return made;
}

Result<Restored, std::string> restore(const std::string& state_directory, const std::string& file,
                                      WallTime now) {
  const auto directory = prepare_state_directory(state_directory);
  if (!directory) return Reason(directory.error());
  if (::access(file.c_str(), R_OK) != 0) return failed("cannot read", file);
  const std::string path = *directory + "/triggerd.db";
  const Leftover made{path + ".restoring"};
  ::unlink(made.path.c_str());
  if (const auto prepared = prepare_private_file(made.path); !prepared) {
    return Reason(prepared.error());
  }
  const bool replaces = ::access(path.c_str(), F_OK) == 0;
  const std::int64_t epoch_before = replaces ? settle(path) : 0;
  // A stop between taking the log away and the end would leave a sound state without its last
  // commits.
  if (epoch_before > 0 && has_log(path)) {
    return Reason("a program reads " + path + "; end it first");
  }
  Result<Restored, std::string> restored = [&]() -> Result<Restored, std::string> {
    try {
      return prepare_copy(file, made.path, epoch_before);
    } catch (const SQLite::Exception& problem) {
      return Reason(file + ": " + problem.what());
    }
  }();
  if (!restored) return restored;
  if (!sync_path(made.path, O_RDONLY)) return failed("cannot write", made.path);
  if (replaces) {
    restored->aside = aside_name(path, now);
    if (!move_aside(path, restored->aside)) return failed("cannot keep aside", path);
  }
  if (::rename(made.path.c_str(), path.c_str()) != 0) return failed("cannot replace", path);
  if (!sync_path(*directory, O_RDONLY | O_DIRECTORY)) return failed("cannot write", *directory);
  return restored;
}

}  // namespace triggerd
