// The database as a file: opening, modes, the owner's lock, transactions, full disks and broken
// ones.
#include "triggerd/store/database.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "failing_vfs.h"
#include "rows.h"

namespace triggerd {
namespace {

using Kind = StoreFailure::Kind;
namespace fs = std::filesystem;

template <typename Act>
std::optional<StoreFailure> failure_of(Act&& act) {
  try {
    act();
  } catch (const StoreFailure& failure) {
    return failure;
  }
  return std::nullopt;
}

std::optional<StoreFailure> open_failure(const std::string& directory,
                                         const DatabaseOptions& options = {}) {
  return failure_of([&] { Database::open(directory, options, at(0)); });
}

TEST_CASE(
    "COM-06: while running, a file that cannot be reached counts as full, so that polling waits") {
  CHECK(failure_kind(SQLITE_CANTOPEN, 0) == Kind::full);
  CHECK(failure_kind(SQLITE_READONLY, 0) == Kind::full);
  CHECK(failure_kind(SQLITE_READONLY_DBMOVED, 0) == Kind::broken);
}

TEST_CASE(
    "COM-03, COM-05: no room is `full` by whichever code it comes; other I/O errors are `broken`") {
  CHECK(failure_kind(SQLITE_FULL, 0) == Kind::full);
  CHECK(failure_kind(SQLITE_IOERR_WRITE, ENOSPC) == Kind::full);
  CHECK(failure_kind(SQLITE_IOERR_WRITE, EFBIG) == Kind::full);
  CHECK(failure_kind(SQLITE_IOERR_WRITE, EDQUOT) == Kind::full);
  CHECK(failure_kind(SQLITE_IOERR_WRITE, EIO) == Kind::broken);
  CHECK(failure_kind(SQLITE_IOERR_FSYNC, EIO) == Kind::broken);
  CHECK(failure_kind(SQLITE_CORRUPT, 0) == Kind::broken);
  CHECK(failure_kind(SQLITE_NOTADB, 0) == Kind::broken);
  CHECK(failure_kind(SQLITE_BUSY, 0) == Kind::busy);
  CHECK(failure_kind(SQLITE_CONSTRAINT_UNIQUE, 0) == Kind::constraint);
}

TEST_CASE(
    "COM-03: a full disk rolls the page back whole; with room again the same page is stored") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  std::vector<DetectionRow> rows;
  for (int i = 0; i < 500; ++i) rows.push_back(fired("r" + std::to_string(i)));
  const std::int64_t pages = number(*scratch, "PRAGMA page_count");
  Database::Parts& parts = scratch->parts();
  parts.execute(("PRAGMA max_page_count = " + std::to_string(pages + 5)).c_str());

  scratch->begin();
  const auto failure = failure_of([&] { commit_page(*scratch, page_of(stream, rows)); });
  REQUIRE(failure.has_value());
  CHECK(failure->kind() == Kind::full);
  CHECK(failure_of([&] { note_setting(*scratch, "must not", "be stored alone"); })->kind() ==
        Kind::full);
  CHECK(failure_of([&] { scratch->commit(); })->kind() == Kind::full);
  scratch->rollback();
  CHECK(!scratch->in_transaction());
  CHECK(number(*scratch, "SELECT count(*) FROM events") == 0);
  CHECK(!read_setting(*scratch, "must not"));

