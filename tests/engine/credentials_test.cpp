// Credentials that change while the engine runs, and an account that is no longer there.
#include <doctest/doctest.h>

#include "fakes/log_recorder.h"
#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

TEST_CASE("REL-07: with a token that was exchanged, polls go on at once after a reload") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.accepts = "secret";
  world.pass(2 * kMinute);
  world.app.accepts = "another";
  world.app.put("a", {{"name", "A"}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("a").empty());
  CHECK(world.view("status").front().value("last_error", "") == "HTTP 401: Invalid token");
  world.token = "another";
  REQUIRE(world.load(world.triggers_text));
  world.pass(Millis{10'000});
  CHECK(world.kinds_of("a") == Kinds{"new"});
}

TEST_CASE("REL-07: refused credentials ask for the secrets to be read again, once each time") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  CHECK_FALSE(world.engine->take_refused_credentials());
  world.app.accepts = "another";
  world.pass(3 * kMinute);
  CHECK(world.engine->take_refused_credentials());
  CHECK_FALSE(world.engine->take_refused_credentials());
  // The same secrets leave the account where it is.
  const std::size_t before = world.http->requests.size();
  REQUIRE(world.load(world.triggers_text));
  world.pass(Millis{10'000});
  CHECK(world.http->requests.size() == before);
  world.pass(60 * kMinute);
  CHECK(world.engine->take_refused_credentials());
}

TEST_CASE("DET-18: a location that is gone makes no events, and one that is back goes on") {
  for (const int status : {403, 404}) {
    CAPTURE(status);
    SmallWorld world(one_trigger("app.list_items"));
    for (const char* id : {"a", "b", "c", "d"}) world.app.put(id, {{"name", "A"}});
    world.pass(3 * kMinute);
    world.app.fail_status = status;
    world.app.fail_body = R"({"message":"Location is not active"})";
    const std::size_t before = world.http->requests.size();
    world.pass(24 * 60 * kMinute);
    CHECK(world.events().empty());
    CHECK(world.http->requests.size() - before < 24 * 20);  // not at full pace
    const nlohmann::json status_row = world.view("status").front();
    CHECK(status_row.value("health", "") == "failing");
    CHECK(status_row.value("last_error", "") ==
          "HTTP " + std::to_string(status) + ": Location is not active");
    world.app.fail_status = 0;
    world.app.erase("a");
    world.app.put("b", {{"name", "B"}});
    world.pass(60 * kMinute);
    CHECK(world.kinds_of("a") == Kinds{"removed"});
    CHECK(world.kinds_of("b") == Kinds{"changed"});
    CHECK(world.events().size() == 2);
  }
}

}  // namespace
}  // namespace triggerd
