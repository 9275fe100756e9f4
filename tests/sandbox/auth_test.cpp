// Whose token reaches what, how long, and how often.
#include <doctest/doctest.h>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const Request kWorkflows = {.path = "/workflows/?locationId=" + std::string(kFirstLocation)};

Request with_token(Request request, const std::string& token) {
  request.token = token;
  return request;
}

// POST /oauth/token with form members.
Seen post_form(World60& world, const std::string& form) {
  Call call;
  call.method = "POST";
  call.path = "/highlevel/oauth/token";
  call.headers["content-type"] = "application/x-www-form-urlencoded";
  call.body = form;
  Seen seen;
  seen.reply = world.sandbox.answer(call);
  seen.status = seen.reply.status;
  seen.body = json::parse(seen.reply.body, nullptr, false);
  return seen;
}

std::string refresh_form(const json& pair, const std::string& refresh_token) {
  return "grant_type=refresh_token&client_id=" + pair["client_id"].get<std::string>() +
         "&client_secret=" + pair["client_secret"].get<std::string>() +
         "&refresh_token=" + refresh_token;
}

json oauth_pair(World60& world) {
  return world.control("POST", "/accounts", {{"location_id", kFirstLocation}, {"oauth", true}})
      .body;
}

TEST_CASE("a location token does not reach another location") {
  World60 world;
  const json other = world.control("POST", "/accounts", {{"location_id", "otherLocation"}}).body;
  const std::string token = other["token"];
  CHECK(world.send(with_token(kWorkflows, token)).status == 403);
  CHECK(world.send(with_token({.path = "/workflows/?locationId=otherLocation"}, token)).status ==
        200);
  const std::string contact = world.first("contacts")["id"];
  CHECK(world.send(with_token({.path = "/contacts/" + contact}, token)).status == 403);
  CHECK(world.send({.path = "/contacts/" + contact}).status == 200);
}

TEST_CASE("levels: company operations refuse location tokens and the reverse, either takes both") {
  World60 world;
  const Request snapshots = {.path = "/snapshots/?companyId=" + std::string(kFirstCompany)};
  const Request locations = {.path = "/locations/search"};
  CHECK(world.send(snapshots).status == 401);
  CHECK(world.send(with_token(snapshots, world.company_token)).status == 200);
  CHECK(world.send(with_token(kWorkflows, world.company_token)).status == 401);
  CHECK(world.send(locations).status == 200);
  CHECK(world.send(with_token(locations, world.company_token)).status == 200);
}

TEST_CASE("a missing scope is refused with 401 and named (AUT-08)") {
  World60 world;
  const json account =
      world
          .control("POST", "/accounts",
                   {{"location_id", kFirstLocation}, {"scopes", {"contacts.readonly"}}})
          .body;
  const Seen refused = world.send(with_token(kWorkflows, account["token"]));
  CHECK(refused.status == 401);
  CHECK(refused.body["message"] == "The token is not authorized for this scope.");
  CHECK(world
            .send(with_token({.path = "/contacts/?locationId=" + std::string(kFirstLocation)},
                             account["token"]))
            .status == 200);
}

