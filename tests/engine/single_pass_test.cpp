// `triggerd once`: when a single pass is over.
#include <doctest/doctest.h>

#include "small_app.h"

namespace triggerd {
namespace {

// One pass, until it says that it is over or has taken a minute.
bool run_pass(SmallWorld& world) {
  for (int tenth = 0; tenth < 600; ++tenth) {
    for (int turn = 0; turn < 3; ++turn) {
      world.engine->turn(Millis{0});
      if (world.engine->finished()) return true;
    }
    world.clock.pass(Millis{100});
  }
  return false;
}

TEST_CASE("DSP-09: a single pass is over when what waits for a free place is delivered, too") {
  SmallWorld world(one_trigger("app.list_items"), "", true);
  world.app.page_size = 500;
  REQUIRE(run_pass(world));
  for (int i = 100; i < 250; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.restart();
  CHECK(run_pass(world));
  CHECK(world.events().size() == 150);
  CHECK(world.app.delivered.size() == 150);
}

TEST_CASE("a single pass does not wait for a receiver that is down") {
  SmallWorld world(one_trigger("app.list_items"), "", true);
  world.app.page_size = 500;
  REQUIRE(run_pass(world));
  for (int i = 100; i < 200; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.app.hook_status = 503;
  world.restart();
  CHECK(run_pass(world));
  CHECK(world.app.delivered.empty());
  CHECK(world.view("pending_runs").size() == 100);
}

}  // namespace
}  // namespace triggerd
