// Schema versions: newer ones are refused, older ones are copied and brought up to date, or stay as
// they were.
#include "store/migrations.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "rows.h"

namespace triggerd {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const int kNewest = Database::newest_schema_version();

std::vector<EmbeddedFile> with_next(std::string_view next) {
  std::vector<EmbeddedFile> files(embedded_migrations().begin(), embedded_migrations().end());
  static const std::string number = std::to_string(kNewest + 1);
  files.push_back({number, next});
  return files;
}

TEST_CASE("UPG-01: a newer schema is refused with both versions named, and no byte is changed") {
  ScratchDatabase scratch;
  const std::string path = scratch.directory().file("triggerd.db");
  note_setting(*scratch, "a", "b");
  scratch->parts().execute("PRAGMA user_version = 99");
  scratch.close();
  const std::string before = bytes_of(path);
  for (const bool read_only : {false, true}) {
    CAPTURE(read_only);
    DatabaseOptions options;
    options.read_only = read_only;
    try {
      scratch.reopen(options);
      FAIL("it was opened");
    } catch (const StoreFailure& failure) {
      CHECK(failure.kind() == StoreFailure::Kind::refused);
      const std::string what = failure.what();
      CHECK(what.find("schema 99") != std::string::npos);
      CHECK(what.find("schema " + std::to_string(Database::newest_schema_version())) !=
            std::string::npos);
    }
    CHECK(bytes_of(path) == before);
  }
}

TEST_CASE(
    "UPG-02: an older schema is copied, then migrated; the copy is whole and closed to others") {
  ScratchDatabase scratch;
  note_setting(*scratch, "a", "kept");
  Database::Parts& parts = scratch->parts();
  migrate(parts, with_next("CREATE TABLE later (id INTEGER); "
                           "UPDATE settings SET value = 'moved';"));
  CHECK(read_version(parts) == kNewest + 1);
  CHECK(read_setting(*scratch, "a") == std::optional<std::string>("moved"));
  const std::string copy =
      scratch.directory().file("triggerd.db.before-" + std::to_string(kNewest + 1));
  REQUIRE(fs::exists(copy));
  struct stat found {};
  REQUIRE(::stat(copy.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600);

  ScratchDirectory other;
  fs::rename(copy, other.file("triggerd.db"));
  ::chmod(other.file("triggerd.db").c_str(), 0600);
  Database restored = Database::open(other.path(), {}, at(0));
  CHECK(restored.schema_version() == kNewest);
  CHECK(read_setting(restored, "a") == std::optional<std::string>("kept"));
}

TEST_CASE(
    "UPG-02: a migration that fails in its middle leaves the old schema, and can be repeated") {
  ScratchDatabase scratch;
  note_setting(*scratch, "a", "kept");
  Database::Parts& parts = scratch->parts();
  const auto broken = with_next(
      "CREATE TABLE later (id INTEGER); UPDATE settings SET value = 'x'; "
      "INSERT INTO no_such_table VALUES (1);");
  CHECK_THROWS_AS(migrate(parts, broken), StoreFailure);
  CHECK(read_version(parts) == kNewest);
  CHECK(read_setting(*scratch, "a") == std::optional<std::string>("kept"));
  CHECK(number(*scratch, "SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0);
  migrate(parts, with_next("CREATE TABLE later (id INTEGER);"));
  CHECK(read_version(parts) == kNewest + 1);
  scratch.close();
  CHECK_THROWS_AS(scratch.reopen(), StoreFailure);
}

TEST_CASE("UPG-02: a database of the first schema is brought up to date with what it knew") {
  ScratchDirectory directory;
  const std::string path = directory.file("triggerd.db");
  {
    SQLite::Database first(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    first.exec(std::string(embedded_migrations().front().text) + ";PRAGMA user_version = 1");
    first.exec(
        "INSERT INTO triggers VALUES ('leads', 'app.list', 's1', 'watch', 1, 'holidays', 5, 7, "
        "NULL)");
  }
  ::chmod(directory.path().c_str(), 0700);
  ::chmod(path.c_str(), 0600);
  Database database = Database::open(directory.path(), {}, at(0));
  CHECK(database.schema_version() == kNewest);
  const std::vector<TriggerRow> rows = load_triggers(database);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].paused_reason == "holidays");
}

TEST_CASE("UPG-02: a new database needs no copy, and opening it again migrates nothing") {
  ScratchDatabase scratch;
  CHECK(scratch->schema_version() == Database::newest_schema_version());
  scratch.reopen();
  for (const auto& entry : fs::directory_iterator(scratch.directory().path())) {
    CHECK(entry.path().string().find("before") == std::string::npos);
  }
}

TEST_CASE("a database of somebody else is refused") {
  ScratchDirectory parent;
  ::chmod(parent.path().c_str(), 0700);
  const std::string path = parent.file("triggerd.db");
  {
    SQLite::Database foreign(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    foreign.exec("CREATE TABLE accounts (id INTEGER)");
  }
  const std::string before = bytes_of(path);
  CHECK_THROWS_AS(Database::open(parent.path(), {}, at(0)), StoreFailure);
  CHECK(bytes_of(path) == before);
}

}  // namespace
}  // namespace triggerd
