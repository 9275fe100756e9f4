// The floor's database: a row for a record seen, an event and the stream's hash in one group
// commit, WAL and synchronous=FULL. Used by floor.cpp. Failures end the program.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace triggerd::bench {

class FloorStore {
 public:
  explicit FloorStore(const std::string& path);
  ~FloorStore();
  FloorStore(const FloorStore&) = delete;
  FloorStore& operator=(const FloorStore&) = delete;

  void begin();   // nothing when it has begun
  void commit();  // nothing when nothing has begun
  std::int64_t add(std::int64_t stream, std::string_view key, std::string_view record,
                   std::uint64_t page_hash);  // the event's number
  void acknowledge(std::int64_t event);

 private:
  void execute(const char* sql);
  sqlite3_stmt* prepared(const char* sql);
  void step(sqlite3_stmt* statement);

  sqlite3* handle_ = nullptr;
  sqlite3_stmt *seen_ = nullptr, *event_ = nullptr, *stream_ = nullptr, *done_ = nullptr;
  bool begun_ = false;
};

}  // namespace triggerd::bench
