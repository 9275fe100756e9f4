// Databases that something else has damaged: refused as they are, or read with what is right.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "rows.h"
#include "triggerd/store/database.h"

namespace triggerd {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands in the database that matters, one text a row; nothing where it is refused.
std::optional<std::vector<std::string>> rows_or_refused(const std::string& state) {
  try {
    Database database = Database::open(state, {}, at(0));
    if (database.quick_check() != "ok") return std::nullopt;
    std::vector<std::string> rows;
    for (const char* sql : {"SELECT id || trigger || account || item || state FROM streams",
                            "SELECT stream_id || ' ' || key || fingerprint || n FROM seen"}) {
      Query query(database, sql);
      while (query.next()) rows.push_back(query.text(0));
    }
    return rows;
  } catch (const StoreFailure&) {
    return std::nullopt;
  }
}

std::size_t differing(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> only;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
  return only.size();
}

TEST_CASE("COM-10: a file that is no database is refused and left as it is") {
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  { Database::open(state, {}, at(0)); }
  std::ofstream(state + "/triggerd.db", std::ios::trunc) << std::string(8'192, 'x');
  CHECK(rows_or_refused(state) == std::nullopt);
  CHECK(bytes_of(state + "/triggerd.db") == std::string(8'192, 'x'));
}

TEST_CASE("COM-10: a byte that was flipped anywhere is refused, or harms the row it stands in") {
  ScratchDirectory parent;
  const std::string whole = parent.file("whole"), state = parent.file("state");
  {
    Database database = Database::open(whole, {}, at(0));
    database.begin();
    StreamRow stream = add_active_stream(database);
    PageCommit page = page_of(stream, {});
    for (int i = 0; i < 400; ++i) {
      page.seen.push_back(seen_row("key" + std::to_string(1'000 + i), i));
    }
    commit_page(database, page);
    database.commit();
  }
  auto expected = *rows_or_refused(whole);
  REQUIRE(expected.size() == 401);
  std::sort(expected.begin(), expected.end());
  const std::string bytes = bytes_of(whole + "/triggerd.db");
  fs::create_directory(state);
  fs::permissions(state, fs::perms::owner_all);
  std::size_t refused = 0, flipped = 0;
  // In the first page each byte counts; of the others one of 64.
  for (std::size_t i = 0; i < bytes.size(); i += i < 100 ? 1 : 64, ++flipped) {
    for (const auto& old : fs::directory_iterator(state)) fs::remove(old.path());
    std::string broken = bytes;
    broken[i] = static_cast<char>(~broken[i]);
    std::ofstream(state + "/triggerd.db", std::ios::binary) << broken;
    auto rows = rows_or_refused(state);
    if (!rows) {
      ++refused;
      continue;
    }
    std::sort(rows->begin(), rows->end());
    CAPTURE(i);
    CHECK(rows->size() == expected.size());
    CHECK(differing(expected, *rows) <= 1);
  }
  // Most bytes are values; what holds them together is a part that no flip gets through.
  CHECK(refused > flipped / 20);
}

}  // namespace
}  // namespace triggerd
