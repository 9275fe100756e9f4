// What a connector file may say of records, cursors, groups of limits, account keys and
// credentials, and how it is told what is wrong.
#include <nlohmann/json.hpp>

#include "catalog/problem_samples.h"
#include "triggerd/catalog/describe.h"

using namespace triggerd;

namespace {

// A connector whose head has more lines.
std::string with_head(const std::string& lines, const std::string& operation = "") {
  return "connector: acme\nbase_url: https://api.acme.test\n" + lines +
         "operations:\n  items: {request: GET /items, read: {id: /id}" + operation + "}\n";
}

}  // namespace

TEST_CASE("a pointer to records has one wildcard at most and names parameters that exist") {
  CHECK(problems(with_read("      records: /a/*/b/*\n")) ==
        "acme.yaml:10:16: items.read.records: `*` can stand in a pointer once\n");
  CHECK(problems(with_read("      records: /a/{pge}/b\n")) ==
        "acme.yaml:10:16: items.read: `pge` is not a parameter of items\n"
        "  hint: did you mean `page`?\n");
  CHECK(problems(with_read("      shape: object\n      records: /a/*\n")) ==
        "acme.yaml:11:16: items.read.records: `*` is for shape list alone\n");
  CHECK(problems(with_read("      records: [/a/*/b, /c]\n")) == "");
}

TEST_CASE("a condition says where and what") {
  CHECK(problems(with_read("      where: {equals: x}\n")) ==
        "acme.yaml:10:14: items.read.where: `at` is missing\n");
  CHECK(problems(with_read("      where: [{at: /a}, {at: b, nott: x, given: 1}]\n")) ==
        "acme.yaml:10:20: items.read.where[0].at: a condition needs `equals`, `not` or `given`\n"
        "acme.yaml:10:30: items.read.where[1].at: `b` is not a JSON pointer\n"
        "  hint: write `/b`\n"
        "acme.yaml:10:30: items.read.where[1].at: a condition needs `equals`, `not` or `given`\n"
        "acme.yaml:10:33: items.read.where[1]: `nott` is not a key that is known here\n"
        "  hint: did you mean `not`?\n"
        "acme.yaml:10:49: items.read.where[1].given: must be true or false\n");
  CHECK(problems(with_read("      shape: value\n      where: {at: /a, equals: x}\n")) ==
        "acme.yaml:11:14: items.read.where: is for shapes list and object alone\n");
}

TEST_CASE(
    "S-27 a cursor's program must compile, and can read neither clock, environment nor input") {
  const auto told = [](const std::string& jq) {
    return problems(
        with_read("      paging: {kind: cursor, parts: {after: {at: /a, jq: '" + jq + "'}}}\n"));
  };
  CHECK(told(".x + 1") == "");
  const std::string place = "acme.yaml:10:58: items.read.paging.parts.after.jq: ";
  CHECK(told("if .x then").find(place) == 0);
  for (const char* jq : {"env.HOME", "$ENV.HOME", "now", "input", "include \"x\"; ."}) {
    CAPTURE(jq);
    CHECK(told(jq).find(place) == 0);
  }
}

TEST_CASE("newest first takes the place of a bound that is sent, and not of the other order") {
  CHECK(problems(with_read("      updated: /u\n      since: {newest_first: true}\n")) == "");
  CHECK(problems(with_read("      since: {newest_first: true}\n")) ==
        "acme.yaml:10:29: items.read.since.newest_first: needs `updated`, since the bound comes "
        "from the records\n");
  CHECK(problems(with_read("      updated: /u\n      since: {newest_first: true, always: {after: "
                           "asc}}\n")) ==
        "acme.yaml:11:29: items.read.since.newest_first: the order that `always` asks for is the "
        "other one\n");
}

TEST_CASE("the overlap of a count is a count") {
  CHECK(problems(with_read("      updated: {at: /u, format: number}\n      since: {set: {after: "
                           "'{since}'}, overlap: 2m}\n")) ==
        "acme.yaml:11:49: items.read.since.overlap: must be a whole number\n");
}

