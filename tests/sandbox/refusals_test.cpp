// What the sandbox refuses, leaves out or says in more than one way, as the documents have it.
#include <doctest/doctest.h>

#include <algorithm>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kInPlace = "locationId=" + std::string(kFirstLocation);
constexpr const char* kCalendarVersion = "2021-04-15";

Seen conversations(World60& world, const std::string& more) {
  return world.send(
      {.path = "/conversations/search?" + kInPlace + more, .version = kCalendarVersion});
}

Request upsert(json more) {
  json body = {{"locationId", kFirstLocation}};
  body.update(more);
  return {.method = "POST", .path = "/contacts/upsert", .body = body};
}

void mutate(World60& world, const json& change) {
  json call = {{"location", kFirstLocation}, {"op", "update"}};
  call.update(change);
  REQUIRE(world.control("POST", "/mutate", call).status < 300);
}

TEST_CASE("a body that is not called JSON is refused with 415") {
  World60 world;
  Request request = upsert({{"email", "new@example.com"}});
  CHECK(world.send(request).status == 200);
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    request.content_type = type;
    CHECK(world.send(request).status == 415);
  }
  request.content_type = "application/json; charset=utf-8";
  CHECK(world.send(request).status == 200);
}

TEST_CASE("a parameter that is given twice is refused, unless it is a list") {
  World60 world;
  const Seen twice = world.send({.path = "/contacts/?" + kInPlace + "&limit=5&limit=6"});
  CHECK(twice.status == 422);
  CHECK(twice.body["message"] == json{"limit must be a string"});
  const std::string calendar = world.first("calendars")["id"];
  CHECK(world
            .send({.path = "/calendars/" + calendar + "/free-slots?userIds=a&userIds=b&startDate=" +
                           std::to_string(kStart) + "&endDate=" + std::to_string(kStart + kDay),
                   .version = kCalendarVersion})
            .status == 200);
}

TEST_CASE("a task's due date has no milliseconds and a zone") {
  World60 world;
  const std::string path =
      "/contacts/" + world.first("contacts")["id"].get<std::string>() + "/tasks";
  const auto status = [&](const char* due) {
    return world
        .send({.method = "POST",
               .path = path,
               .body = {{"title", "t"}, {"completed", false}, {"dueDate", due}}})
        .status;
  };
  CHECK(status("2026-12-01T10:00:00Z") == 201);
  CHECK(status("2026-12-01T10:00:00+01:00") == 201);
  CHECK(status("2026-12-01T10:00:00.000Z") == 422);
  CHECK(status("2026-12-01T10:00:00") == 422);
  CHECK(status("2026-12-01") == 422);
}

TEST_CASE("an upsert needs an e-mail address or a phone number") {
  World60 world;
  CHECK(world.send(upsert({{"firstName", "Ada"}})).status == 422);
  CHECK(world.send(upsert({{"phone", "+15550100000"}})).status == 200);
}

TEST_CASE("a second contact is made only where the location allows duplicates") {
  World60 world;
  const Request second =
      upsert({{"email", "twice@example.com"}, {"createNewIfDuplicateAllowed", true}});
  CHECK(world.send(second).body["new"] == true);
  CHECK(world.send(second).body["new"] == false);
  mutate(world, {{"collection", "locations"},
                 {"id", kFirstLocation},
                 {"fields", {{"settings", {{"allowDuplicateContact", true}}}}}});
  CHECK(world.send(second).body["new"] == true);
}

TEST_CASE("a filter of opportunities is applied: campaign and country") {
  World60 world;
  const json deal = world.first("opportunities");
  mutate(
      world,
      {{"collection", "opportunities"}, {"id", deal["id"]}, {"fields", {{"campaignId", "camp1"}}}});
  mutate(world,
         {{"collection", "contacts"}, {"id", deal["contactId"]}, {"fields", {{"country", "NZ"}}}});
  const auto ids = [&](const std::string& filter) {
    const std::string path =
        "/opportunities/search?status=all&limit=100&location_id=" + std::string(kFirstLocation) +
        filter;
    std::vector<std::string> found;
    const json page = world.send({.path = path}).body;
    for (const json& one : page["opportunities"]) {
      CHECK((filter.find("country") == std::string::npos || one["contactId"] == deal["contactId"]));
      found.push_back(one["id"]);
    }
    return found;
  };
  CHECK(ids("&campaignId=camp1") == std::vector<std::string>{deal["id"]});
  CHECK(ids("&campaignId=camp2").empty());
  const auto there = ids("&country=nz");
  CHECK(std::find(there.begin(), there.end(), deal["id"].get<std::string>()) != there.end());
  CHECK(ids("&country=ZZ").empty());
}

