// Walks of very many pages and records in the real engine: their ends are judged in many short
// turns, what they hold in memory is bounded, and one enormous record is no end.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <set>

#include "engine/key_set.h"
#include "limits/fast_world.h"
#include "limits/measuring.h"
#include "triggerd/hash.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

constexpr Millis kMinute{60'000};

std::string list_trigger(const std::string& more = "") {
  return "  t:\n    poll: app.list_items\n    account: main\n    every: 1m\n"
         "    detect: [new, changed, removed]\n" +
         more + "    do: [{action: log, with: {message: seen}}]\n";
}

// A list in pages; each record is there unless it is hidden.
struct LongList {
  std::int64_t records = 0;
  std::int64_t page = 0;
  std::set<std::int64_t> hidden;
  std::int64_t served = 0;

  std::string operator()(const std::string& path) {
    ++served;
    const auto at = path.find("after=");
    std::int64_t from = at == std::string::npos ? 0 : std::stoll(path.substr(at + 6));
    const std::int64_t end = std::min(records, from + page);
    std::string body = R"({"items":[)";
    bool first = true;
    for (; from < end; ++from) {
      if (hidden.contains(from)) continue;
      body += std::string(first ? "" : ",") + R"({"id":"r)" + std::to_string(1'000'000 + from) +
              R"(","name":"n"})";
      first = false;
    }
    body += "]";
    if (end < records) body += R"(,"next":")" + std::to_string(end) + "\"";
    return body + "}";
  }
};

struct ListWorld {
  ListWorld(std::int64_t records, std::int64_t page, const std::string& more = "")
      : list{records, page, {}, 0},
        world([this](const std::string& path) { return list(path); },
              world_config(list_trigger(more))) {}

  std::int64_t removed() {
    return world.number("SELECT count(*) FROM events WHERE kind = 'removed'");
  }
  // Turns until the stream's last sweep is another one. Each pass has two turns at least, of which
  // one judges a thousand rows.
  void sweep() {
    const std::string before = last_sweep();
    const std::int64_t most = 1'000 + list.records / 100;
    for (std::int64_t i = 0; i < most && last_sweep() == before; ++i)
      world.pass(Millis{10'000}, Millis{10'000});
    REQUIRE(last_sweep() != before);
  }
  std::string last_sweep() {
    world.engine->save();
    return world.text("SELECT coalesce(last_sweep, 0) FROM streams");
  }

  LongList list;
  FastWorld world;
};

}  // namespace

TEST_CASE("hashes of a million keys take less than 13 bytes each, and growing stays cheap") {
  constexpr std::uint64_t kKeys = 1'000'000;
  KeySet keys;
  CHECK_FALSE(keys.contains(0));
  keys.insert(0);
  CHECK(keys.contains(0));
  for (std::uint64_t i = 1; i < kKeys; ++i) keys.insert(hash64(std::to_string(i)));
  CHECK(keys.size() == kKeys);
  keys.insert(hash64("17"));
  CHECK(keys.size() == kKeys);
  std::uint64_t found = 0, strangers = 0;
  for (std::uint64_t i = 1; i < kKeys; ++i) {
    found += keys.contains(hash64(std::to_string(i))) ? 1 : 0;
    strangers += keys.contains(hash64(std::to_string(i + kKeys))) ? 1 : 0;
  }
  CHECK(found == kKeys - 1);
  CHECK(strangers == 0);
  const double each = static_cast<double>(keys.bytes()) / static_cast<double>(kKeys);
  note_limit("memory of a sweep for each key it met", each, "bytes", 13);
  CHECK(each < 13);
  keys.clear();
  CHECK(keys.size() == 0);
  CHECK_FALSE(keys.contains(hash64("17")));
}