TEST_CASE("an operation's group has a limit, and a group is no quota") {
  CHECK(problems(with_head("auth: [{kind: none}]\nlimits:\n  - {group: reads, requests: 1, per: "
                           "1s}\n",
                           ", limit_group: read")) ==
        "acme.yaml:7:62: items.limit_group: no limit has the group `read`\n"
        "  hint: did you mean `reads`?\n");
  CHECK(problems(
            with_head("auth: [{kind: none}]\nlimits:\n  - {group: a, requests: 1, per: 1d}\n")) ==
        "acme.yaml:5:13: limits[0].group: a quota is one of all requests\n");
}

TEST_CASE("the check request is a read of the connector") {
  CHECK(problems(with_head("auth: [{kind: none}]\ncheck: item\n")) ==
        "acme.yaml:4:8: check: `item` is not an operation of acme\n"
        "  hint: did you mean `items`?\n");
}

TEST_CASE("an account key has choices, and its default is one of them") {
  CHECK(problems(with_head("account:\n  region: {about: x, choices: {us: api, eu: api-eu}, "
                           "default: uk}\nauth: [{kind: none}]\n")) ==
        "acme.yaml:4:63: account.region.default: `uk` is not one of `choices`\n");
}

TEST_CASE("further headers of a way to sign in name fields, and a key in the body its place") {
  const std::string lines =
      "auth:\n  - {kind: header_key, header: X-Key, also: {X-App: app, 'X App': b}}\n"
      "  - {kind: body_key, name: b}\n";
  CHECK(problems(with_head(lines)) ==
        "acme.yaml:4:58: auth[0]: `X App` is not a header name\n"
        "acme.yaml:5:5: auth[1]: `at` is missing\n");
  const std::vector<CatalogFile> files = {
      {"acme.yaml", with_head("auth: [{kind: header_key, header: X-Key, also: {X-App: app}}]\n")}};
  const CatalogLoad load = load_catalog(files);
  REQUIRE(load.catalog != nullptr);
  CHECK(load.catalog->connector("acme")->auth[0].fields == std::vector<std::string>{"key", "app"});
}

TEST_CASE("addresses of tokens may hold keys of the account, and no others") {
  const auto told = [](const std::string& url) {
    return problems(
        with_head("account: {tenant: x}\nauth:\n  - {kind: oauth2_client, token: {url: "
                  "'" +
                  url + "'}}\n"));
  };
  CHECK(told("https://{tenant}.acme.test/token") == "");
  CHECK(told("https://{tenat}.acme.test/token") ==
        "acme.yaml:5:3: auth: `{tenat}` is not a key of an account\n"
        "  hint: name it under `account:`\n");
}

TEST_CASE("what a list passes over and which limits it counts in is described") {
  const std::vector<CatalogFile> files = {
      {"acme.yaml",
       "connector: acme\nbase_url: https://api.acme.test\nauth: [{kind: none}]\n"
       "limits: [{group: reads, requests: 1, per: 1s}]\noperations:\n  items:\n"
       "    request: GET /items\n    confirmed: false\n    limit_group: reads\n    params: {after: "
       "x}\n    read:\n      id: /id\n      updated: /u\n      where: {at: /a, equals: b}\n"
       "      since: {newest_first: true}\n"
       "      paging: {kind: cursor, parts: {after: {at: /n, jq: '. + 1'}}}\n"}};
  const CatalogLoad load = load_catalog(files);
  REQUIRE_MESSAGE(load.catalog != nullptr, problems_text(files));
  const Operation& items = *load.catalog->operation("acme.items");
  const nlohmann::json shown = describe_operation(items);
  CHECK(shown["limit_group"] == "reads");
  CHECK(shown["read"]["where"] == nlohmann::json::parse(R"([{"at":"/a","equals":["b"]}])"));
  CHECK(shown["read"]["since"]["newest_first"] == true);
  CHECK(shown["read"]["paging"]["parts"]["after"]["jq"] == ". + 1");
  CHECK(describe_operation_text(items).find("  facts       unconfirmed\n") != std::string::npos);
}
