// The ways to sign in that a connector file can describe, from its text to the request that is
// sent.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "catalog/catalog_text.h"
#include "triggerd/account/authorization.h"
#include "triggerd/account/tokens.h"
#include "triggerd/catalog/request.h"
#include "triggerd/config/load.h"
#include "triggerd/config/sign_in.h"

using namespace triggerd;

namespace {

constexpr const char* kOperations =
    "operations:\n  items: {request: GET /items, read: {id: /id}}\n"
    "  search: {request: POST /search, params: {q: x}, read: {id: /id}}\n"
    "  send: {request: POST /send, body: form, params: {q: x}, write: {}}\n";

// An account of a connector with these lines, from the text of its files on.
struct Signed {
  Signed(const std::string& head, const std::string& account) {
    const std::vector<CatalogFile> files = {
        {"acme.yaml", "connector: acme\n" +
                          (head.find("base_url") == std::string::npos
                               ? std::string("base_url: https://api.acme.test\n")
                               : std::string()) +
                          head + kOperations}};
    CatalogLoad catalog = load_catalog(files);
    REQUIRE_MESSAGE(catalog.catalog != nullptr, problems_text(files));
    SecretSources sources;
    sources.env = [](const std::string& name) { return std::optional("secret of " + name); };
    const ConfigLoad load = load_config(
        "triggers.yaml",
        "version: 1\naccounts:\n  main:\n    connector: acme\n" + account + "triggers: {}\n",
        catalog.catalog, sources);
    for (const Problem& problem : load.problems) problems += problem.what + "\n";
    config = load.config;
  }

  const Account& account() const {
    REQUIRE_MESSAGE(config != nullptr, problems);
    return *config->account("main");
  }
  HttpRequest request(const std::string& operation = "items",
                      const nlohmann::json& values = nlohmann::json::object()) const {
    REQUIRE(config != nullptr);
    const Operation& asked = *config->catalog->operation("acme." + operation);
    auto made = build_request(asked, values);
    REQUIRE(made.has_value());
    authorise_request(*made, account(), asked);
    return *std::move(made);
  }

  std::shared_ptr<const Config> config;
  std::string problems;
};

std::string header(const HttpRequest& request, std::string_view name) {
  for (const HttpHeader& each : request.headers) {
    if (each.name == name) return each.value;
  }
  return "none";
}

}  // namespace

TEST_CASE("no credential, basic, bearer, a key in a header or in the query") {
  CHECK(Signed("auth: [{kind: none}]\n", "").request().headers.empty());
  CHECK(header(Signed("auth: [{kind: basic}]\n", "    auth: {username: me, password: '${env:P}'}\n")
                   .request(),
               "Authorization") == "Basic bWU6c2VjcmV0IG9mIFA=");
  CHECK(header(Signed("auth: [{kind: bearer}]\n", "    auth: {token: '${env:T}'}\n").request(),
               "Authorization") == "Bearer secret of T");
  CHECK(header(Signed("auth: [{kind: header_key, header: X-Key, prefix: 'Key '}]\n",
                      "    auth: {key: '${env:K}'}\n")
                   .request(),
               "X-Key") == "Key secret of K");
  CHECK(Signed("auth: [{kind: query_key, query: api_key}]\n", "    auth: {key: '${env:K}'}\n")
            .request()
            .url == "https://api.acme.test/items?api_key=secret%20of%20K");
}

TEST_CASE("a key stands in a JSON body or a form, beside what the operation sends") {
  const Signed json("auth: [{kind: body_key, at: /auth/key}]\n", "    auth: {key: '${env:K}'}\n");
  CHECK(json.request("search", {{"q", "a"}}).body == R"({"auth":{"key":"secret of K"},"q":"a"})");
  const Signed form("auth: [{kind: body_key, at: /key}]\n", "    auth: {key: '${env:K}'}\n");
  CHECK(form.request("send", {{"q", "a b"}}).body == "q=a%20b&key=secret%20of%20K");
}

TEST_CASE("S-28 a key in the body stays one value, whatever is in it") {
  Signed json("auth: [{kind: body_key, at: /key}]\n", "    auth: {key: '${env:K}'}\n");
  Account account = json.account();
  account.secrets["key"] = Secret(R"(x","admin":true,"q":")");
  HttpRequest request;
  request.body = R"({"q":"a"})";
  authorise_request(request, account, *json.config->catalog->operation("acme.search"));
  const auto body = nlohmann::json::parse(request.body);
  CHECK(body.size() == 2);
  CHECK(body["key"] == R"(x","admin":true,"q":")");
}

TEST_CASE("further headers take further credentials") {
  const Signed two("auth: [{kind: header_key, header: X-Key, also: {X-App: app}}]\n",
                   "    auth: {key: '${env:K}', app: '${env:A}'}\n");
  CHECK(header(two.request(), "X-Key") == "secret of K");
  CHECK(header(two.request(), "X-App") == "secret of A");
  CHECK(two.request().headers.back().secret);
  CHECK(Signed("auth: [{kind: header_key, header: X-Key, also: {X-App: app}}]\n",
               "    auth: {key: '${env:K}'}\n")
            .problems.find("`app` is missing") != std::string::npos);
}

