// The state as one file and back: a whole copy beside a writer, and a state whose epoch says that
// it went back in time.
#include "triggerd/store/backup.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "rows.h"

namespace triggerd {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

// A state with a setting `mark`, and a folder for copies.
struct Kept {
  ScratchDatabase scratch;
  ScratchDirectory elsewhere;
  std::string copy = elsewhere.file("copy.db");

  explicit Kept(const std::string& mark = "first") { note(mark); }
  void note(const std::string& mark) { note_setting(*scratch, "mark", mark); }
  std::string mark() { return read_setting(*scratch, "mark").value_or(""); }
  const std::string& directory() const { return scratch.directory().path(); }
  Result<BackupMade, std::string> make(bool replace = false) {
    return back_up(directory(), copy, replace, at(0));
  }
};

TEST_CASE("S-03: a copy is made beside an open writer, is closed to others and has no log") {
  const mode_t before = ::umask(0);
  Kept state;
  const auto made = state.make();
  ::umask(before);
  REQUIRE(made);
  CHECK(made->schema == Database::newest_schema_version());
  CHECK(mode_of(state.copy) == 0600);
  CHECK(fs::file_size(state.copy) == static_cast<std::uintmax_t>(made->bytes));
  CHECK(std::distance(fs::directory_iterator(state.elsewhere.path()), {}) == 1);
  state.note("later");  // the writer goes on
  CHECK(state.mark() == "later");
}

TEST_CASE("COM-17: copies made while the daemon writes are whole, each as of one moment") {
  Kept state;
  std::atomic<bool> leaving{false};
  std::thread writer([&] {
    Database& database = *state.scratch;
    for (int n = 0; !leaving; ++n) {
      database.begin();
      note_setting(database, "left", std::to_string(n));
      note_setting(database, "right", std::to_string(n));
      database.commit();
    }
  });
  for (int round = 0; round < 8; ++round) {
    const auto made = state.make(true);
    CHECK_MESSAGE(made, made.error());
    ScratchDirectory other;
    REQUIRE(restore(other.path(), state.copy, at(0)));
    Database copy = Database::open(other.path(), {}, at(0));
    CHECK(copy.quick_check() == "ok");
    CHECK(read_setting(copy, "left") == read_setting(copy, "right"));
  }
  leaving = true;
  writer.join();
}

TEST_CASE("a file that exists is replaced only when that is asked for, and never half") {
  Kept state;
  std::ofstream(state.copy) << "something else";
  CHECK_FALSE(state.make());
  CHECK(fs::file_size(state.copy) == 14);
  CHECK(state.make(true));
  CHECK(fs::file_size(state.copy) > 14);
}

TEST_CASE("P7: a restored state has the copy's content and an epoch above both") {
  Kept state;
  REQUIRE(state.make());
  state.note("later");
  state.scratch.close();
  const auto once = restore(state.directory(), state.copy, at(60));
  REQUIRE_MESSAGE(once, once.error());
  CHECK(once->epoch == 2);
  const auto twice = restore(state.directory(), state.copy, at(60));
  REQUIRE(twice);
  CHECK(twice->epoch == 3);  // the copy still says 1, the state before it 2
  CHECK(twice->aside != once->aside);
  state.scratch.reopen();
  CHECK(state.scratch->epoch() == 3);
  CHECK(state.mark() == "first");
  CHECK(mode_of(state.directory() + "/triggerd.db") == 0600);
}

TEST_CASE("the state that was replaced is kept aside, with what was still in its log") {
  Kept state;
  REQUIRE(state.make());
  state.note("only in the log");
  state.scratch.close();
  const auto restored = restore(state.directory(), state.copy, at(60));
  REQUIRE(restored);
  ScratchDirectory other;
  fs::copy(restored->aside, other.file("triggerd.db"));
  Database before = Database::open(other.path(), {}, at(0));
  CHECK(read_setting(before, "mark") == std::optional<std::string>("only in the log"));
}

TEST_CASE("COM-10: a state with a damaged file and a log beside it is replaced all the same") {
  Kept state;
  REQUIRE(state.make());
  state.scratch.close();
  const std::string path = state.directory() + "/triggerd.db";
  std::ofstream(path, std::ios::trunc) << "no database at all";
  std::ofstream(path + "-wal") << "nor a log";
  const auto restored = restore(state.directory(), state.copy, at(60));
  REQUIRE_MESSAGE(restored, restored.error());
  CHECK(fs::exists(restored->aside + "-wal"));
  state.scratch.reopen();
  CHECK(state.mark() == "first");
  CHECK(state.scratch->quick_check() == "ok");
}

TEST_CASE("COM-11: a state that somebody reads is not replaced, and says so") {
  Kept state;
  REQUIRE(state.make());
  SQLite::Database reader(state.directory() + "/triggerd.db", SQLite::OPEN_READONLY);
  SQLite::Statement rows(reader, "SELECT name FROM sqlite_schema");
  REQUIRE(rows.executeStep());
  state.note("later");
  state.scratch.close();
  const auto refused = restore(state.directory(), state.copy, at(60));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("end it first") != std::string::npos);
  rows.reset();
  CHECK(restore(state.directory(), state.copy, at(60)));
}

TEST_CASE("what is no copy of a state changes nothing, and says so") {
  Kept state("kept");
  REQUIRE(state.make());
  state.scratch.close();
  const std::string wrong = state.elsewhere.file("wrong");
  std::ofstream(wrong) << std::string(8'192, 'x');
  const auto refused = restore(state.directory(), wrong, at(60));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("not a database") != std::string::npos);
  {
    SQLite::Database newer(state.copy, SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version = 99");
  }
  const auto too_new = restore(state.directory(), state.copy, at(60));
  REQUIRE_FALSE(too_new);
  CHECK(too_new.error().find("newer triggerd") != std::string::npos);
  CHECK_FALSE(restore(state.directory(), state.elsewhere.file("absent"), at(60)));
  const std::string empty = state.elsewhere.file("empty");
  std::ofstream(empty).flush();
  CHECK_FALSE(restore(state.directory(), empty, at(60)));
  state.scratch.reopen();
  CHECK(state.mark() == "kept");
  CHECK(state.scratch->epoch() == 1);
  CHECK_FALSE(fs::exists(state.directory() + "/triggerd.db.restoring"));
}

TEST_CASE("UPG-06: a restored state is the same instance, so that the same event has the same id") {
  Kept state;
  REQUIRE(state.make());
  ScratchDirectory other;
  REQUIRE(restore(other.path(), state.copy, at(0)));
  Database opened = Database::open(other.path(), {}, at(0));
  CHECK(opened.instance() == state.scratch->instance());
  CHECK(opened.epoch() == 2);
}

}  // namespace
}  // namespace triggerd
