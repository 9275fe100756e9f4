// The world that changes by itself: seeded, bounded, and touching what every read shows.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

std::vector<std::string> kinds_of(World60& world) {
  // An unknown kind answers with the list of known ones.
  const std::string message =
      world.control("POST", "/mutate", {{"location", kFirstLocation}, {"op", "auto"}})
          .body["message"];
  const json kinds = json::parse(message.substr(message.find('[')));
  return kinds.get<std::vector<std::string>>();
}

bool change(World60& world, const std::string& kind) {
  return world
             .control("POST", "/mutate",
                      {{"location", kFirstLocation}, {"op", "auto"}, {"kind", kind}})
             .status == 200;
}

TEST_CASE("the same seed gives the same world, another seed another") {
  World60 one(Settings{.seed = 5});
  World60 same(Settings{.seed = 5});
  World60 other(Settings{.seed = 6});
  CHECK(one.records("contacts") == same.records("contacts"));
  CHECK(one.records("contacts") != other.records("contacts"));
}

TEST_CASE("a location's records do not depend on which locations came before it") {
  World60 one;
  World60 two;
  one.control("POST", "/accounts", {{"location_id", "first"}});
  one.control("POST", "/accounts", {{"location_id", "second"}});
  two.control("POST", "/accounts", {{"location_id", "second"}});
  const std::string path = "/record?collection=contacts&location=second";
  CHECK(one.control("GET", path).body == two.control("GET", path).body);
}

TEST_CASE("every kind of change changes something and is in the truth log") {
  World60 world;
  for (const std::string& kind : kinds_of(world)) {
    CAPTURE(kind);
    if (kind == "contact_restore") change(world, "contact_delete");
    world.advance(1);
    bool changed = false;
    for (int i = 0; i < 10 && !changed; ++i) {
      const std::size_t before = world.lines.size();
      changed = change(world, kind) && world.lines.size() > before;
    }
    CHECK(changed);
    CHECK(world.last_line()["type"] == "mutation");
  }
}

// Changes of the world that show in the answer of each read, by themselves and without the clock.
TEST_CASE("after some rounds of life the answer of every read has changed") {
  World60 world(Settings{.limits = false});
  const auto calls = good_calls(world);
  std::map<std::string, std::string> before;
  const auto shown = [&](const GoodCall& call) {
    const Seen seen = world.send(call.request);
    return seen.body.is_discarded() ? state_of_bytes(seen.reply.body)
           : seen.body.is_object()  ? state_of(seen.body)
                                    : seen.body.dump();
  };
  std::set<std::string> reads;
  const json offered = world.control("GET", "/operations").body["operations"];
  for (const json& one : offered) {
    if (one["scope"].get<std::string>().ends_with(".readonly")) reads.insert(one["operation"]);
  }
  REQUIRE(reads.size() > 50);
  std::set<std::string> unchanged;
  for (const GoodCall& call : calls) {
    if (!reads.contains(call.operation)) continue;
    before[call.operation] = shown(call);
    unchanged.insert(call.operation);
  }
  const auto kinds = kinds_of(world);
  for (int round = 0; round < 60 && !unchanged.empty(); ++round) {
    for (const std::string& kind : kinds) change(world, kind);
    for (const GoodCall& call : calls) {
      if (unchanged.contains(call.operation) && shown(call) != before[call.operation]) {
        unchanged.erase(call.operation);
      }
    }
  }
  // A recording or a transcript never changes once it is there; their appearance is tested below.
  const std::set<std::string> still = {"get_message_recording", "get_message_transcription",
                                       "download_transcription"};
  for (const std::string& operation : unchanged) {
    CAPTURE(operation);
    CHECK(still.contains(operation));
  }
}

TEST_CASE("recordings and transcripts appear later than their call") {
  World60 world;
  change(world, "call_logged");
  std::string call;
  for (const json& message : world.records("messages")) {
    const bool recorded = world
                              .control("GET", "/record?collection=recordings&location=" +
                                                  std::string(kFirstLocation) +
                                                  "&id=" + message["id"].get<std::string>())
                              .status == 200;
    if (message["messageType"] == "TYPE_CALL" && !recorded) call = message["id"];
  }
  REQUIRE(!call.empty());
  const Request request = {
      .path = "/conversations/messages/" + call + "/locations/" + kFirstLocation + "/recording",
      .version = "2021-04-15"};
  CHECK(world.send(request).status == 400);
  for (int i = 0; i < 10; ++i) change(world, "recording_appears");
  CHECK(world.send(request).status == 200);
}