TEST_CASE("filters that this world cannot answer are refused, not ignored") {
  World60 world;
  for (const char* filter :
       {"&followers=a", "&mentions=a", "&lastMessageAction=manual", "&scoreProfile=a",
        "&scoreProfileMin=1", "&scoreProfileMax=1", "&sortScoreProfile=a", "&status=recents",
        "&sortBy=score_profile", "&sortBy=overdue_at", "&sortBy=due_at"}) {
    CAPTURE(filter);
    const Seen seen = conversations(world, filter);
    CHECK(seen.status == 422);
    CHECK(seen.body["message"][0].get<std::string>().ends_with("is not supported by the sandbox"));
  }
  CHECK(world
            .send({.path = "/users/search?enabled2waySync=true&companyId=" +
                           std::string(kFirstCompany)})
            .status == 422);
}

TEST_CASE("conversations are ordered by what is asked for") {
  World60 world;
  const std::string oldest =
      conversations(world, "&limit=1&sort=asc").body["conversations"][0]["id"];
  mutate(world, {{"collection", "conversations"},
                 {"id", oldest},
                 {"at", "2026-11-16T12:00:00Z"},
                 {"fields", {{"lastMessageBody", "now"}}}});
  const auto first = [&](const char* order) {
    return conversations(world, std::string("&limit=1&sort=desc") + order)
        .body["conversations"][0]["id"]
        .get<std::string>();
  };
  CHECK(first("&sortBy=last_message_date") == oldest);
  CHECK(first("&sortBy=last_manual_message_date") != oldest);
}

TEST_CASE("free slots of a user are kept by what lies with that user alone") {
  World60 world;
  const std::string calendar = world.first("calendars")["id"];
  for (const json& event : world.records("events")) {
    mutate(world, {{"collection", "events"}, {"op", "delete"}, {"id", event["id"]}});
  }
  mutate(world, {{"collection", "events"},
                 {"op", "create"},
                 {"fields",
                  {{"calendarId", calendar},
                   {"assignedUserId", "u1"},
                   {"startTime", "2026-11-16T14:15:00.000Z"},
                   {"endTime", "2026-11-16T14:45:00.000Z"}}}});
  const auto is_free = [&](const std::string& users) {
    const json slots = world
                           .send({.path = "/calendars/" + calendar + "/free-slots?timezone=UTC" +
                                          users + "&startDate=" + std::to_string(kStart) +
                                          "&endDate=" + std::to_string(kStart + kDay),
                                  .version = kCalendarVersion})
                           .body["2026-11-16"]["slots"];
    return std::find(slots.begin(), slots.end(), json("2026-11-16T14:00:00+00:00")) != slots.end();
  };
  CHECK_FALSE(is_free(""));
  CHECK_FALSE(is_free("&userId=u1"));
  CHECK_FALSE(is_free("&userIds=u2&userIds=u1"));
  CHECK(is_free("&userId=u2"));
}

TEST_CASE("what is gone answers by the status that is wanted, where the documents leave it open") {
  for (const int status : {400, 404, 422}) {
    CAPTURE(status);
    Settings settings;
    settings.absent = status;
    World60 world(settings);
    const auto gone = [&](const std::string& path, const char* version = "2021-07-28") {
      const Seen seen = world.send({.path = path, .version = version});
      CHECK(seen.body["statusCode"].get<int>() == seen.status);
      return seen.status;
    };
    CHECK(gone("/contacts/nobody00000000000000") == (status == 422 ? 404 : status));
    CHECK(gone("/users/nobody00000000000000") == 404);
    const std::string text = "/conversations/locations/" + std::string(kFirstLocation) +
                             "/messages/nothing/transcription";
    CHECK(gone(text, kCalendarVersion) == status);
    CHECK(gone(text + "/download", kCalendarVersion) == status);
    const Seen duplicate =
        world.send({.path = "/contacts/search/duplicate?email=nobody%40example.com&" + kInPlace});
    CHECK(duplicate.status == (status == 404 ? 200 : status));
    CHECK(world.send({.path = "/contacts/" + world.first("contacts")["id"].get<std::string>()})
              .status == 200);
  }
}

TEST_CASE("behind the end a next page can still be promised, with the cursor that was sent") {
  World60 world;
  world.fault("search_opportunities", "echo_cursor", {{"count", -1}});
  const std::string path =
      "/opportunities/search?status=all&limit=100&location_id=" + std::string(kFirstLocation);
  const json last = world.send({.path = path}).body;
  CHECK(last["meta"]["nextPage"] == 2);
  const std::string id = last["meta"]["startAfterId"];
  const std::string value = last["meta"]["startAfter"].dump();
  const json behind =
      world.send({.path = path + "&startAfter=" + value + "&startAfterId=" + id}).body;
  CHECK(behind["opportunities"].empty());
  CHECK(behind["meta"]["startAfterId"] == id);
  CHECK(behind["meta"]["nextPage"] == 2);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
