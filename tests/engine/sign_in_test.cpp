// Tokens that end while the engine polls and sends: which requests go, which wait, who is told.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "small_app.h"
#include "triggerd/account/token_store.h"

namespace triggerd {
namespace {

constexpr Millis kMinute{60'000};

const std::string kAccounts = R"yaml(version: 1
engine: {allow_plain_secrets: true}
accounts:
  main:
    connector: app
    auth: {oauth: {client_id: client-1, client_secret: the-client-secret}}
  other:
    connector: app
    auth: {token: "${env:TOKEN}"}
triggers:
)yaml";

std::string trigger(const std::string& name, const std::string& account, const std::string& more) {
  return "  " + name + ":\n    poll: app.list_items\n    account: " + account +
         "\n    every: 1m\n" + more;
}

std::string error_in(const nlohmann::json& row) {
  const auto found = row.find("last_error");
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string hook(const std::string& name) {
  return "    do:\n      - action: webhook\n        with: {url: https://hooks.example/" + name +
         ", body: {id: \"${{ .event.key }}\"}}\n";
}

HttpReply token_reply(int number) {
  HttpReply made;
  made.status = 200;
  const std::string name = std::to_string(number);
  made.body = nlohmann::json{
      {"access_token", "token-" + name},
      {"refresh_token", "refresh-" + name},
      {"expires_in",
       86'400}}.dump();
  return made;
}

// An engine whose account was signed in two hours ago; the app takes the token of the moment.
struct SignedInWorld : SmallWorld {
  explicit SignedInWorld(const std::string& triggers) : SmallWorld(kAccounts + triggers) {
    sign_in(0, Millis{2 * 3'600'000});
    restart();
    app.token_answer = [this](const HttpRequest&) {
      app.accepts = "token-" + std::to_string(++given);
      return token_reply(given);
    };
    app.accepts = "token-0";
  }
  void sign_in(int number, Millis ago) {
    SecretSources sources;
    sources.env = [this](const std::string&) { return std::optional(token); };
    const ConfigLoad loaded = load_config("triggers.yaml", triggers_text, catalog, sources);
    REQUIRE(loaded.config != nullptr);
    const Account& account = *loaded.config->account("main");
    TokenStore store(directory + "/tokens", "main");
    REQUIRE(store.try_lock().value());
    const WallTime at = clock.wall() - ago;
    REQUIRE(
        store.note_intent({client_name(account), "authorization_code", at}, store.read(account)));
    REQUIRE(store.note_answer(200, token_reply(number).body, at));
    REQUIRE(store.commit());
  }
  int given = 0;
};

TEST_CASE("AUT-01: a token that ends before any page of a walk: that page is repeated, no other") {
  constexpr int kPages = 7;
  for (int ends_at = 1; ends_at <= kPages; ++ends_at) {
    CAPTURE(ends_at);
    SignedInWorld world(trigger("t", "main", "    start: backfill\n" + hook("t")));
    for (int i = 0; i < 20; ++i) world.app.put("item" + std::to_string(i), {{"name", "A"}});
    std::vector<std::string> urls;
    world.app.before = [&](const HttpRequest& request) {
      if (request.url.find("/items") == std::string::npos) return;
      urls.push_back(request.url);
      if (urls.size() == static_cast<std::size_t>(ends_at)) world.app.accepts = "token-1";
    };
    for (int second = 0; second < 60 && urls.empty(); ++second) world.pass(Millis{1'000});
    world.pass(Millis{5'000});
    CHECK(world.app.token_requests.size() == 1);
    REQUIRE(urls.size() == kPages + 1);
    CHECK(std::set<std::string>(urls.begin(), urls.end()).size() == kPages);
    const auto at = static_cast<std::size_t>(ends_at);
    CHECK(urls[at] == urls[at - 1]);
    world.pass(kMinute);
    std::vector<std::string> delivered = world.app.delivered;
    std::sort(delivered.begin(), delivered.end());
    CHECK(delivered.size() == 20);
    CHECK(std::unique(delivered.begin(), delivered.end()) == delivered.end());
    CHECK(world.view("status").front().value("failures", -1) == 0);
  }
}

TEST_CASE("AUT-04: fifty streams meet the end of a token together; it is asked for once") {
  std::string triggers;
  for (int i = 0; i < 50; ++i) {
    triggers += trigger("t" + std::to_string(i), "main", "    do: []\n");
  }
  SignedInWorld world(triggers);
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  CHECK(world.app.token_requests.empty());
  world.app.accepts = "token-1";
  world.pass(2 * kMinute);
  REQUIRE(world.app.token_requests.size() == 1);
  CHECK(world.app.token_requests.front().find("refresh_token=refresh-0") != std::string::npos);
  for (const auto& row : world.view("status")) CHECK(row.value("failures", -1) == 0);
}

TEST_CASE("AUT-07: a fresh token that is refused suspends its account alone, with one refresh") {
  SignedInWorld world(trigger("t", "main", "    do: []\n") + trigger("u", "other", "    do: []\n"));
  world.app.accepts = "nobody's";
  world.app.token_answer = [&](const HttpRequest&) { return token_reply(++world.given); };
  world.pass(9 * kMinute);
  CHECK(world.app.token_requests.size() == 1);
  CHECK(error_in(world.view("status").front()) == "HTTP 401: Invalid token");
  world.pass(3 * 60 * kMinute);
  CHECK(world.app.token_requests.size() <= 3 * 6 + 1);
  world.app.accepts.clear();
  world.pass(20 * kMinute);
  for (const auto& row : world.view("status")) CHECK(row.value("failures", -1) == 0);
}

TEST_CASE(
    "AUT-08: a scope that is missing is its trigger's affair, and no reason for a new token") {
  SignedInWorld world(trigger("t", "main", "    do: []\n") +
                      "  parts:\n    poll: app.list_parts\n    account: main\n    every: 1m\n"
                      "    for_each: {item: [a]}\n    do: []\n");
  world.app.put("a", {{"name", "A"}});
  world.app.fail_path = "/parts";
  world.app.fail_status = 403;
  world.app.fail_body = R"({"message":"the scope parts.read is missing"})";
  world.pass(10 * kMinute);
  CHECK(world.app.token_requests.empty());
  for (const auto& row : world.view("status")) {
    const bool parts = row.value("trigger", "") == "parts";
    CHECK((row.value("failures", -1) > 0) == parts);
    if (parts) {
      CHECK(error_in(row).find("scope parts.read") != std::string::npos);
    }
  }
}

TEST_CASE("AUT-09: an account that cannot sign in stands still with its reason; others go on") {
  SmallWorld world(kAccounts + trigger("t", "main", "    do: []\n") +
                   trigger("u", "other", "    do: []\n"));
  world.pass(5 * kMinute);
  CHECK(world.http->requests.size() >= 4);  // the other's polls
  for (const auto& row : world.view("status")) {
    const bool main = row.value("account", "") == "main";
    CHECK(error_in(row) == (main ? "not signed in: run `triggerd auth login main`" : ""));
    CHECK((row.value("polls", -1) == 0) == main);
  }
  CHECK(world.view("budget").front().value("suspended", "").find("auth login main") !=
        std::string::npos);
}

TEST_CASE("AUT-01: a step that is refused because of its token is sent again with the next one") {
  SignedInWorld world(trigger("t", "other",
                              "    do:\n      - {id: read, action: app.get_item, account: main,\n"
                              "         with: {id: \"${{ .event.key }}\"}}\n"));
  world.app.accepts.clear();
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "A"}});
  // The app takes the trigger's token, and of the other account's only the next one.
  std::vector<std::string> bearers;
  world.app.before = [&](const HttpRequest& request) {
    for (const HttpHeader& header : request.headers) {
      const bool step = request.url.ends_with("/items/a");
      if (header.name != "Authorization") continue;
      if (step) bearers.push_back(header.value);
      world.app.accepts = step ? "token-1" : "";
    }
  };
  world.app.token_answer = [](const HttpRequest&) { return token_reply(1); };
  world.pass(3 * kMinute);
  CHECK(bearers == std::vector<std::string>{"Bearer token-0", "Bearer token-1"});
  CHECK(world.app.token_requests.size() == 1);
  CHECK(world.view("dead_letters").empty());
}

TEST_CASE("AUT-11: a paused trigger's account is renewed all the same") {
  SignedInWorld world(trigger("t", "main", "    enabled: false\n    do: []\n"));
  world.pass(13 * 60 * kMinute);
  CHECK(world.app.token_requests.size() == 1);
}

TEST_CASE("S-04: no token and no client secret is in the database") {
  SignedInWorld world(trigger("t", "main", hook("t")));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  world.app.accepts = "token-1";
  world.app.put("b", {{"name", "B"}});
  world.pass(3 * kMinute);
  CHECK(world.kinds_of("b") == std::vector<std::string>{"new"});
  world.engine->save();
  for (const char* name : {"/triggerd.db", "/triggerd.db-wal"}) {
    std::ifstream file(world.directory + name, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    for (const char* canary : {"token-0", "token-1", "refresh-", "the-client-secret"}) {
      CAPTURE(canary);
      CHECK(bytes.str().find(canary) == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace triggerd