TEST_CASE("populations stay bounded over ten thousand changes") {
  World60 world;
  const auto kinds = kinds_of(world);
  for (int round = 0; round < 150; ++round) {
    for (const std::string& kind : kinds) change(world, kind);
  }
  const json counts = world.control("GET", "/state").body["counts"][kFirstLocation];
  CHECK(counts["contacts"].get<int>() >= 25);
  CHECK(counts["contacts"].get<int>() <= 110);
  CHECK(counts["messages"].get<int>() <= 401);
  CHECK(counts["events"].get<int>() >= 8);
  CHECK(counts["tasks"].get<int>() >= 1);
  for (const auto& [collection, count] : counts.items()) {
    CAPTURE(collection);
    CHECK(count.get<int>() <= 600);
  }
}

TEST_CASE("whatever changes, each record names a contact that is there") {
  World60 world;
  const auto kinds = kinds_of(world);
  for (int round = 0; round < 40; ++round) {
    for (const std::string& kind : kinds) change(world, kind);
  }
  std::set<std::string> contacts;
  for (const json& contact : world.records("contacts")) contacts.insert(contact["id"]);
  for (const char* collection : {"tasks", "notes", "opportunities", "events", "conversations"}) {
    CAPTURE(collection);
    const json records = world.records(collection);
    CHECK(!records.empty());
    for (const json& record : records) CHECK(contacts.contains(record["contactId"]));
  }
  for (const json& relation : world.records("relations")) {
    CHECK(contacts.contains(relation["firstRecordId"]));
  }
}

TEST_CASE("nothing changes in the quiet time, then one change per pause of the pace") {
  World60 world(Settings{.pace = 60, .quiet = 90 * kSecond});
  const auto live = [&](double seconds) {
    world.control("POST", "/clock", {{"advance_seconds", seconds}, {"with_changes", true}});
    world.sandbox.turn();
    return world.control("GET", "/state").body["next_change"];
  };
  const std::size_t before = world.lines.size();
  CHECK(live(89.999) == "2026-11-16T12:01:30.000Z");
  CHECK(world.lines.size() == before);
  CHECK(live(0.001) == "2026-11-16T12:01:31.000Z");
  CHECK(live(59.999) == "2026-11-16T12:02:30.000Z");
  CHECK(world.lines.size() > before);
}

TEST_CASE("a jump of the clock brings no burst of changes unless it is asked for") {
  World60 world(Settings{.pace = 60, .quiet = 0});
  world.sandbox.turn();
  const std::size_t before = world.lines.size();
  world.advance(3600);
  world.sandbox.turn();
  CHECK(world.lines.size() <= before + 6);  // an import makes five records in one change
}

TEST_CASE("a paused world does not change") {
  World60 world(Settings{.pace = 6000, .quiet = 0});
  world.control("POST", "/pause");
  const std::size_t before = world.lines.size();
  world.sandbox.turn();
  CHECK(world.lines.size() == before);
  world.control("POST", "/resume");
  for (int i = 0; i < 5; ++i) world.sandbox.turn();
  CHECK(world.lines.size() > before);
}

TEST_CASE("a lagging search shows a change late, the single record at once (DET-03)") {
  World60 world(Settings{.search_lag = 5 * kSecond});
  const std::string id = world.first("contacts")["id"];
  world.control("POST", "/mutate",
                {{"location", kFirstLocation},
                 {"collection", "contacts"},
                 {"op", "update"},
                 {"id", id},
                 {"fields", {{"city", "Ulm"}}}});
  const auto searched = [&] {
    return world
        .send({.method = "POST",
               .path = "/contacts/search",
               .body = {{"locationId", kFirstLocation},
                        {"pageLimit", 10},
                        {"filters", {{{"field", "city"}, {"operator", "eq"}, {"value", "Ulm"}}}}}})
        .body["total"];
  };
  CHECK(world.send({.path = "/contacts/" + id}).body["contact"]["city"] == "Ulm");
  world.advance(4.999);
  CHECK(searched() == 0);
  world.advance(0.001);
  CHECK(searched() == 1);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
