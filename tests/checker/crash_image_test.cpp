// The judgement of what a crash would leave, on databases that are wrong on purpose.
#include "checker/crash_image.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>

#include "fakes/scratch_database.h"

namespace triggerd::checker {
namespace {

void run(const std::string& database, const std::string& sql) {
  sqlite3* opened = nullptr;
  REQUIRE(sqlite3_open(database.c_str(), &opened) == SQLITE_OK);
  CHECK(sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close_v2(opened);
}

Arrival arrival(const std::string& key, std::int64_t attempt) {
  Arrival made;
  made.key = key;
  made.attempt = attempt;
  return made;
}

TEST_CASE("COM-02 a database that cannot be read is told, an empty one only when something left") {
  const ScratchDirectory directory;
  const std::string database = directory.file("triggerd.db");
  std::ofstream(database).close();
  CHECK(check_crash_image(database, {}, 0).empty());
  CHECK(check_crash_image(database, {arrival("k", 1)}, 1).size() == 1);
  std::ofstream(database) << std::string(8'192, 'x');
  CHECK(check_crash_image(database, {}, 0).size() == 1);
}

TEST_CASE("DSP-02 P7 an attempt that has left must be recorded") {
  const ScratchDirectory directory;
  const std::string path = directory.file("triggerd.db");
  { Database::open(directory.path(), {}, WallTime{}); }
  run(path,
      "PRAGMA foreign_keys = OFF;"
      "INSERT INTO steps (run, position, each_index, step_id, state, key, attempts, each_value, "
      "request, answer, error) VALUES (1, 0, 0, 's', 'sending', 'k', 2, '', '', '', '')");
  const auto wrong = [&](std::int64_t attempt, std::size_t count) {
    std::size_t found = 0;
    for (const std::string& problem :
         check_crash_image(path, {arrival("k", attempt), arrival("other", 1)}, count)) {
      found += problem.find("(I13)") != std::string::npos ? 1 : 0;
    }
    return found;
  };
  CHECK(wrong(2, 1) == 0);
  CHECK(wrong(3, 1) == 1);
  CHECK(wrong(3, 2) == 2);
  CHECK(wrong(3, 0) == 0);
}

}  // namespace
}  // namespace triggerd::checker
