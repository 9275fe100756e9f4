// What a crash or a failing disk leaves of an attempt: never a second attempt 1, never a stuck run.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>

#include "dispatch/dispatch_world.h"
#include "triggerd/dispatch/dispatcher.h"

namespace triggerd {
namespace {

using nlohmann::json;
using testing::header_of;
using testing::hook;
using testing::http_of;
using testing::make_step;
using testing::send_end;
using testing::succeeded;
using testing::World;

TEST_CASE(
    "after a crash between send and end the same key and bytes go out as attempt 2 (DSP-01)") {
  World world({hook()});
  world.add_event("r1", {{"id", 7}});
  const Send first = world.prepare_one();
  world.crash();
  const Send again = world.prepare_one();
  CHECK(again.attempt.number == 2);
  CHECK(header_of(http_of(again), "X-Triggerd-Attempt") == "2");
  CHECK(header_of(http_of(again), "webhook-id") == header_of(http_of(first), "webhook-id"));
  CHECK(http_of(again).body == http_of(first).body);
}

TEST_CASE(
    "a crash before the send, after the attempt was recorded, is labelled likewise (DSP-02)") {
  World world({make_step("exec", {{"command", json::array({"/bin/true"})}})});
  world.add_event("r1");
  world.prepare_one();  // recorded, never sent
  world.crash();
  const Send again = world.prepare_one();
  const auto& variables = std::get<SpawnRequest>(again.what).environment;
  CHECK(std::find(variables.begin(), variables.end(),
                  std::pair<std::string, std::string>("TRIGGERD_ATTEMPT", "2")) != variables.end());
}

TEST_CASE("a send whose commit failed never happened: the next one is attempt 1 again") {
  World world({hook()});
  world.add_event("r1");
  world.database->begin();
  const auto sends =
      world.dispatcher->prepare(*world.database, world.gates, world.wall, world.steady);
  REQUIRE(sends.size() == 1);
  world.database->rollback();
  world.dispatcher->forget(sends.front());
  CHECK(world.dispatcher->in_flight() == 0);
  CHECK(world.prepare_one().attempt.number == 1);
}

TEST_CASE(
    "an end whose commit failed may be taken again; a lost one is a labelled repeat (DSP-01)") {
  World world({hook()});
  const std::int64_t run = world.add_event("r1");
  const Send send = world.prepare_one();
  world.database->begin();
  world.dispatcher->take(*world.database, send, send_end(SendClass::transient, 500), world.wall);
  world.database->rollback();
  SUBCASE("taken again") {
    world.take(send, succeeded());
    CHECK(world.run(run).state == "done");
  }
  SUBCASE("lost") { CHECK(world.prepare_one().attempt.number == 2); }
}

// A rule in the database itself that refuses the attempts of one run, as a full disk would.
void refuse_attempts_of(const World& world, std::int64_t run) {
  sqlite3* beside = nullptr;
  REQUIRE(sqlite3_open((world.state.path + "/triggerd.db").c_str(), &beside) == SQLITE_OK);
  const std::string rule =
      "CREATE TRIGGER refuse BEFORE INSERT ON attempts WHEN NEW.run = " + std::to_string(run) +
      " BEGIN SELECT RAISE(ABORT, 'full'); END";
  REQUIRE(sqlite3_exec(beside, rule.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(beside);
}

TEST_CASE("a store that fails while attempts are written leaves nothing in flight (COM-03)") {
  World world({hook()});
  world.add_event("r1");
  const std::int64_t second = world.add_event("r2");
  refuse_attempts_of(world, second);
  world.database->begin();
  CHECK_THROWS_AS(world.dispatcher->prepare(*world.database, world.gates, world.wall, world.steady),
                  StoreFailure);
  world.database->rollback();
  CHECK(world.dispatcher->in_flight() == 0);
  CHECK(world.dispatcher->busy_runs().empty());
}

}  // namespace
}  // namespace triggerd