TEST_CASE("of several ways to sign in the account chooses one") {
  const std::string head = "auth: [{kind: basic}, {kind: header_key, name: key, header: X-Key}]\n";
  CHECK(header(Signed(head, "    auth: {kind: key, key: '${env:K}'}\n").request(), "X-Key") ==
        "secret of K");
  CHECK(
      header(Signed(head, "    auth: {kind: basic, username: a, password: '${env:P}'}\n").request(),
             "Authorization")
          .starts_with("Basic "));
  CHECK(Signed(head, "    auth: {kind: kee, key: x}\n").problems.find("`kee` is not one of") !=
        std::string::npos);
}

TEST_CASE("the host comes from keys of the account, as they are or as a choice says") {
  const std::string head =
      "base_url: https://{region}.acme.test/{team}\n"
      "account:\n  team: The team.\n  region: {about: x, choices: {us: api, eu: api-eu}, default: "
      "us}\nauth: [{kind: none}]\n";
  CHECK(Signed(head, "    team: a b\n").request().url == "https://api.acme.test/a%20b/items");
  CHECK(Signed(head, "    team: x\n    region: eu\n").request().url ==
        "https://api-eu.acme.test/x/items");
  CHECK(Signed(head, "    team: x\n    region: ue\n").problems ==
        "accounts.main.region: `ue` is not one of us, eu\n");
}

TEST_CASE("S-19 no key of an account makes another host of an address") {
  const std::string head =
      "base_url: https://{shop}.acme.test\naccount: {shop: x}\nauth: [{kind: none}]\n";
  for (const char* shop : {"evil.test/", "evil.test#", "a@evil.test", "evil.test?x", "a\\b", "a:1",
                           "[::1]", "a b", "%2e"}) {
    CAPTURE(shop);
    CHECK(Signed(head, "    shop: '" + std::string(shop) + "'\n").config == nullptr);
  }
}

TEST_CASE("client credentials get their token from the account's own address, and use it") {
  const Signed app(
      "account: {tenant: x}\nauth:\n  - kind: oauth2_client\n    token: {url: "
      "'https://{tenant}.acme.test/token', client: basic, send: {audience: all, t: '{tenant}'}}\n",
      "    tenant: north\n    auth: {kind: oauth2_client, client_id: id, client_secret: "
      "'${env:S}', scopes: [a, b]}\n");
  REQUIRE_MESSAGE(app.config != nullptr, app.problems);
  Tokens tokens("");
  const WallTime wall = *parse_iso8601("2026-03-01T09:30:00Z");
  const SteadyTime now{Millis{1'000}};
  tokens.follow(app.config, wall, now);
  const std::vector<TokenCall> calls = tokens.due(wall, now, false);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].request.url == "https://north.acme.test/token");
  CHECK(calls[0].request.body == "audience=all&grant_type=client_credentials&scope=a%20b&t=north");
  CHECK(header(calls[0].request, "Authorization") == "Basic aWQ6c2VjcmV0JTIwb2YlMjBT");
  HttpReply reply;
  reply.status = 200;
  reply.body = R"({"access_token":"live","expires_in":3600})";
  tokens.answered("main", reply, wall, now);
  CHECK(header(app.request(), "Authorization") == "Bearer live");
}

TEST_CASE("a login request gets a token that is sent in the header that the app wants") {
  const auto signed_in = [](const std::string& method) {
    const Signed app(
        "auth:\n  - kind: login\n    header: X-Session\n    prefix: 'S '\n    token: {url: "
        "'https://api.acme.test/login', method: " +
            method + ", send: {u: '{username}', p: '{password}'}, token_at: /session/id}\n",
        "    auth: {kind: login, username: me, password: '${env:P}'}\n");
    REQUIRE_MESSAGE(app.config != nullptr, app.problems);
    Tokens tokens("");
    const WallTime wall = *parse_iso8601("2026-03-01T09:30:00Z");
    const SteadyTime now{Millis{1'000}};
    tokens.follow(app.config, wall, now);
    const std::vector<TokenCall> calls = tokens.due(wall, now, false);
    REQUIRE(calls.size() == 1);
    HttpReply reply;
    reply.status = 200;
    reply.body = R"({"session":{"id":"s1"}})";
    tokens.answered("main", reply, wall, now);
    CHECK(header(app.request(), "X-Session") == "S s1");
    return calls[0].request.method + " " + calls[0].request.url + " " + calls[0].request.body;
  };
  CHECK(signed_in("POST") == R"(POST https://api.acme.test/login {"p":"secret of P","u":"me"})");
  CHECK(signed_in("GET") == "GET https://api.acme.test/login?p=secret%20of%20P&u=me ");
}

TEST_CASE("S-26 a token that an app answers cannot break out of its header") {
  const Signed app(
      "auth:\n  - kind: login\n    token: {url: 'https://api.acme.test/login', send: {}, token_at: "
      "/t}\n",
      "    auth: {kind: login, username: me, password: '${env:P}'}\n");
  REQUIRE_MESSAGE(app.config != nullptr, app.problems);
  Tokens tokens("");
  const WallTime wall = *parse_iso8601("2026-03-01T09:30:00Z");
  const SteadyTime now{Millis{1'000}};
  tokens.follow(app.config, wall, now);
  REQUIRE(tokens.due(wall, now, false).size() == 1);
  HttpReply reply;
  reply.status = 200;
  reply.body = R"({"t":"a\r\nHost: evil.test"})";
  tokens.answered("main", reply, wall, now);
  CHECK(app.request().headers.empty());
}
