#include "catalog/problem_samples.h"

using namespace triggerd;

TEST_CASE("a file that is right gives no problem") { CHECK(problems(with_lines("")) == ""); }

TEST_CASE("S-33: a key that is not known names the nearest one, and an operation stands once") {
  CHECK(problems(with_lines("    titel: Items\n")) ==
        R"(acme.yaml:8:5: items: `titel` is not a key that is known here
  hint: did you mean `title`?
)");
  CHECK(problems(acme_file("  items: {request: GET /items, read: {id: /id}}\n  items: {request: "
                           "GET /items, read: {id: /id}}\n")) ==
        R"(acme.yaml:6:3: `items` stands here twice
  hint: the first one is on line 5
)");
  CHECK(problems(acme_file("  items: {request: GET /items\n")) ==
        R"(acme.yaml:6:1: not valid YAML: this `{...}` is not closed, or holds what must be quoted
)");
}

TEST_CASE("a file begins with the name of its connector, and one file has base_url") {
  CHECK(problems("title: x\n") ==
        R"(acme.yaml:1:1: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`, or `overrides: NAME` to correct one
)");
  CHECK(problems("connector: Ac me\nbase_url: https://x.test\n") ==
        R"(acme.yaml:1:12: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`, or `overrides: NAME` to correct one
)");
  CHECK(problems("- a\n") ==
        R"(acme.yaml:1:1: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`, or `overrides: NAME` to correct one
)");
  CHECK(problems("connector: acme\noperations: {}\n") ==
        R"(acme.yaml:1:1: no file of connector acme has `base_url`
)");
}

TEST_CASE("base_url is https without query, and its placeholders are keys of an account") {
  CHECK(problems("connector: acme\nbase_url: http://x.test/?q\nauth: [{kind: none}]\n") ==
        R"(acme.yaml:2:11: base_url: must begin with https://
  hint: http is for loopback addresses alone
acme.yaml:2:11: base_url: must not hold a query, a fragment, a user or blanks
)");
  CHECK(problems("connector: acme\nbase_url: https://{shop}.x.test/\nauth: [{kind: none}]\n") ==
        R"(acme.yaml:2:11: base_url: `{shop}` is not a key of an account
  hint: name it under `account:`
acme.yaml:2:11: base_url: must not end with a slash
)");
}

TEST_CASE("each kind of auth has what it needs, and a name of its own") {
  CHECK(problems("connector: acme\nbase_url: https://x.test\n") ==
        R"(acme.yaml:1:1: `auth` is missing
)");
  CHECK(
      problems("connector: acme\nbase_url: https://x.test\nauth:\n  - {kind: barer}\n  - {kind: "
               "header_key}\n  - {kind: query_key, query: k}\n  - {kind: query_key, query: k}\n  - "
               "{kind: basic, fields: [a]}\n") ==
      "acme.yaml:4:12: auth[0].kind: `barer` is not one of none, basic, bearer, header_key, "
      "query_key, body_key, oauth2_code, oauth2_client, login, derived\n"
      R"(  hint: did you mean `bearer`?
acme.yaml:5:5: auth[1]: `header` is missing
acme.yaml:7:5: auth[3].name: `query_key` names two kinds of auth
  hint: give each its own `name`
acme.yaml:8:27: auth[4].fields: must name 2 keys for kind basic
)");
}

TEST_CASE("a kind of auth that gets its token by a request says how") {
  const std::string head = "connector: acme\nbase_url: https://x.test\nauth:\n";
  CHECK(problems(head + "  - {kind: login}\n"
                        "  - {kind: oauth2_code, token: {url: http://x.test/token}}\n"
                        "  - kind: oauth2_client\n"
                        "    token: {url: https://x.test/token, client: header, refresh_url: x}\n"
                        "  - kind: login\n"
                        "    name: second\n"
                        "    fields: [user]\n"
                        "    token: {url: https://x.test/l, token_at: /t, send: {a: '{usr}'}}\n") ==
        R"(acme.yaml:4:5: auth[0]: `token` is missing
acme.yaml:5:5: auth[1]: `authorize_url` is missing
acme.yaml:5:38: auth[1].token.url: must begin with https://
acme.yaml:7:48: auth[2].token.client: `header` is not one of body, basic
acme.yaml:7:56: auth[2].token: `refresh_url` is not a key that is known here
  hint: known here: url, body, send, headers, token_at, life_at, life, client
acme.yaml:11:60: auth[3].token: `{usr}` is neither one of `fields` nor a key of an account
)");
  const std::vector<CatalogFile> files = {
      {"acme.yaml",
       head + "  - kind: oauth2_code\n"
              "    authorize_url: https://x.test/consent\n"
              "    pkce: false\n"
              "    scope_separator: ','\n"
              "    token: {url: https://x.test/t, refresh_url: https://x.test/r, client: basic,\n"
              "            send: {level: all}, life: 1h}\n"
              "  - kind: login\n"
              "    fields: [user, pin]\n"
              "    header: X-Session\n"
              "    token: {url: https://x.test/l, send: {u: '{user}', p: '{pin}'}, token_at: "
              "/session}\n"}};
  const CatalogLoad load = load_catalog(files);
  REQUIRE_MESSAGE(load.catalog != nullptr, problems_text(files));
  const std::vector<AuthRule>& auth = load.catalog->connector("acme")->auth;
  REQUIRE(auth.size() == 2);
  CHECK(auth[0].fields == std::vector<std::string>{"client_id", "client_secret"});
  CHECK(auth[0].authorize_url == "https://x.test/consent");
  CHECK_FALSE(auth[0].pkce);
  CHECK(auth[0].scope_separator == ",");
  CHECK(auth[0].token->refresh_url == "https://x.test/r");
  CHECK(auth[0].token->client_as_basic);
  CHECK(auth[0].token->body == BodyKind::form);
  CHECK(auth[0].token->life == std::chrono::hours{1});
  CHECK(auth[1].header == "X-Session");
  CHECK(auth[1].token->body == BodyKind::json);
  CHECK(auth[1].token->token_at == "/session");
  CHECK(auth[1].token->send == nlohmann::json{{"u", "{user}"}, {"p", "{pin}"}});
}

TEST_CASE("limits are positive") {
  CHECK(problems("connector: acme\nbase_url: https://x.test\nauth: [{kind: none}]\nlimits:\n  - "
                 "{requests: 0, per: 0s}\n  - {requests: many}\nconcurrency: 0\n") ==
        R"(acme.yaml:5:16: limits[0].requests: must be at least 1
acme.yaml:5:24: limits[0].per: must be longer than nothing
acme.yaml:6:5: limits[1]: `per` is missing
acme.yaml:6:16: limits[1].requests: must be a whole number
acme.yaml:7:14: concurrency: must be 1 to 64
)");
}

TEST_CASE("a rule about errors has a status or a text to look for") {
  CHECK(
      problems(
          "connector: acme\nbase_url: https://x.test\nauth: [{kind: none}]\nerrors:\n  - {status: "
          "4x, means: gone}\n  - {equals: x, status: 400, means: absent}\n  - {means: "
          "transient}\n") ==
      R"(acme.yaml:5:14: errors[0].status: `4x` is not a status
  hint: write 404, or 5xx for all of them
acme.yaml:5:25: errors[0].means: `gone` is not one of transient, throttled, auth, permanent, absent
acme.yaml:6:5: errors[1].at: must say where the text of `equals` or `contains` stands
acme.yaml:7:5: errors[2].status: a rule needs `status` or `at`
)");
}
