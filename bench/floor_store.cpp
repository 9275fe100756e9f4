#include "floor_store.h"

#include <xxhash.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace triggerd::bench {

FloorStore::FloorStore(const std::string& path) {
  sqlite3_open(path.c_str(), &handle_);
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
  execute(
      "CREATE TABLE seen (stream INTEGER, key TEXT, hash INTEGER, PRIMARY KEY (stream, key)) "
      "WITHOUT ROWID");
  execute(
      "CREATE TABLE events (id INTEGER PRIMARY KEY, stream INTEGER, key TEXT, body TEXT, "
      "done INTEGER)");
  execute("CREATE TABLE streams (id INTEGER PRIMARY KEY, hash INTEGER)");
  seen_ = prepared("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)");
  event_ = prepared("INSERT INTO events (stream, key, body, done) VALUES (?, ?, ?, 0)");
  stream_ = prepared("INSERT OR REPLACE INTO streams VALUES (?, ?)");
  done_ = prepared("UPDATE events SET done = 1 WHERE id = ?");
}

FloorStore::~FloorStore() {
  for (sqlite3_stmt* statement : {seen_, event_, stream_, done_}) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void FloorStore::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "bench_floor: %s: %s\n", sql, sqlite3_errmsg(handle_));
  std::exit(1);
}

sqlite3_stmt* FloorStore::prepared(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "bench_floor: %s: %s\n", sql, sqlite3_errmsg(handle_));
    std::exit(1);
  }
  return statement;
}

void FloorStore::step(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) {
    std::fprintf(stderr, "bench_floor: %s\n", sqlite3_errmsg(handle_));
    std::exit(1);
  }
  sqlite3_reset(statement);
}

void FloorStore::begin() {
  if (!std::exchange(begun_, true)) execute("BEGIN IMMEDIATE");
}

void FloorStore::commit() {
  if (std::exchange(begun_, false)) execute("COMMIT");
}

std::int64_t FloorStore::add(std::int64_t stream, std::string_view key, std::string_view record,
                             std::uint64_t page_hash) {
  const auto bind_text = [](sqlite3_stmt* to, int at, std::string_view text) {
    sqlite3_bind_text(to, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  };
  sqlite3_bind_int64(seen_, 1, stream);
  bind_text(seen_, 2, key);
  sqlite3_bind_int64(seen_, 3,
                     static_cast<std::int64_t>(XXH3_64bits(record.data(), record.size())));
  step(seen_);
  sqlite3_bind_int64(event_, 1, stream);
  bind_text(event_, 2, key);
  bind_text(event_, 3, record);
  step(event_);
  const std::int64_t event = sqlite3_last_insert_rowid(handle_);
  sqlite3_bind_int64(stream_, 1, stream);
  sqlite3_bind_int64(stream_, 2, static_cast<std::int64_t>(page_hash));
  step(stream_);
  return event;
}

void FloorStore::acknowledge(std::int64_t event) {
  sqlite3_bind_int64(done_, 1, event);
  step(done_);
}

}  // namespace triggerd::bench
