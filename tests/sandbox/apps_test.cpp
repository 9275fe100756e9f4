// The look-alikes of the apps beside HighLevel: how strict each is.
#include <doctest/doctest.h>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

class AppWorld {
 public:
  explicit AppWorld(std::string app) : app_(std::move(app)) {
    account_ = world_.control("POST", "/accounts", {{"connector", app_}, {"list_id", "7"}}).body;
  }

  // Signed in as the app wants.
  Seen ask(const std::string& method, const std::string& path, const json& body = {}) {
    std::map<std::string, std::string> headers;
    const std::string token = account_["token"];
    if (app_ == "stibee") headers["accesstoken"] = token;
    if (app_ == "clubos") headers["x-api-key"] = token;
    return ask_as(std::move(headers), method, path, body);
  }
  Seen ask_as(std::map<std::string, std::string> headers, const std::string& method,
              const std::string& path, const json& body = {}) {
    Call call;
    const std::size_t mark = path.find('?');
    call.method = method;
    call.path = "/" + app_ + path.substr(0, mark);
    if (mark != std::string::npos) call.query = path.substr(mark + 1);
    call.headers = std::move(headers);
    if (!body.is_null()) {
      call.body = body.dump();
      call.headers["content-type"] = "application/json";
    }
    Seen seen;
    seen.reply = world_.sandbox.answer(call);
    seen.status = seen.reply.status;
    seen.body = json::parse(seen.reply.body, nullptr, false);
    return seen;
  }
  json add(const std::string& collection, const json& fields, const std::string& id = "") {
    json body{{"location", app_}, {"collection", collection}, {"op", "create"}, {"fields", fields}};
    if (!id.empty()) body["id"] = id;
    return world_.control("POST", "/mutate", body).body;
  }
  World60& world() { return world_; }
  const json& account() const { return account_; }

 private:
  std::string app_;
  World60 world_;
  json account_;
};

json subscriber(const std::string& email, const json& fields) {
  return {{"subscriber", {{"email", email}, {"fields", fields}}}, {"updateEnabled", true}};
}

TEST_CASE("Stibee refuses with 400 and a code, a wrong key included") {
  AppWorld app("stibee");
  const Seen wrong = app.ask_as({{"accesstoken", "none"}}, "GET", "/lists/7/subscribers");
  CHECK(wrong.status == 400);
  CHECK(wrong.body["code"] == "stberror.Errors.Authorization.NoToken");
  CHECK(app.ask("GET", "/lists/8/subscribers").body["code"] == "stberror.Errors.List.NotFound");
  CHECK(app.ask("GET", "/lists/7/subscribers?limit=1001").body["code"] ==
        "stberror.Errors.Data.LimitExceeded");
  CHECK(app.ask("POST", "/lists/7/subscribers", subscriber("a@b.example", {{"shoe", "1"}}))
            .body["code"] == "stberror.Errors.List.InvalidSubscriberVar");
  CHECK(app.ask("PUT", "/lists/7/subscribers/a@b.example", {{"fields", json::object()}}).status ==
        400);
}

TEST_CASE("Stibee answers ok as text, shows Korean times, and updates fields but no state") {
  AppWorld app("stibee");
  const Seen added =
      app.ask("POST", "/lists/7/subscribers", subscriber("A@b.example", {{"name", 5}}));
  CHECK(added.status == 201);
  CHECK(added.reply.body == "ok");
  CHECK(app.ask("POST", "/lists/7/subscribers/a@b.example/unsubscribe", json::object()).status ==
        200);
  CHECK(
      app.ask("POST", "/lists/7/subscribers", subscriber("a@b.example", {{"phone", "1"}})).status ==
      200);
  CHECK(app.ask("GET", "/lists/7/subscribers").body.empty());
  const json shown = app.ask("GET", "/lists/7/subscribers?statuses=unsubscribed").body;
  REQUIRE(shown.size() == 1);
  CHECK(shown[0]["fields"] == json{{"name", "5"}, {"phone", "1"}});
  CHECK(shown[0]["createdTime"] == "2026-11-16 21:00:00 +0900 KST");
}

TEST_CASE("Stibee lists subscribers a hundred times a minute") {
  AppWorld app("stibee");
  for (int i = 0; i < 100; ++i) CHECK(app.ask("GET", "/lists/7/subscribers").status == 200);
  const Seen refused = app.ask("GET", "/lists/7/subscribers");
  CHECK(refused.status == 429);
  CHECK(header_of(refused.reply, "Retry-After") == "60");
  CHECK(app.ask("GET", "/auth-check").status == 200);
  app.world().advance(60);
  CHECK(app.ask("GET", "/lists/7/subscribers").status == 200);
}

TEST_CASE("PartnerStack takes its two keys in their order alone") {
  AppWorld app("partnerstack");
  const std::string secret = app.account()["token"];
  CHECK(app.account()["secrets"]["public_key"] != secret);
  CHECK(app.ask_as({{"authorization", "Bearer " + secret}}, "GET", "/leads").status == 401);
  CHECK(app.ask_as({{"authorization", "Basic bm86bm8="}}, "GET", "/leads").status == 401);
  CHECK(app.world().last_line()["location"] == "partnerstack");
  CHECK(app.world().last_line()["status"] == 401);
}

TEST_CASE("Club OS tells errors of version 1 in a 200, and pages version 3 from 0") {
  AppWorld app("clubos");
  const json person{{"firstName", "A"}, {"lastName", "B"}, {"mobilePhone", "+1 415"}};
  const Seen wrong = app.ask("POST", "/prospects?clubLocationId=3", person);
  CHECK(wrong.status == 200);
  CHECK(wrong.body["status"] == false);
  CHECK(app.ask("POST", "/prospects", person).status == 400);
  app.add("clubos_users", {{"firstName", "A"}}, "1");
  app.add("clubos_users", {{"firstName", "B"}}, "2");
  const json page = app.ask("GET", "/v3/users?page=1&size=1&sortOn=firstName&sortDir=DESC").body;
  CHECK(page["totalElements"] == 2);
  REQUIRE(page["content"].size() == 1);
  CHECK(page["content"][0]["id"] == "1");
  CHECK(app.ask("GET", "/v3/users?size=1001").status == 400);
}

TEST_CASE("what an app is asked for that it does not have is refused") {
  for (const char* name : {"partnerstack", "stibee", "clubos", "payaca", "my_app"}) {
    CAPTURE(name);
    AppWorld app(name);
    CHECK(app.ask("GET", "/no/such/thing").status == 404);
  }
  World60 world;
  CHECK(world.control("POST", "/accounts", {{"connector", "other"}}).status == 400);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
