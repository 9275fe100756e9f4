// The connectors of the apps beside HighLevel: what each offers, and what of it is confirmed.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "triggerd/catalog/catalog.h"
#include "triggerd/catalog/request.h"

using namespace triggerd;
using nlohmann::json;

namespace {

const Catalog& catalog() {
  static const CatalogLoad kLoad = load_catalog_with("");
  REQUIRE(kLoad.catalog != nullptr);
  return *kLoad.catalog;
}

const Operation& operation(const std::string& name) {
  const Operation* found = catalog().operation(name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

HttpRequest request(const std::string& name, const json& values) {
  const auto built = build_request(operation(name), values);
  REQUIRE_MESSAGE(built.has_value(), built.error());
  return *built;
}

struct Counts {
  int reads = 0, writes = 0, unconfirmed = 0;
  bool operator==(const Counts&) const = default;
};

}  // namespace

TEST_CASE("PartnerStack, Stibee, Club OS and Payaca are known, each operation with its source") {
  const std::map<std::string, Counts> wanted{{"partnerstack", {6, 10, 7}},
                                             {"stibee", {4, 7, 2}},
                                             {"clubos", {3, 7, 9}},
                                             {"payaca", {3, 5, 7}}};
  for (const auto& [name, counts] : wanted) {
    CAPTURE(name);
    const Connector* connector = catalog().connector(name);
    REQUIRE(connector != nullptr);
    Counts found;
    std::set<std::string> routes;
    for (const Operation& each : connector->operations) {
      CAPTURE(each.name);
      ++(each.read ? found.reads : found.writes);
      found.unconfirmed += each.confirmed ? 0 : 1;
      CHECK(routes.insert(each.method + " " + each.path).second);
      CHECK_FALSE(each.title.empty());
      CHECK_FALSE(each.description.empty());
      CHECK_FALSE(each.source.empty());
      for (const Param& param : each.params) CHECK_FALSE(param.description.empty());
    }
    CAPTURE(found.reads);
    CAPTURE(found.writes);
    CAPTURE(found.unconfirmed);
    CHECK(found == counts);
  }
}

TEST_CASE("each app is signed in to as its documents say") {
  const auto first = [](const char* name) { return catalog().connector(name)->auth.front(); };
  CHECK(first("partnerstack").kind == AuthKind::basic);
  CHECK(first("partnerstack").fields == std::vector<std::string>{"public_key", "secret_key"});
  CHECK(first("stibee").header == "AccessToken");
  CHECK(first("clubos").header == "x-api-key");
  CHECK(catalog().connector("clubos")->auth.back().kind == AuthKind::basic);
  CHECK(first("payaca").fields == std::vector<std::string>{"client_id", "client_secret"});
}

TEST_CASE("Stibee's times are read although they end in a word") {
  const Stamp& stamp = operation("stibee.list_subscribers").read->updated;
  const auto at = read_date("2024-11-12 17:09:13 +0900 KST", stamp.format);
  REQUIRE(at.has_value());
  CHECK(write_date(*at, DateFormat{}) == "2024-11-12T08:09:13.000Z");
}

TEST_CASE("writes stand in the bodies that the apps want") {
  const HttpRequest added =
      request("stibee.add_subscriber",
              {{"list_id", "7"}, {"email", "a@b.example"}, {"fields", {{"name", "A"}}}});
  CHECK(added.url == "/lists/7/subscribers");
  CHECK(json::parse(added.body) ==
        json{{"subscriber", {{"email", "a@b.example"}, {"fields", {{"name", "A"}}}}},
             {"updateEnabled", true}});
  CHECK(request("stibee.update_subscriber",
                {{"list_id", "7"}, {"email", "a/b@c.example"}, {"fields", json::object()}})
            .url == "/lists/7/subscribers/a%2Fb%40c.example");
  const HttpRequest prospect = request("clubos.create_prospect", {{"clubLocationId", "3"},
                                                                  {"firstName", "A"},
                                                                  {"lastName", "B"},
                                                                  {"email", "a@b.example"},
                                                                  {"birthDate", "1990-12-31"}});
  CHECK(prospect.url == "/prospects?clubLocationId=3");
  CHECK(json::parse(prospect.body).at("birthDate") == "12-31-1990");
}
