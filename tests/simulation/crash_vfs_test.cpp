// The disk of the simulation: what was synced must survive it, what was not must be able to go.
#include "simulation/crash_vfs.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "fakes/scratch_database.h"

namespace triggerd::simulation {
namespace {

// One connection that adds rows, one commit each, until it is told to stop or the disk dies.
class Rows {
 public:
  Rows(const std::string& path, const char* synchronous) {
    CHECK(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                          "crash-test") == SQLITE_OK);
    run("PRAGMA journal_mode = WAL");
    run((std::string("PRAGMA synchronous = ") + synchronous).c_str());
    run("CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, filler TEXT)");
  }
  ~Rows() { sqlite3_close(database_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool run(const char* sql) {
    return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  bool add() { return run("INSERT INTO rows (filler) VALUES (hex(randomblob(700)))"); }
  std::string ask(const char* sql) {
    std::string answer = "failed";
    sqlite3_exec(
        database_, sql,
        [](void* text, int, char** values, char**) {
          *static_cast<std::string*>(text) = values[0] == nullptr ? "" : values[0];
          return 0;
        },
        &answer, nullptr);
    return answer;
  }

 private:
  sqlite3* database_ = nullptr;
};

struct Survival {
  int committed = 0, found = 0;
  bool sound = true;
};

Survival crash_once(const char* synchronous, std::uint64_t seed) {
  CrashVfs disk("crash-test");
  std::mt19937_64 random(seed);
  const ScratchDirectory directory;
  const std::string path = directory.file("rows.db");
  Survival result;
  {
    Rows rows(path, synchronous);
    for (int i = 0; i < 20 && rows.add(); ++i) ++result.committed;
    disk.crash_after(1 + random() % 60);
    while (rows.add()) ++result.committed;
    if (random() % 4 == 0) rows.run("PRAGMA wal_checkpoint");
  }
  disk.crash();
  disk.rebuild(Loss::unsynced, random);
  Rows rows(path, synchronous);
  result.found = std::stoi("0" + rows.ask("SELECT count(*) FROM rows"));
  result.sound = rows.ask("PRAGMA integrity_check") == "ok";
  return result;
}

TEST_CASE("P13: with synchronous=FULL no commit is lost in a power cut, whatever was not synced") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const Survival after = crash_once("FULL", seed);
    CHECK(after.sound);
    CHECK(after.found >= after.committed);
    CHECK(after.found <= after.committed + 1);
  }
}

TEST_CASE("with synchronous=OFF a power cut can lose commits: the disk does forget") {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Survival after = crash_once("OFF", seed);
    if (after.found < after.committed || !after.sound) ++lost;
  }
  CHECK(lost > 0);
}

TEST_CASE("a killed process loses nothing that was written") {
  CrashVfs disk("crash-test");
  std::mt19937_64 random(1);
  const ScratchDirectory directory;
  const std::string path = directory.file("rows.db");
  {
    Rows rows(path, "OFF");
    for (int i = 0; i < 5; ++i) CHECK(rows.add());
    const std::uint64_t before = disk.points();
    CHECK(rows.add());
    CHECK(disk.points() > before);
    disk.crash();
    CHECK_FALSE(rows.add());
  }
  disk.rebuild(Loss::nothing, random);
  Rows rows(path, "OFF");
  CHECK(rows.ask("SELECT count(*) FROM rows") == "6");
}

}  // namespace
}  // namespace triggerd::simulation
