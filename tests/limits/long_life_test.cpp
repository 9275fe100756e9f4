// A week of a thousand streams on a set clock (TRIGGERD_DAYS, TRIGGERD_STREAMS; ctest runs some
// hours of a few): the heap and the database do not grow but for the rows of records that are new,
// and what such a row takes is known.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>

#include "limits/fast_world.h"
#include "limits/measuring.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

constexpr Millis kHour{3'600'000};
constexpr std::int64_t kRecords = 20;  // of each group

std::string groups_trigger(std::int64_t streams) {
  std::string values;
  for (std::int64_t i = 0; i < streams; ++i)
    values += (i == 0 ? "" : ", ") + ("g" + std::to_string(i));
  return "  t:\n    poll: app.list_groups\n    account: main\n    every: 15m\n"
         "    detect: [new, changed, removed]\n    for_each: {group: [" +
         values +
         "]}\n"
         "    do: [{action: log, with: {message: \"${{ .event.key }}\"}}]\n";
}

// Each hour one record of each group is another one than before.
struct Groups {
  const SetClock* clock = nullptr;
  WallTime began{};
  std::int64_t records = kRecords;

  std::string operator()(const std::string& path) const {
    const std::int64_t hour = clock == nullptr ? 0 : (clock->wall() - began) / kHour;
    std::string body = R"({"items":[)";
    for (std::int64_t i = 0; i < records; ++i) {
      // The last hour, at which it was this record's turn.
      const std::int64_t version = (hour - i % kRecords + kRecords) / kRecords;
      body += std::string(i == 0 ? "" : ",") + R"({"id":")" + path.substr(8) + "-" +
              std::to_string(1'000 + i) + R"(","name":"name )" + std::to_string(version) + "\"}";
    }
    return body + "]}";
  }
};

struct Size {
  std::int64_t heap = 0, sqlite = 0, file = 0, rows = 0;
};

Size size_of(FastWorld& world) {
  Size size;
  world.engine->save();
  world.engine->database().checkpoint();
  size.sqlite = sqlite3_memory_used();
  size.heap = heap_in_use() - size.sqlite;
  size.file =
      static_cast<std::int64_t>(std::filesystem::file_size(world.directory.file("triggerd.db")));
  size.rows = world.number("SELECT count(*) FROM seen");
  return size;
}

}  // namespace

TEST_CASE(
    "DET-15 SHU-10 a long life of many streams grows by nothing but the rows of new records") {
  const std::int64_t streams = setting("TRIGGERD_STREAMS", kSanitized ? 20 : 100);
  const std::int64_t hours =
      setting("TRIGGERD_DAYS", 0) * 24 + (setting("TRIGGERD_DAYS", 0) == 0 ? 36 : 0);
  Groups groups;
  // What happened is forgotten after a day, so that the history is as long as it gets before the
  // first measurement.
  FastWorld world(
      [&](const std::string& path) { return groups(path); },
      world_config(groups_trigger(streams), "engine:\n  retention: {events: 1d, bodies: 1d}\n"));
  groups.clock = &world.clock;
  groups.began = world.clock.wall();
  const auto live = [&](std::int64_t count) { world.pass(kHour * count, Millis{30'000}); };
  live(hours > 48 ? 48 : 30);
  const Size early = size_of(world);
  REQUIRE(early.rows == streams * kRecords);
  const std::int64_t events = world.number("SELECT coalesce(max(id), 0) FROM events");
  CHECK(events >= streams * 28);
  live(hours - (hours > 48 ? 48 : 30));
  const Size late = size_of(world);
  CHECK(late.rows == early.rows);
  const double heap = static_cast<double>(late.heap - early.heap) / 1'000'000;
  const double file = static_cast<double>(late.file) / static_cast<double>(early.file);
  const std::string span =
      std::to_string(hours) + " hours of " + std::to_string(streams) + " streams";
  note_limit("heap grown over " + span, heap, "MB", 1);
  note_limit("database after " + span + ", to that after the first part", file, "x", 1.1);
  CHECK(heap < 1);
  CHECK(file < 1.1);
  CHECK(world.number("SELECT count(*) FROM runs WHERE state <> 'done'") == 0);
  note_figure("heap a stream", static_cast<double>(late.heap) / static_cast<double>(streams),
              "bytes");
  count("simulated_hours", hours);
  count("polls", world.http.requests());

  // Four times as many records: the file grows by the formula of docs/limits.md.
  const std::int64_t seen_before = world.file_bytes("seen");
  groups.records = kRecords * 4;
  live(1);
  const std::int64_t added = world.number("SELECT count(*) FROM seen") - late.rows;
  REQUIRE(added == streams * kRecords * 3);
  const double each =
      static_cast<double>(world.file_bytes("seen") - seen_before) / static_cast<double>(added);
  const double content =
      static_cast<double>(world.number("SELECT sum(length(key) + length(remembered)) FROM seen")) /
      static_cast<double>(late.rows + added);
  const double formula = (content + 45) * 1.5;
  note_figure("  of it key and remembered fields", content, "bytes");
  note_limit("a seen row in the file", each, "bytes", formula);
  CHECK(each < formula);
  CHECK(each > content);
}
