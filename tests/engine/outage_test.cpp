// What waits over a long time or an edit: an endpoint that is down for days, a trigger that is
// removed or renamed, records that an app shows late.
#include <doctest/doctest.h>

#include <string>

#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};
constexpr Millis kHour{3'600'000};

std::string renamed(const std::string& text, const std::string& to) {
  std::string after = text;
  after.replace(after.find("  t:\n"), 5, "  " + to + ":\n");
  return after;
}

// Most of each hour passes without a turn, as if nothing were due in it.
void pass_hours(SmallWorld& world, int hours) {
  for (int i = 0; i < hours; ++i) {
    world.clock.pass(kHour - kMinute / 2);
    world.pass(kMinute / 2);
  }
}

TEST_CASE("DSP-10: an endpoint that is down for almost three days gets all, once, in order") {
  std::string text = one_trigger("app.list_items");
  const std::string kind = "${{ .event.kind }}";
  text.replace(text.find(kind), kind.size(), "${{ .record.name }}");
  SmallWorld world(text);
  world.app.put("a", {{"name", "0"}});
  world.pass(2 * kMinute);
  world.app.hook_status = 503;
  for (int state = 1; state <= 5; ++state) {
    world.app.put("a", {{"name", std::to_string(state)}});
    world.pass(2 * kMinute);
  }
  pass_hours(world, 70);
  CHECK(world.app.hooks.size() < 150);
  CHECK(world.app.delivered.empty());
  world.app.hook_status = 200;
  pass_hours(world, 2);
  REQUIRE(world.app.delivered.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(world.app.delivered[i]);
    CHECK(world.app.delivered[i].find("\"" + std::to_string(i + 1) + "\"") != std::string::npos);
  }
}

TEST_CASE("REL-06: what waits is delivered although its trigger is gone from the configuration") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.app.hook_status = 503;
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  REQUIRE(world.events().size() == 1);
  REQUIRE(world.app.delivered.empty());
  REQUIRE(world.load(renamed(one_trigger("app.list_items"), "other")));
  world.app.hook_status = 200;
  world.restart();
  world.pass(10 * kMinute);
  CHECK(world.app.delivered.size() == 1);
}

TEST_CASE("DET-13: a trigger that is renamed with `formerly` fires for nothing it knows") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "A2"}});
  world.app.erase("b");
  REQUIRE(world.load(renamed(one_trigger("app.list_items", "    formerly: t\n"), "hot")));
  world.pass(5 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"changed"});
  CHECK(world.kinds_of("b") == Kinds{"removed"});
  for (const nlohmann::json& event : world.events()) CHECK(event.at("trigger") == "hot");
}

TEST_CASE("DET-03: an app that shows records late is asked for twice as far back from then on") {
  SmallWorld world(one_trigger("app.search_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  // How far before the newest record the last request for changes asked.
  const auto overlap_after = [&world](const std::string& id) {
    world.app.put(id, {{"name", id}});
    const WallTime stamp = world.clock.wall();
    world.pass(3 * kMinute);
    std::optional<WallTime> since;
    for (const HttpRequest& one : world.http->requests) {
      const std::string asked = query_value(one.url, "since");
      if (!asked.empty()) since = parse_iso8601(unescaped(asked));
    }
    REQUIRE(since);
    return std::chrono::duration_cast<Millis>(stamp - *since);
  };
  CHECK(overlap_after("b") == 2 * kMinute);
  const WallTime newest = *parse_iso8601(world.app.items["b"]["updated"].get<std::string>());
  world.app.put("late", {{"name", "L"}});
  world.app.items["late"]["updated"] = to_iso8601(newest - kMinute * 3 / 2);
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("late") == Kinds{"new"});
  CHECK(overlap_after("c") == 3 * kMinute);
}

}  // namespace
}  // namespace triggerd