TEST_CASE(
    "COM-15 the end of a large sweep is judged in many turns, and finds what a small one would") {
  const std::int64_t records = setting("TRIGGERD_CONTACTS", 20'000);
  ListWorld scene(records, 5'000);
  FastWorld& world = scene.world;
  scene.sweep();
  scene.sweep();
  REQUIRE(world.number("SELECT count(*) FROM seen") == records);
  for (std::int64_t i = 0; i < 150; ++i) scene.list.hidden.insert(i * 101);
  scene.sweep();
  CHECK(scene.removed() == 0);
  CHECK(world.number("SELECT count(*) FROM seen WHERE missing = 1") == 150);
  const std::int64_t turns = world.turns;
  world.longest_turn = 0;
  // Every turn is one step: no more rows than a step may look at or write.
  const std::int64_t requests = world.http.requests();
  world.clock.pass(kMinute * 2);
  std::int64_t judged_in = 0, written_most = 0, missing = scene.removed();
  for (int i = 0; i < 10'000 && scene.removed() < 150; ++i) {
    world.turn();
    const std::int64_t now = scene.removed();
    written_most = std::max(written_most, now - missing);
    missing = now;
    if (world.http.requests() - requests >= (records + 4'999) / 5'000) ++judged_in;
  }
  CHECK(scene.removed() == 150);
  // All rows once, to mark what is missing, and again until the last that is missing is found.
  CHECK(judged_in >= records / 1'000);
  CHECK(written_most < 200);
  CHECK(world.turns > turns + records / 1'000);
  note_figure("longest turn of a sweep's end, " + std::to_string(records) + " rows",
              world.longest_turn, "ms");
  count("rows_judged", records * 4);
}

TEST_CASE(
    "COM-01 COM-15 a kill in the middle of judging a large sweep loses and repeats no removal") {
  for (const int steps : {1, 3, 8, 12, 15}) {
    CAPTURE(steps);
    ListWorld scene(5'500, 5'000);
    FastWorld& world = scene.world;
    scene.sweep();
    for (std::int64_t i = 0; i < 5'000; i += 100) scene.list.hidden.insert(i);
    scene.sweep();
    world.clock.pass(kMinute * 2);
    const std::int64_t before = scene.list.served;
    while (scene.list.served < before + 2) world.turn();
    for (int i = 0; i < steps; ++i) world.turn();
    world.start();
    scene.sweep();
    scene.sweep();
    scene.sweep();
    CHECK(scene.removed() == 50);
    CHECK(world.number("SELECT count(*) FROM events") == 50);
    CHECK(world.number("SELECT count(*) FROM runs WHERE state <> 'done'") == 0);
  }
}

TEST_CASE("REL-02 a reload in the middle of judging a large sweep goes on with it") {
  ListWorld scene(5'500, 5'000);
  FastWorld& world = scene.world;
  scene.sweep();
  for (std::int64_t i = 0; i < 5'000; i += 100) scene.list.hidden.insert(i);
  scene.sweep();
  world.clock.pass(kMinute * 2);
  const std::int64_t before = scene.list.served;
  while (scene.list.served < before + 2) world.turn();
  world.turn();
  REQUIRE(scene.removed() == 0);
  world.load(world_config(list_trigger("    priority: high\n")));
  for (int i = 0; i < 40; ++i) world.turn();
  CHECK(scene.list.served == before + 2);
  CHECK(scene.removed() == 50);
}

TEST_CASE("a sweep that lacks half of a large list is an incident, judged in steps as well") {
  ListWorld scene(5'500, 5'000);
  FastWorld& world = scene.world;
  scene.sweep();
  for (std::int64_t i = 0; i < 4'000; ++i) scene.list.hidden.insert(i);
  for (int i = 0; i < 3; ++i) scene.sweep();
  CHECK(world.number("SELECT count(*) FROM seen WHERE missing > 0") == 0);
  CHECK(world.number("SELECT suspicious FROM streams") == 3);
  scene.list.hidden.clear();
  scene.sweep();
  CHECK(world.number("SELECT suspicious FROM streams") == 0);
  CHECK(world.number("SELECT count(*) FROM events") == 0);
}

TEST_CASE(
    "PAG-07 a list of more pages than a cycle may have is swept over several, and removals are "
    "found") {
  ListWorld scene(4'100, 2);
  FastWorld& world = scene.world;
  while (world.number("SELECT count(*) FROM streams WHERE state = 'active'") == 0)
    world.pass(kMinute);
  // One poll reads its 2,000 pages and no more; the next one goes on behind them.
  CHECK(world.number("SELECT count(*) FROM seen") == 4'100);
  scene.list.hidden = {7, 3'999, 4'020};
  scene.sweep();
  CHECK(scene.removed() == 0);
  scene.sweep();
  scene.sweep();
  CHECK(scene.removed() == 3);
  SUBCASE("but not by a sweep that a restart cut in two") {
    scene.list.hidden.insert(100);
    scene.sweep();
    const std::int64_t served = scene.list.served;
    while (scene.list.served < served + 2'000) world.pass(Millis{1'000});
    world.start();
    scene.sweep();
    CHECK(scene.removed() == 3);
    scene.sweep();
    scene.sweep();
    CHECK(scene.removed() == 4);
  }
}

TEST_CASE(
    "a sweep of pages that come slowly pauses after ten minutes, goes on, and finds removals") {
  ListWorld scene(2'000, 2);
  FastWorld& world = scene.world;
  const auto live = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      world.clock.pass(Millis{1'000});
      world.turn();
    }
  };
  live(1'200);
  REQUIRE(world.number("SELECT count(*) FROM streams WHERE state = 'active'") == 1);
  scene.list.hidden = {7, 1'501};
  live(4'500);
  CHECK(scene.removed() == 2);
  CHECK(world.number("SELECT count(*) FROM events") == 2);
  CHECK(world.number("SELECT count(*) FROM streams WHERE failures > 0") == 0);
}

TEST_CASE(
    "PAG-07 an endless list is read on and on, 2,000 pages a poll, in memory that does not grow") {
  LongList endless{INT64_MAX, 5, {}, 0};
  FastWorld world([&](const std::string& path) { return endless(path); },
                  world_config(list_trigger()));
  world.pass(kMinute * 2);
  const std::int64_t heap = heap_in_use() - sqlite3_memory_used();
  const std::int64_t served = endless.served;
  REQUIRE(served >= 2'000);
  for (int i = 0; i < 3; ++i) world.pass(kMinute);
  CHECK(endless.served - served <= 4 * 2'000);
  CHECK(endless.served - served >= 2'000);
  // What the walk has met; SQLite's cache counts by itself.
  const double grown =
      static_cast<double>(heap_in_use() - sqlite3_memory_used() - heap) / 1'000'000;
  note_limit("heap grown over 6,000 pages of an endless list", grown, "MB", 2);
  CHECK(grown < 2);
  CHECK(world.number("SELECT count(*) FROM walk_gaps WHERE reason = '2000 pages'") == 1);
  CHECK(world.number("SELECT count(*) FROM events") == 0);
}

TEST_CASE("PAR-04 enormous records are set aside, large ones are read, and the next one is, too") {
  std::string body = R"({"items":[{"id":"a","name":"n"}]})";
  FastWorld world([&](const std::string&) { return body; }, world_config(list_trigger()));
  world.pass(kMinute * 2);
  const auto members = [](const std::string& start, bool same, std::size_t bytes) {
    std::string text = R"({"items":[{"id":"a","name":"n")";
    for (int i = 0; text.size() < bytes; ++i) {
      text += ",\"" + start + (same ? "" : std::to_string(i)) + "\":1";
    }
    return text + "}]}";
  };
  struct Large {
    std::string what, body;
    bool set_aside;
  };
  const std::vector<Large> all{
      {"10^6 members", members("k", false, 13'000'000), true},
      {"members that begin alike", members(std::string(200, 'k'), false, 13'000'000), true},
      {"members of one name", members("k", true, 13'000'000), true},
      {"a text of 15 MB",
       R"({"items":[{"id":"a","name":")" + std::string(15'000'000, 'x') + "\"}]}", true},
      {"members of 1 MB", members("k", false, 1'000'000), false},
      {"a text of 1 MB", R"({"items":[{"id":"a","name":")" + std::string(1'000'000, 'x') + "\"}]}",
       false}};
  std::int64_t set_aside = 0;
  for (const Large& large : all) {
    CAPTURE(large.what);
    body = large.body;
    world.longest_turn = 0;
    const std::int64_t changes =
        world.number("SELECT count(*) FROM events WHERE kind = 'changed' AND key = 'a'");
    world.pass(kMinute);
    note_figure("turn with " + large.what, world.longest_turn, "ms");
    const std::int64_t odd =
        world.number("SELECT coalesce(sum(times), 0) FROM odd_records WHERE key = 'a'");
    CHECK((odd > set_aside) == large.set_aside);
    set_aside = odd;
    CHECK((world.number("SELECT count(*) FROM events WHERE kind = 'changed' AND key = 'a'") >
           changes) != large.set_aside);
    body = R"({"items":[{"id":"a","name":"n"},{"id":")" + large.what + "\"}]}";
    world.pass(kMinute);
    CHECK(world.number("SELECT count(*) FROM events WHERE kind = 'new' AND key = '" + large.what +
                       "'") == 1);
  }
  CHECK(world.number("SELECT count(*) FROM events WHERE kind = 'removed' AND key = 'a'") == 0);
  note_figure("resident after them", memory_mb(0, "VmRSS"), "MB");
}