  parts.execute("PRAGMA max_page_count = 1000000");
  PageCommit page = page_of(stream, rows);
  page.never_hold = true;
  scratch->begin();
  commit_page(*scratch, page);
  scratch->commit();
  scratch.reopen();
  CHECK(number(*scratch, "SELECT count(*) FROM events") == 500);
  CHECK(scratch->quick_check() == "ok");
}

TEST_CASE("COM-04: a write error of the log is broken, not full, and nothing of it is committed") {
  FailingVfs vfs;
  ScratchDatabase scratch;
  DatabaseOptions options;
  options.vfs = "failing";
  scratch.reopen(options);
  StreamRow stream = add_active_stream(*scratch);
  scratch->begin();
  commit_page(*scratch, page_of(stream, {fired("a")}));
  vfs.fail_log_writes = true;
  const auto failure = failure_of([&] { scratch->commit(); });
  vfs.fail_log_writes = false;
  REQUIRE(failure.has_value());
  CHECK(failure->kind() == Kind::broken);
  scratch.reopen();
  CHECK(number(*scratch, "SELECT count(*) FROM events") == 0);
}

TEST_CASE("COM-16: after a commit that failed behind its sync, the file says what holds") {
  FailingVfs vfs;
  ScratchDatabase scratch;
  DatabaseOptions options;
  options.vfs = "failing";
  scratch.reopen(options);
  StreamRow stream = add_active_stream(*scratch);
  scratch->begin();
  PageCommit page = page_of(stream, {fired("a")});
  page.seen = {seen_row("a", 1)};
  commit_page(*scratch, page);
  vfs.fail_log_sync_once = true;
  const auto failure = failure_of([&] { scratch->commit(); });
  REQUIRE(failure.has_value());
  CHECK(failure->kind() == Kind::broken);
  scratch.reopen();
  // Whichever way it went, it went for all of the page.
  const std::int64_t events = number(*scratch, "SELECT count(*) FROM events");
  CHECK(number(*scratch, "SELECT count(*) FROM seen") == events);
  CHECK(number(*scratch, "SELECT count(*) FROM runs") == events);
  if (events == 0) {
    CHECK(!commit_page(*scratch, page).stale);
  } else {
    CHECK_THROWS_AS(commit_page(*scratch, page), StoreFailure);
  }
}

TEST_CASE("COM-08: a file that is deleted or replaced is noticed, and so is its log") {
  for (const char* name : {"triggerd.db", "triggerd.db-wal"}) {
    CAPTURE(name);
    ScratchDatabase scratch;
    note_setting(*scratch, "a", "b");
    CHECK(scratch->file_unchanged());
    const std::string path = scratch.directory().file(name);
    fs::copy_file(path, path + ".copy");
    fs::rename(path + ".copy", path);
    CHECK(!scratch->file_unchanged());
    fs::remove(path);
    CHECK(!scratch->file_unchanged());
  }
}

TEST_CASE(
    "COM-08: a reader beside the writer sees what is committed, also while a transaction is open") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a")}));
  scratch->begin();
  commit_page(*scratch, page_of(stream, {fired("b")}, 1));
  DatabaseOptions options;
  options.read_only = true;
  Database reader = Database::open(scratch.directory().path(), options, at(0));
  CHECK(list_view(reader, "recent_events", "", 10).rows.size() == 1);
  scratch->commit();
  CHECK(list_view(reader, "recent_events", "", 10).rows.size() == 2);
  CHECK(failure_of([&] { note_setting(reader, "a", "b"); }).has_value());
  CHECK(scratch->file_unchanged());
}

TEST_CASE("COM-08: the sqlite3 program reads the views beside an open transaction") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a")}));
  scratch->begin();
  commit_page(*scratch, page_of(stream, {fired("b")}, 1));
  const std::string command = "sqlite3 -readonly '" + scratch.directory().file("triggerd.db") +
                              "' 'SELECT key, detected_at FROM recent_events' 2>&1";
  std::FILE* program = ::popen(command.c_str(), "r");
  REQUIRE(program != nullptr);
  char line[200] = {};
  const std::size_t count = std::fread(line, 1, sizeof line - 1, program);
  CHECK(::pclose(program) == 0);
  CHECK(std::string(line, count) == "a|2026-03-01T09:30:00.000Z\n");
  scratch->commit();
  CHECK(scratch->file_unchanged());
}

TEST_CASE(
    "COM-01: the journal of a first start that was cut off is rolled back by the next start") {
  ScratchDirectory parent;
  const std::string made = parent.file("made"), state = parent.file("state");
  for (const std::string& folder : {made, state}) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
  }
  sqlite3* first = nullptr;
  REQUIRE(sqlite3_open((made + "/triggerd.db").c_str(), &first) == SQLITE_OK);
  // Too much for so small a cache: the journal is synced and pages are in the file.
  REQUIRE(sqlite3_exec(first,
                       "PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (done BLOB);"
                       "INSERT INTO half VALUES (zeroblob(200000)), (zeroblob(200000))",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
  for (const char* name : {"/triggerd.db", "/triggerd.db-journal"}) {
    REQUIRE(fs::file_size(made + name) > 0);
    fs::copy_file(made + name, state + name);
  }
  sqlite3_close(first);
  CHECK_FALSE(open_failure(state).has_value());
  CHECK_FALSE(fs::exists(state + "/triggerd.db-journal"));
}

TEST_CASE("COM-11: the log is emptied by a checkpoint, but not under a reader") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a")}));
  CHECK(scratch->wal_bytes() > 0);
  {
    DatabaseOptions options;
    options.read_only = true;
    Database reader = Database::open(scratch.directory().path(), options, at(0));
    Query holding(reader, "SELECT name FROM sqlite_schema");
    REQUIRE(holding.next());
    commit_page(*scratch, page_of(stream, {fired("b")}, 1));
    CHECK(!scratch->checkpoint());
  }
  CHECK(scratch->checkpoint());
  CHECK(scratch->wal_bytes() == 0);
  CHECK(scratch->file_unchanged());
}