TEST_CASE("an access token of OAuth ends after 86,399 seconds, a private one never (AUT-01)") {
  World60 world;
  const json pair = oauth_pair(world);
  world.advance(86'398.999);
  CHECK(world.send(with_token(kWorkflows, pair["token"])).status == 200);
  world.advance(0.001);
  const Seen late = world.send(with_token(kWorkflows, pair["token"]));
  CHECK(late.status == 401);
  CHECK(late.body["message"] == "Invalid JWT");
  CHECK(world.send(kWorkflows).status == 200);
}

TEST_CASE("a refresh token works once and gives a new pair (AUT-03)") {
  World60 world;
  const json pair = oauth_pair(world);
  const Seen fresh = post_form(world, refresh_form(pair, pair["refresh_token"]));
  REQUIRE(fresh.status == 200);
  CHECK(fresh.body["expires_in"] == 86399);
  CHECK(fresh.body["refresh_token"] != pair["refresh_token"]);
  CHECK(world.send(with_token(kWorkflows, fresh.body["access_token"])).status == 200);
  const Seen used = post_form(world, refresh_form(pair, pair["refresh_token"]));
  CHECK(used.status == 400);
  CHECK(used.body == json{{"error", "invalid_grant"},
                          {"error_description", "Invalid grant: refresh token is invalid"}});
  // Whoever used it twice may have stolen it: all that came from it ends.
  CHECK(post_form(world, refresh_form(pair, fresh.body["refresh_token"])).status == 400);
  CHECK(world.send(with_token(kWorkflows, fresh.body["access_token"])).status == 401);
  const json again = oauth_pair(world);
  CHECK(again["client_id"] == pair["client_id"]);
  CHECK(post_form(world, refresh_form(again, again["refresh_token"])).status == 200);
}

TEST_CASE("an authorization code is exchanged once, a wrong secret never") {
  World60 world;
  const json pair = oauth_pair(world);
  const std::string form =
      "grant_type=authorization_code&client_id=" + pair["client_id"].get<std::string>() +
      "&code=" + pair["code"].get<std::string>() + "&client_secret=";
  CHECK(post_form(world, form + "wrong").status == 401);
  CHECK(post_form(world, form + pair["client_secret"].get<std::string>()).status == 200);
  CHECK(post_form(world, form + pair["client_secret"].get<std::string>()).status == 400);
}

TEST_CASE("the 101st request within ten seconds is refused until they are over (FET-14)") {
  World60 world;
  for (int i = 0; i < 100; ++i) REQUIRE(world.send(kWorkflows).status == 200);
  world.advance(0.5);
  const Seen refused = world.send(kWorkflows);
  CHECK(refused.status == 429);
  CHECK(refused.body == json{{"statusCode", 429}, {"message", "Too Many Requests"}});
  CHECK(header_of(refused.reply, "Retry-After") == "10");
  CHECK(header_of(refused.reply, "X-RateLimit-Max") == "100");
  CHECK(header_of(refused.reply, "X-RateLimit-Remaining") == "0");
  CHECK(header_of(refused.reply, "X-RateLimit-Interval-Milliseconds") == "10000");
  CHECK(header_of(refused.reply, "X-RateLimit-Limit-Daily") == "200000");
  world.advance(9.499);
  CHECK(world.send(kWorkflows).status == 429);
  world.advance(0.001);
  const Seen next = world.send(kWorkflows);
  CHECK(next.status == 200);
  CHECK(header_of(next.reply, "X-RateLimit-Remaining") == "99");
  CHECK(header_of(next.reply, "X-RateLimit-Daily-Remaining") == "199899");
}

TEST_CASE("limits count per location, and can be switched off") {
  World60 limited;
  const std::string other =
      limited.control("POST", "/accounts", {{"location_id", "otherLocation"}}).body["token"];
  for (int i = 0; i < 101; ++i) limited.send(kWorkflows);
  CHECK(limited.send(with_token({.path = "/workflows/?locationId=otherLocation"}, other)).status ==
        200);
  World60 free(Settings{.limits = false});
  for (int i = 0; i < 150; ++i) REQUIRE(free.send(kWorkflows).status == 200);
}

TEST_CASE("the daily budget runs out and comes back at midnight (SCH-13)") {
  RateLimit limit;
  RateVerdict last;
  Millis now = kStart - kStart % kDay;
  for (int i = 0; i < RateLimit::kDailyMax; ++i) {
    if (i % RateLimit::kBurstMax == 0) now += RateLimit::kBurstWindow;
    last = limit.take("place", now);
    REQUIRE(last.allowed);
  }
  CHECK(last.daily_remaining == 0);
  now += RateLimit::kBurstWindow;
  const RateVerdict refused = limit.take("place", now);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.wait == kDay - now % kDay);
  CHECK(limit.take("place", now + refused.wait).allowed);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
