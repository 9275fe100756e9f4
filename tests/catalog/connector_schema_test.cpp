#include "triggerd/catalog/connector_schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "catalog/problem_samples.h"

using namespace triggerd;

namespace {

using Names = std::set<std::string>;

Names in_schema(const std::string& map) {
  const nlohmann::json schema = connector_json_schema();
  Names names;
  const nlohmann::json& at = map == "file" ? schema : schema["definitions"][map];
  for (const auto& [name, value] : at["properties"].items()) names.insert(name);
  return names;
}

// The keys that the loader says it knows where an unknown one stands.
Names told(const std::string& text) {
  Names names;
  for (const Problem& problem : load_catalog({{"acme.yaml", text}}).problems) {
    const std::string start = "known here: ";
    if (problem.what.find("`zzzzzzzzzzzz`") == std::string::npos) continue;
    REQUIRE(problem.hint.starts_with(start));
    std::string rest = problem.hint.substr(start.size()) + ", ";
    for (std::size_t comma = rest.find(", "); comma != std::string::npos; comma = rest.find(", ")) {
      names.insert(rest.substr(0, comma));
      rest.erase(0, comma + 2);
    }
  }
  return names;
}

const std::string kUnknown = "zzzzzzzzzzzz: 1";

Names of_head(const std::string& lines) {
  return told("connector: acme\nbase_url: https://x.test\n" + lines);
}

// Of all kinds together, since some keys belong to one kind.
Names of_auth(const std::string& more) {
  Names all;
  for (const char* kind : {"none", "basic", "header_key", "query_key", "body_key", "oauth2_code",
                           "oauth2_client", "login", "derived"}) {
    all.merge(of_head("auth: [{kind: " + std::string(kind) + ", " + more + "}]\n"));
  }
  return all;
}

}  // namespace

TEST_CASE("the schema of connector files knows each key that the loader takes, and no other") {
  Names file = of_head("auth: [{kind: none}]\n" + kUnknown + "\n");
  file.insert("overrides");
  CHECK(in_schema("file") == file);
  CHECK(in_schema("account_key") ==
        of_head("account: {a: {" + kUnknown + "}}\nauth: [{kind: none}]\n"));
  CHECK(in_schema("auth") == of_auth(kUnknown));
  CHECK(in_schema("token") == of_auth("token: {" + kUnknown + "}"));
  CHECK(in_schema("limit") == of_head("auth: [{kind: none}]\nlimits: [{" + kUnknown + "}]\n"));
  CHECK(in_schema("rate_headers") ==
        of_head("auth: [{kind: none}]\nrate_headers: {" + kUnknown + "}\n"));
  CHECK(in_schema("error") == of_head("auth: [{kind: none}]\nerrors: [{" + kUnknown + "}]\n"));
  CHECK(in_schema("defaults") == of_head("auth: [{kind: none}]\ndefaults: {" + kUnknown + "}\n"));
}

TEST_CASE("the schema of operations knows each key that the loader takes, and no other") {
  Names operation = told(with_lines("    " + kUnknown + "\n"));
  operation.insert("write");
  CHECK(in_schema("operation") == operation);
  const auto line = [](const std::string& text) { return told(with_lines("    " + text + "\n")); };
  CHECK(in_schema("body") == line("body: {" + kUnknown + "}"));
  CHECK(in_schema("param") == line("params: {a: {" + kUnknown + "}}"));
  CHECK(in_schema("follow_up") == line("params: {a: {then: {" + kUnknown + "}}}"));
  CHECK(in_schema("alternative") == line("alternatives: [{" + kUnknown + "}]"));
  CHECK(in_schema("account_list") == line("lists_accounts: {" + kUnknown + "}"));
  CHECK(in_schema("fan_out") == line("params: {a: {fan_out: {" + kUnknown + "}}}"));
  const auto read = [](const std::string& text) { return told(with_read("      " + text + "\n")); };
  Names reads = read(kUnknown);
  reads.merge(read("shape: map\n      " + kUnknown));
  CHECK(in_schema("read") == reads);
  CHECK(in_schema("condition") == read("where: {" + kUnknown + "}"));
  CHECK(in_schema("updated") == read("updated: {" + kUnknown + "}"));
  Names stamp = in_schema("stamp");
  stamp.insert("version");
  CHECK(stamp == read("created: {" + kUnknown + "}"));
  Names paging;
  for (const char* kind : {"page", "cursor", "next_url"}) {
    paging.merge(read("paging: {kind: " + std::string(kind) + ", " + kUnknown + "}"));
  }
  CHECK(in_schema("paging") == paging);
  CHECK(in_schema("cursor") == read("paging: {kind: cursor, parts: {after: {" + kUnknown + "}}}"));
  CHECK(in_schema("since") == read("since: {" + kUnknown + "}"));
  CHECK(in_schema("window") == read("window: {" + kUnknown + "}"));
  CHECK(in_schema("confirm") == read("confirm: {" + kUnknown + "}"));
  const auto write = [](const std::string& text) {
    return told(acme_file("  a: {request: POST /a, write: {" + text + "}}\n"));
  };
  CHECK(in_schema("write") == write(kUnknown));
  CHECK(in_schema("touched") == write("record: {" + kUnknown + "}"));
}

TEST_CASE("every reference of the connector schema has its definition") {
  const nlohmann::json schema = connector_json_schema();
  const std::string text = schema.dump();
  const std::string start = "#/definitions/";
  int found = 0;
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
    at += start.size();
    const std::string name = text.substr(at, text.find('"', at) - at);
    CAPTURE(name);
    CHECK(schema["definitions"].contains(name));
    ++found;
  }
  CHECK(found > 20);
}
