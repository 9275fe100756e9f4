// What stays when the configuration, a pause or a full disk comes in between: requests in flight,
// walks, the round of a fan-out.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "small_app.h"
#include "store/failing_vfs.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

std::string parts_of(const std::string& item, const std::string& every = "1m") {
  return "  parts:\n    poll: app.list_parts\n    account: main\n    every: " + every +
         "\n    detect: [new, changed, removed]\n    for_each: {item: " + item +
         "}\n    do:\n      - action: log\n        with: {message: \"${{ .event.key }}\"}\n";
}

std::size_t requests_with(const SmallWorld& world, const std::string& piece) {
  return static_cast<std::size_t>(std::count_if(
      world.http->requests.begin(), world.http->requests.end(),
      [&](const HttpRequest& one) { return one.url.find(piece) != std::string::npos; }));
}

void put_nine(SmallWorld& world) {
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
    world.app.put(id, {{"name", "n"}});
  }
}

TEST_CASE("SCH-09: requests whose streams end in flight give their place at the account back") {
  const std::string nine = one_trigger("app.list_items", parts_of("[a, b, c, d, e, f, g, h, i]"));
  SmallWorld world(nine);
  put_nine(world);
  for (int round = 0; round < 3; ++round) {
    world.http->hold = true;
    world.pass(2 * kMinute);
    REQUIRE(world.http->waiting() >= 8);
    REQUIRE(world.load(one_trigger("app.list_items", parts_of("[a]"))));
    world.http->hold = false;
    REQUIRE(world.load(nine));
  }
  world.app.put("x", {{"name", "n"}});
  const std::size_t before = world.http->requests.size();
  world.pass(3 * kMinute);
  CHECK(world.http->requests.size() >= before + 20);
}

TEST_CASE("REL-02: a walk that is between two pages goes on over a reload and a pause of another") {
  for (const bool pause : {false, true}) {
    CAPTURE(pause);
    const std::string both = one_trigger("app.list_items", parts_of("[a]", "15m"));
    SmallWorld world(both);
    for (int i = 0; i < 9; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
    while (requests_with(world, "/items?") == 0) {
      world.clock.pass(Millis{1'000});
      world.engine->turn(Millis{0});
    }
    if (pause) {
      world.engine->operate({{"command", "pause"}, {"trigger", "parts"}});
    } else {
      REQUIRE(world.load(both));
    }
    world.pass(3 * kMinute);
    world.app.put("fresh", {{"name", "n"}});
    world.pass(2 * kMinute);
    CHECK(world.kinds_of("fresh") == Kinds{"new"});
  }
}

TEST_CASE("REL-02: a poll that fails after a reload came in between is tried again") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.http->hold = true;
  world.pass(kMinute);
  REQUIRE(world.http->waiting() == 1);
  REQUIRE(world.load(one_trigger("app.list_items", "    when: true\n")));
  world.app.fail_status = 500;
  world.http->hold = false;
  world.pass(Millis{1'000});
  world.app.fail_status = 0;
  world.app.put("fresh", {{"name", "n"}});
  world.pass(5 * kMinute);
  CHECK(world.kinds_of("fresh") == Kinds{"new"});
}

TEST_CASE(
    "REL-03, SHU-04: reloads, pauses and restarts neither bunch a fan-out nor begin it anew") {
  const std::string text = one_trigger("app.list_items", parts_of("t", "15m"));
  SmallWorld world(text);
  for (int i = 0; i < 40; ++i) world.app.put("i" + std::to_string(100 + i), {{"name", "n"}});
  world.pass(20 * kMinute);
  const std::size_t before = requests_with(world, "/parts");
  REQUIRE(before >= 40);
  for (int round = 0; round < 5; ++round) {
    world.engine->operate({{"command", "pause"}, {"trigger", "t"}});
    world.engine->operate({{"command", "resume"}, {"trigger", "t"}});
    REQUIRE(world.load(text));
    world.pass(kMinute);
  }
  CHECK(requests_with(world, "/parts") - before <= 40);
  std::set<std::string> polled;
  for (int round = 0; round < 4; ++round) {
    world.restart();
    world.pass(8 * kMinute);
    for (const HttpRequest& one : world.http->requests) {
      if (one.url.find("/parts") != std::string::npos) polled.insert(one.url);
    }
  }
  CHECK(polled.size() == 40);
}

TEST_CASE("COM-03: a reload while nothing can be written is applied when that is over") {
  FailingVfs vfs;
  SmallWorld world(one_trigger("app.list_items"), "failing");
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  vfs.full = true;
  CHECK(world.load(one_trigger("app.list_items", "    when: .record.name != \"skip\"\n")));
  world.pass(2 * kMinute);
  CHECK(world.engine->stopped_because() != "");
  world.engine->save();
  vfs.full = false;
  world.app.put("b", {{"name", "skip"}});
  world.app.put("c", {{"name", "C"}});
  world.pass(5 * kMinute);
  CHECK(world.engine->stopped_because() == "");
  CHECK(world.events().size() == 1);
  CHECK(world.kinds_of("c") == Kinds{"new"});
}

TEST_CASE("COM-03: an account polls on after answers have come while nothing could be written") {
  FailingVfs vfs;
  SmallWorld world(one_trigger("app.list_items", parts_of("[a, b, c, d, e, f, g, h, i]")),
                   "failing");
  put_nine(world);
  world.pass(2 * kMinute);
  for (int round = 0; round < 3; ++round) {
    world.http->hold = true;
    world.pass(2 * kMinute);
    REQUIRE(world.http->waiting() >= 8);
    vfs.full = true;
    world.http->hold = false;
    world.pass(2 * kMinute);
    vfs.full = false;
    world.pass(3 * kMinute);
  }
  const std::size_t before = world.http->requests.size();
  world.pass(3 * kMinute);
  CHECK(world.http->requests.size() >= before + 20);
}

TEST_CASE("several records that have one value share its stream until the last of them goes") {
  SmallWorld world(one_trigger("app.list_items", R"yaml(  colours:
    poll: app.list_colour
    account: main
    every: 1m
    for_each: {colour: t}
    do:
      - action: log
        with: {message: "${{ .event.key }}"}
)yaml"));
  world.app.put("a", {{"colour", "red"}});
  world.app.put("b", {{"colour", "red"}});
  world.pass(3 * kMinute);
  CHECK(world.engine->stream_count() == 2);
  world.app.erase("a");
  world.pass(10 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"removed"});
  CHECK(world.engine->stream_count() == 2);
  world.app.put("b", {{"colour", "blue"}});
  world.pass(3 * kMinute);
  CHECK(world.engine->stream_count() == 2);
  const std::size_t red = requests_with(world, "/colours/red");
  world.pass(5 * kMinute);
  CHECK(requests_with(world, "/colours/red") == red);
  CHECK(requests_with(world, "/colours/blue") >= 5);
}

}  // namespace
}  // namespace triggerd