TEST_CASE("COM-11: commits copy the log by themselves before it grows far") {
  ScratchDatabase scratch;
  for (int i = 0; i < 60; ++i) {
    scratch->begin();
    note_setting(*scratch, "large", std::string(600'000, static_cast<char>('a' + i % 26)));
    scratch->commit();
  }
  CHECK(scratch->wal_bytes() > 10'000'000);
  CHECK(scratch->wal_bytes() < 24'000'000);
}

TEST_CASE("S-30: no other file can be attached and the schema cannot be written to") {
  ScratchDatabase scratch;
  Database::Parts& parts = scratch->parts();
  CHECK_THROWS_AS(parts.execute("ATTACH ':memory:' AS other"), StoreFailure);
  CHECK_THROWS_AS(parts.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"),
                  StoreFailure);
  CHECK_THROWS_AS(parts.execute("SELECT load_extension('x')"), StoreFailure);
  CHECK(number(*scratch, "PRAGMA trusted_schema") == 0);
  CHECK(number(*scratch, "PRAGMA foreign_keys") == 1);
  CHECK(number(*scratch, "PRAGMA synchronous") == 2);
  CHECK(number(*scratch, "PRAGMA secure_delete") == 1);
  CHECK(text(*scratch, "PRAGMA journal_mode") == "wal");
}

TEST_CASE("a database keeps its instance over restarts; another one has another") {
  ScratchDatabase scratch;
  const std::string instance = scratch->instance();
  CHECK(instance.size() == 32);
  CHECK(scratch->epoch() == 1);
  scratch.reopen();
  CHECK(scratch->instance() == instance);
  ScratchDatabase other;
  CHECK(other->instance() != instance);
}

TEST_CASE("a copy in memory has the state, and nothing of it reaches the file") {
  ScratchDatabase scratch;
  note_setting(*scratch, "a", "before");
  DatabaseOptions options;
  options.in_memory_copy = true;
  {
    Database copy = Database::open(scratch.directory().path(), options, at(0));
    CHECK(copy.instance() == scratch->instance());
    CHECK(read_setting(copy, "a") == std::optional<std::string>("before"));
    copy.begin();
    note_setting(copy, "a", "changed");
    copy.commit();
    CHECK(read_setting(copy, "a") == std::optional<std::string>("changed"));
    CHECK(copy.file_unchanged());
  }
  scratch.reopen();
  CHECK(read_setting(*scratch, "a") == std::optional<std::string>("before"));
}

TEST_CASE("a copy in memory of a state that does not exist yet is an empty one") {
  ScratchDirectory parent;
  DatabaseOptions options;
  options.in_memory_copy = true;
  Database copy = Database::open(parent.file("state"), options, at(0));
  CHECK(load_streams(copy).empty());
  CHECK(!fs::exists(parent.file("state")));
}

TEST_CASE("reading a state that does not exist yet is refused and makes nothing") {
  ScratchDirectory parent;
  DatabaseOptions options;
  options.read_only = true;
  CHECK(open_failure(parent.file("state"), options)->kind() == Kind::refused);
  CHECK(!fs::exists(parent.file("state")));
}

TEST_CASE("begin inside a transaction and commit outside of one do nothing") {
  ScratchDatabase scratch;
  scratch->commit();
  scratch->begin();
  scratch->begin();
  note_setting(*scratch, "a", "b");
  CHECK(scratch->in_transaction());
  scratch->commit();
  CHECK(!scratch->in_transaction());
  scratch->rollback();
  CHECK(read_setting(*scratch, "a") == std::optional<std::string>("b"));
}

}  // namespace
}  // namespace triggerd
