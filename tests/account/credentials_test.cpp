// Credentials that come and go: never signed in, another client, a reload in between, and tokens
// that are asked for with others.
#include <doctest/doctest.h>

#include "account/token_world.h"

namespace triggerd {
namespace {

using testing::kHour;
using testing::kMinute;
using testing::kSecond;
using testing::World;

TEST_CASE("an account that was never signed in says how, and others go on") {
  World world({oauth_account("main"), oauth_account("second")}, false);
  store_pair(world.folder, *world.config->account("second"), "s", world.wall);
  world.restart();
  world.pass(kMinute, kSecond);
  CHECK(world.standing["main"].reason == "not signed in: run `triggerd auth login main`");
  CHECK(world.standing["second"].hold == Millis{0});
  CHECK(world.asked["main"] == 0);
}

TEST_CASE("another client or location is another credential: a person signs in again") {
  World world({oauth_account("main")});
  Account other = oauth_account("main");
  other.secrets["client_id"] = Secret("client-2");
  world.config = accounts_of({other});
  world.tokens->follow(world.config, world.wall, world.now);
  world.turn();
  CHECK(world.standing["main"].reason.find("belongs to another client") != std::string::npos);
  CHECK(world.asked.empty());
}

TEST_CASE("a reload in the middle of a refresh loses no grant") {
  World world({oauth_account("main")});
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  const auto calls = world.tokens->due(world.wall, world.now, false);
  REQUIRE(calls.size() == 1);
  Account other = oauth_account("main");
  other.secrets["client_secret"] = Secret("renewed-secret");
  world.config = accounts_of({other});
  world.tokens->follow(world.config, world.wall, world.now);
  CHECK_FALSE(world.tokens->settled());
  world.tokens->answered("main", world.answer(calls.front()), world.wall, world.now);
  world.turn();
  CHECK(world.access("main") == "at-main1");
  CHECK(world.asked["main"] == 1);
}

TEST_CASE("client credentials are asked for anew, and leave nothing on the disk") {
  World world({oauth_account("main", 1)});
  world.turn();
  CHECK(world.sent.front().body.find("grant_type=client_credentials") != std::string::npos);
  CHECK(world.access("main") == "at-main1");
  world.pass(13 * kHour);
  CHECK(world.asked["main"] == 2);
  CHECK(mode_of(world.folder.at("main.json")) == 0);
}

TEST_CASE("the token of a location is asked for with the agency's, and again at its half") {
  Account location = oauth_account("place", 2);
  location.keys["place"] = "p1";
  location.sign_in->agency = "agency";
  World world({oauth_account("agency"), location});
  world.life = 36'000;
  world.turn();
  REQUIRE(world.asked["place"] == 1);
  CHECK(world.sent.front().headers.front().value == "Bearer at-agency0");
  CHECK(world.access("place") == "at-place1");
  world.pass(5 * kHour);
  CHECK(world.asked["place"] == 2);
  // An agency without a token stops its locations at the end of theirs, and says so.
  world.good["agency"] = "revoked";
  world.pass(13 * kHour);
  CHECK(world.tokens->refused("agency", world.live("agency").number, world.now));
  world.pass(60 * kHour);
  CHECK(world.standing["place"].reason.find("waits for the token of agency") != std::string::npos);
}

}  // namespace
}  // namespace triggerd
