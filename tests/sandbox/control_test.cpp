// The control endpoints, and the truth log that everything leaves behind.
#include <doctest/doctest.h>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

TEST_CASE("a single change appears in the answer and in the log") {
  World60 world;
  const std::string id = world.first("workflows")["id"];
  world.advance(7);
  const Seen changed = world.control("POST", "/mutate",
                                     {{"location", kFirstLocation},
                                      {"collection", "workflows"},
                                      {"op", "update"},
                                      {"id", id},
                                      {"fields", {{"name", "Renamed"}}}});
  CHECK(changed.status == 200);
  CHECK(changed.body["updatedAt"] == "2026-11-16T12:00:07.000Z");
  const json& line = world.last_line();
  CHECK(line["type"] == "mutation");
  CHECK(line["op"] == "update");
  CHECK(line["collection"] == "workflows");
  CHECK(line["id"] == id);
  CHECK(line["changed"] == json{"/name", "/updatedAt"});
  CHECK(line["record"] == changed.body);
  CHECK(line["at"] == "2026-11-16T12:00:07.000Z");
  const json shown =
      world.send({.path = "/workflows/?locationId=" + std::string(kFirstLocation)}).body;
  bool found = false;
  for (const json& one : shown["workflows"]) found = found || one == changed.body;
  CHECK(found);
}

TEST_CASE("a change may leave the stamp alone or set it back (DET-09, DET-04)") {
  World60 world;
  const json before = world.first("workflows");
  const json untouched = world
                             .control("POST", "/mutate",
                                      {{"location", kFirstLocation},
                                       {"collection", "workflows"},
                                       {"op", "update"},
                                       {"id", before["id"]},
                                       {"touch", false},
                                       {"fields", {{"name", "Quiet"}}}})
                             .body;
  CHECK(untouched["updatedAt"] == before["updatedAt"]);
  CHECK(untouched["name"] == "Quiet");
  const json backdated = world
                             .control("POST", "/mutate",
                                      {{"location", kFirstLocation},
                                       {"collection", "contacts"},
                                       {"op", "create"},
                                       {"at", "2020-01-02T03:04:05Z"},
                                       {"fields", {{"name", "Old"}}}})
                             .body;
  CHECK(backdated["dateAdded"] == "2020-01-02T03:04:05.000Z");
}

TEST_CASE("a deleted record is logged as it was and gone for the API") {
  World60 world;
  const json contact = world.first("contacts");
  world.control("POST", "/mutate",
                {{"location", kFirstLocation},
                 {"collection", "contacts"},
                 {"op", "delete"},
                 {"id", contact["id"]}});
  CHECK(world.last_line()["op"] == "delete");
  CHECK(world.last_line()["record"] == contact);
  CHECK(world.send({.path = "/contacts/" + contact["id"].get<std::string>()}).status == 404);
}

TEST_CASE("mutations that cannot be are refused") {
  World60 world;
  const json base = {{"location", kFirstLocation}, {"collection", "contacts"}};
  const auto status = [&](const json& more) {
    json body = base;
    body.update(more);
    return world.control("POST", "/mutate", body).status;
  };
  CHECK(status({{"op", "update"}, {"id", "nobody"}}) == 404);
  CHECK(status({{"op", "explode"}}) == 404);
  CHECK(status({{"op", "create"}, {"fields", 3}}) == 400);
  CHECK(status({{"op", "create"}, {"at", "yesterday"}}) == 400);
  CHECK(status({{"op", "create"}, {"collection", "cars"}}) == 400);
}

TEST_CASE("a request's line holds what was asked and the states that were shown") {
  World60 world;
  const std::string id = world.first("contacts")["id"];
  const Seen seen = world.send({.path = "/contacts/" + id});
  const json& line = world.last_line();
  CHECK(line["type"] == "request");
  CHECK(line["operation"] == "get_contact");
  CHECK(line["method"] == "GET");
  CHECK(line["path"] == "/highlevel/contacts/" + id);
  CHECK(line["location"] == kFirstLocation);
  CHECK(line["status"] == 200);
  CHECK(line["complete"] == true);
  CHECK(line["fault"].is_null());
  CHECK(line["authorization"] == world.location_token.substr(world.location_token.size() - 6));
  CHECK(line["records"] == json::array({json::array({id, state_of(seen.body["contact"])})}));
}

TEST_CASE("line numbers count up from 1 without a gap") {
  World60 world;
  for (int i = 0; i < 5; ++i) {
    world.send({.path = "/workflows/?locationId=" + std::string(kFirstLocation)});
    world.control("POST", "/mutate",
                  {{"location", kFirstLocation}, {"op", "auto"}, {"kind", "contact_import"}});
  }
  for (std::size_t i = 0; i < world.lines.size(); ++i) CHECK(world.lines[i]["seq"] == i + 1);
}

TEST_CASE("an unknown location is created and seeded with its account") {
  World60 world;
  const json account =
      world.control("POST", "/accounts", {{"location_id", "brandNewLocation0000"}}).body;
  CHECK(account["location_id"] == "brandNewLocation0000");
  CHECK(account["company_id"] == kFirstCompany);
  CHECK(account["base_url"].get<std::string>().ends_with("/highlevel"));
  const json counts = world.control("GET", "/state").body["counts"]["brandNewLocation0000"];
  CHECK(counts["contacts"] == 60);
}

TEST_CASE("looks into the world: state, collections, operations, unknown endpoints") {
  World60 world;
  CHECK(world.control("GET", "/state").body["now"] == "2026-11-16T12:00:00.000Z");
  CHECK(world.control("GET", "/collections").body["counts"]["contacts"] == 60);
  // Find Contact goes by the routes of other operations.
  CHECK(world.control("GET", "/operations").body["operations"].size() == 55 + 70);
  CHECK(world.control("GET", "/nothing").status == 404);
  CHECK(world.control("POST", "/clock", {{"advance_seconds", -1}}).status == 400);
}

TEST_CASE("shutdown is asked for and seen") {
  World60 world;
  CHECK_FALSE(world.sandbox.stop_wanted());
  CHECK(world.control("POST", "/shutdown").status == 200);
  CHECK(world.sandbox.stop_wanted());
}

}  // namespace
}  // namespace triggerd::sandbox::tests
