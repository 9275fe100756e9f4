// What a wall clock that is stepped may do: nothing that a user sees.
#include <doctest/doctest.h>

#include <algorithm>

#include "fakes/log_recorder.h"
#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

TEST_CASE("SCH-01, SCH-02: steps of the wall clock neither bunch nor stop polls") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  for (const Millis step : {Millis{-86'400'000}, Millis{86'400'000LL * 400}}) {
    const std::size_t before = world.http->requests.size();
    world.clock.step_wall(step);
    world.pass(10 * kMinute);
    const std::size_t polls = world.http->requests.size() - before;
    CHECK(polls >= 9);
    CHECK(polls <= 11);
  }
}

TEST_CASE("SCH-01: a clock that is stepped back a day does not hold up sweeps") {
  SmallWorld world(one_trigger("app.search_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  world.pass(2 * kMinute);
  world.clock.step_wall(Millis{-86'400'000});
  world.app.erase("a");
  world.pass(30 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"removed"});
}

TEST_CASE("SCH-01: a clock that is stepped back by hours holds up no retry") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.app.hook_status = 500;
  world.app.put("a", {{"name", "n"}});
  world.pass(3 * kMinute);
  REQUIRE(!world.app.hooks.empty());
  world.clock.step_wall(-5 * 60 * kMinute);
  world.app.hook_status = 200;
  world.pass(10 * kMinute);
  CHECK(world.app.delivered.size() == 1);
}

TEST_CASE("SCH-03: a start in 1970, until the time is known, leaves nothing behind") {
  SmallWorld world(one_trigger("app.search_items"));
  const Millis back = std::chrono::duration_cast<Millis>(world.clock.wall().time_since_epoch());
  world.app.put("old", {{"name", "A"}});
  world.clock.step_wall(-back);
  world.app.ahead = back;
  world.restart();
  world.pass(3 * kMinute);
  world.app.put("a", {{"name", "A"}});
  world.pass(3 * kMinute);
  world.clock.step_wall(back);
  world.app.ahead = Millis{0};
  world.pass(2 * kMinute);
  world.app.put("b", {{"name", "B"}});
  world.app.put("old", {{"name", "B"}});
  world.pass(3 * kMinute);
  CHECK(world.kinds_of("old") == Kinds{"changed"});
  CHECK(world.kinds_of("b") == Kinds{"new"});
  // The event of `a` is as old as its time says by now, and finished: it need not be kept.
  CHECK(world.app.delivered.size() == 3);
  for (const nlohmann::json& row : world.view("cursors")) {
    CHECK(row.at("watermark").get<std::string>() > "2026-03-01");
  }
}

TEST_CASE("SCH-04: after a stop of the process nothing is called late that only had no time") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(10 * kMinute);
  recorded_log().clear();
  // The app does not answer at once: the turn that wakes finds everything behind its promise.
  world.http->hold = true;
  world.clock.pass(60 * kMinute);
  world.engine->turn(Millis{0});
  world.http->hold = false;
  world.pass(5 * kMinute);
  const auto told = [](const char* fact) {
    const auto& lines = recorded_log();
    return std::any_of(lines.begin(), lines.end(),
                       [fact](const LogLine& line) { return line.fact == fact; });
  };
  CHECK(told("nothing ran for a while, or the clock was stepped forward"));
  CHECK_FALSE(told("a stream is late"));
}

}  // namespace
}  // namespace triggerd
