// Writes to calendars and appointments: what they do to the world, as the reads that triggers poll
// show it, and what they refuse.
#include <doctest/doctest.h>

#include <algorithm>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

constexpr const char* kCalendarVersion = "2021-04-15";

Seen call(World60& world, const std::string& method, const std::string& path,
          const json& body = {}) {
  return world.send(
      {.method = method, .path = "/calendars/" + path, .body = body, .version = kCalendarVersion});
}

std::string id_of(const json& record) { return record.at("id").get<std::string>(); }

const json* by_id(const json& records, const std::string& id, const char* member = "id") {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const json& one) { return one[member] == id; });
  return found == records.end() ? nullptr : &*found;
}

bool mentions(const Seen& seen, const std::string& words) {
  return seen.body["message"].dump().find(words) != std::string::npos;
}

// An opening hour of the seeded calendars, months after the standing clock.
json booking(World60& world, const std::string& start = "2027-03-01T10:00:00-06:00") {
  return {{"locationId", kFirstLocation},
          {"calendarId", id_of(world.first("calendars"))},
          {"contactId", id_of(world.first("contacts"))},
          {"startTime", start}};
}

json window_of(World60& world, const std::string& what, const std::string& calendar) {
  return call(world, "GET",
              what + "?locationId=" + kFirstLocation + "&calendarId=" + calendar + "&startTime=" +
                  std::to_string(kStart) + "&endTime=" + std::to_string(kStart + 200 * kDay))
      .body["events"];
}

TEST_CASE("a booked appointment shows in the list, takes its slot, and gives it back") {
  World60 world;
  const std::string calendar = id_of(world.first("calendars"));
  const Seen first = call(world, "POST", "events/appointments", booking(world));
  REQUIRE(first.status == 200);
  CHECK(first.body["startTime"] == "2027-03-01T10:00:00-06:00");
  CHECK(first.body["endTime"] == "2027-03-01T10:30:00-06:00");
  CHECK(first.body["appointmentStatus"] == "confirmed");
  CHECK_FALSE(first.body.contains("dateAdded"));
  const std::string id = id_of(first.body);
  const json listed = window_of(world, "events", calendar);
  const json* shown = by_id(listed, id);
  REQUIRE(shown != nullptr);
  CHECK((*shown)["dateAdded"] == "2026-11-16T06:00:00-06:00");
  CHECK((*shown)["users"] == json{(*shown)["assignedUserId"]});

  const Seen again = call(world, "POST", "events/appointments", booking(world));
  CHECK(again.status == 400);
  CHECK(mentions(again, "no longer available"));
  json forced = booking(world);
  forced["ignoreFreeSlotValidation"] = true;
  CHECK(call(world, "POST", "events/appointments", forced).status == 200);
  CHECK(call(world, "POST", "events/appointments", booking(world, "2027-03-01T05:00:00-06:00"))
            .status == 400);
  CHECK(call(world, "POST", "events/appointments", booking(world, "2026-11-16T05:00:00-06:00"))
            .status == 400);

  world.advance(10);
  CHECK(call(world, "PUT", "events/appointments/" + id, {{"appointmentStatus", "cancelled"}})
            .status == 200);
  const json cancelled = window_of(world, "events", calendar);
  CHECK((*by_id(cancelled, id))["dateUpdated"] == "2026-11-16T06:00:10-06:00");
  CHECK(call(world, "DELETE", "events/" + id).status == 400);  // a body is asked for
  CHECK(call(world, "DELETE", "events/" + id, json::object()).status == 201);
  CHECK(by_id(window_of(world, "events", calendar), id) == nullptr);
  CHECK(call(world, "DELETE", "events/" + id, json::object()).status == 404);
}

TEST_CASE("an appointment that moves keeps its length and does not stand in its own way") {
  World60 world;
  json long_one = booking(world);
  long_one["endTime"] = "2027-03-01T11:00:00-06:00";
  const std::string path =
      "events/appointments/" + id_of(call(world, "POST", "events/appointments", long_one).body);
  const Seen moved = call(world, "PUT", path, {{"startTime", "2027-03-02T15:00:00Z"}});
  REQUIRE(moved.status == 200);
  CHECK(moved.body["startTime"] == "2027-03-02T09:00:00-06:00");
  CHECK(moved.body["endTime"] == "2027-03-02T10:00:00-06:00");
  CHECK(call(world, "PUT", path, {{"startTime", "2027-03-02T09:00:00-06:00"}}).status == 200);
  CHECK(call(world, "PUT", path, {{"startTime", "2027-03-06T09:00:00-06:00"}}).status == 400);
}

TEST_CASE("an appointment refuses times without a zone, an end before its start, and strangers") {
  World60 world;
  for (const char* time : {"2027-03-01T10:00:00", "tomorrow", "1794830400000"}) {
    CAPTURE(time);
    const Seen seen = call(world, "POST", "events/appointments", booking(world, time));
    CHECK(seen.status == 422);
    CHECK(mentions(seen, "startTime must be a valid ISO 8601"));
  }
  json backwards = booking(world);
  backwards["endTime"] = "2027-03-01T10:00:00-06:00";
  CHECK(call(world, "POST", "events/appointments", backwards).status == 422);
  for (const char* member : {"calendarId", "contactId", "assignedUserId"}) {
    CAPTURE(member);
    json stranger = booking(world);
    stranger[member] = "nobody00000000000000";
    CHECK(call(world, "POST", "events/appointments", stranger).status == 404);
  }
}

TEST_CASE("a blocked slot is for a calendar or for a user, never both") {
  World60 world;
  const std::string calendar = id_of(world.first("calendars"));
  const std::string user = id_of(world.first("users"));
  const json times = {{"locationId", kFirstLocation},
                      {"title", "Away"},
                      {"startTime", "2027-03-01T10:00:00-06:00"},
                      {"endTime", "2027-03-01T11:00:00-06:00"}};
  const auto with = [&](json more) {
    more.update(times);
    return more;
  };
  const json both = with({{"calendarId", calendar}, {"assignedUserId", user}});
  CHECK(call(world, "POST", "events/block-slots", both).status == 422);
  CHECK(call(world, "POST", "events/block-slots", times).status == 422);
  const Seen made = call(world, "POST", "events/block-slots", with({{"calendarId", calendar}}));
  REQUIRE(made.status == 201);
  const std::string id = id_of(made.body);
  CHECK(by_id(window_of(world, "blocked-slots", calendar), id) != nullptr);
  CHECK(call(world, "POST", "events/appointments", booking(world)).status == 400);

  const json later = {{"locationId", kFirstLocation},
                      {"calendarId", calendar},
                      {"startTime", "2027-03-02T10:00:00-06:00"}};
  const Seen moved = call(world, "PUT", "events/block-slots/" + id, later);
  CHECK(moved.status == 201);
  CHECK(moved.body["endTime"] == "2027-03-02T11:00:00-06:00");
  CHECK(moved.body["title"] == "Away");
  CHECK(call(world, "POST", "events/appointments", booking(world)).status == 200);
  const Seen of_user =
      call(world, "PUT", "events/block-slots/" + id, with({{"assignedUserId", user}}));
  CHECK(of_user.body["assignedUserId"] == user);
  CHECK_FALSE(of_user.body.contains("calendarId"));
  CHECK(call(world, "DELETE", "events/" + id, json::object()).status == 201);
}

TEST_CASE("a group's slug is taken once, and its own group may keep it") {
  World60 world;
  const json first = world.first("calendar_groups");
  const json asked = {{"locationId", kFirstLocation}, {"slug", first["slug"]}};
  CHECK(call(world, "POST", "groups/validate-slug", asked).body["available"] == false);
  const json named = {{"name", "n"}, {"description", "d"}, {"slug", first["slug"]}};
  json placed = named;
  placed["locationId"] = kFirstLocation;
  CHECK(call(world, "POST", "groups", placed).status == 400);
  CHECK(call(world, "PUT", "groups/" + id_of(first), named).status == 200);
  CHECK(world.last_line()["type"] == "request");
  CHECK(call(world, "PUT", "groups/" + id_of(first) + "/status", {{"isActive", false}}).status ==
        200);
  const json listed =
      call(world, "GET", "groups?locationId=" + std::string(kFirstLocation)).body["groups"];
  const json* shown = by_id(listed, id_of(first));
  REQUIRE(shown != nullptr);
  CHECK((*shown)["name"] == "n");
  CHECK((*shown)["isActive"] == false);
}

TEST_CASE("what the documents say of the inside of a calendar is checked") {
  World60 world;
  const json user = id_of(world.first("users"));
  const auto make = [&](const json& more) {
    json body = {{"locationId", kFirstLocation}, {"name", "Desk"}};
    body.update(more);
    return call(world, "POST", "", body);
  };
  const json hours = {{"openHour", 9}, {"openMinute", 0}, {"closeHour", 17}, {"closeMinute", 0}};
  json late = hours;
  late["closeHour"] = 24;
  const std::vector<std::pair<json, std::string>> refused = {
      {{{"calendarType", "round_robin"}}, "teamMembers should not be empty"},
      {{{"calendarType", "personal"}, {"teamMembers", json::array()}}, "exactly 1"},
      {{{"teamMembers", {{{"priority", 1}}}}}, "teamMembers.0.userId should not be empty"},
      {{{"teamMembers", {"x"}}}, "teamMembers.0 must be an object"},
      {{{"openHours", {{{"daysOfTheWeek", {1}}, {"hours", {late}}}}}},
       "openHours.0.hours.0.closeHour must not be greater than 23"},
      {{{"recurring", {{"freq", "HOURLY"}}}}, "recurring.freq must be one of"},
      {{{"lookBusyConfig", {{"enabled", true}}}}, "lookBusyConfig.LookBusyPercentage"},
      {{{"slotDurationUnit", "days"}}, "slotDurationUnit must be one of"},
      {{{"availabilityType", 2}}, "availabilityType must not be greater"}};
  for (const auto& [more, words] : refused) {
    CAPTURE(more.dump());
    const Seen seen = make(more);
    CHECK(seen.status == 422);
    CHECK(mentions(seen, words));
  }
  const Seen made =
      make({{"calendarType", "round_robin"},
            {"availabilityType", nullptr},
            {"teamMembers", json::array({{{"userId", user}}})},
            {"openHours", json::array({{{"daysOfTheWeek", {1}}, {"hours", {hours}}}})}});
  REQUIRE(made.status == 200);
  const std::string id = id_of(made.body["calendar"]);
  CHECK(call(world, "GET", id).body["calendar"]["teamMembers"][0]["userId"] == user);
  CHECK(call(world, "PUT", id, {{"teamMembers", json::array()}}).status == 422);
  CHECK(call(world, "PUT", id, {{"calendarType", "personal"}}).status == 422);
  CHECK(call(world, "PUT", id, {{"name", "Front"}}).body["calendar"]["name"] == "Front");
  CHECK(call(world, "DELETE", id).status == 200);
  CHECK(call(world, "GET", id).status == 404);
}

TEST_CASE("notification rules come as a list, and a deleted one leaves the list of living ones") {
  World60 world;
  const std::string rules = id_of(world.first("calendars")) + "/notifications";
  const json rule = {
      {"receiverType", "contact"}, {"channel", "sms"}, {"notificationType", "reminder"}};
  CHECK(call(world, "POST", rules, rule).status == 400);
  CHECK(call(world, "POST", rules, json::array()).status == 422);
  CHECK(call(world, "POST", rules, json::array({rule, 1})).status == 422);
  json strange = rule;
  strange["colour"] = "red";
  const Seen refused = call(world, "POST", rules, json::array({rule, strange}));
  CHECK(refused.status == 422);
  CHECK(mentions(refused, "1.property colour should not exist"));
  const std::size_t before = call(world, "GET", rules + "?deleted=false").body.size();
  const Seen made = call(world, "POST", rules, json::array({rule, rule}));
  REQUIRE(made.status == 200);
  REQUIRE(made.body.size() == 2);
  CHECK(call(world, "GET", rules + "?deleted=false").body.size() == before + 2);
  const std::string id = made.body[0]["_id"];
  CHECK(call(world, "PUT", rules + "/" + id, {{"isActive", false}}).status == 200);
  CHECK(call(world, "GET", rules + "/" + id).body["isActive"] == false);
  CHECK(call(world, "DELETE", rules + "/" + id).status == 200);
  CHECK(by_id(call(world, "GET", rules + "?deleted=false").body, id, "_id") == nullptr);
}

TEST_CASE("a resource belongs to calendars that exist, equipment to one of them") {
  World60 world;
  const json calendars = world.records("calendars");
  const auto make = [&](const std::string& type, const json& ids) {
    return call(world, "POST", "resources/" + type,
                {{"locationId", kFirstLocation},
                 {"name", "Thing"},
                 {"description", "d"},
                 {"quantity", 1},
                 {"outOfService", 0},
                 {"capacity", 1},
                 {"calendarIds", ids}});
  };
  const json two = {id_of(calendars[0]), id_of(calendars[1])};
  CHECK(make("rooms", two).status == 201);
  CHECK(make("equipments", two).status == 422);
  CHECK(make("equipments", {id_of(calendars[0])}).status == 201);
  CHECK(make("rooms", {"nobody00000000000000"}).status == 422);
  CHECK(make("rooms", json(std::vector<std::string>(101, id_of(calendars[0])))).status == 422);
  CHECK(make("cars", two).status == 422);
  const std::string room = "resources/rooms/room0000000000000001";
  CHECK(call(world, "PUT", "resources/equipments/room0000000000000001", {{"name", "x"}}).status ==
        404);
  CHECK(call(world, "PUT", room, {{"name", "Blue room"}}).body["name"] == "Blue room");
  CHECK(call(world, "GET", room).body["name"] == "Blue room");
  CHECK(call(world, "DELETE", room).status == 200);
  CHECK(call(world, "GET", room).status == 404);
}

TEST_CASE("a note of an appointment is written, changed and removed with its appointment's path") {
  World60 world;
  const json note = world.first("appointment_notes");
  const std::string notes = "appointments/" + note["appointmentId"].get<std::string>() + "/notes";
  const Seen made =
      call(world, "POST", notes, {{"body", "Tea"}, {"userId", id_of(world.first("users"))}});
  REQUIRE(made.status == 201);
  CHECK(made.body["note"]["createdBy"]["name"] == world.first("users")["name"]);
  const std::string one = notes + "/" + id_of(made.body["note"]);
  CHECK(call(world, "PUT", one, {{"body", "Cake"}}).body["note"]["body"] == "Cake");
  CHECK(call(world, "PUT", one, {{"body", std::string(5001, 'x')}}).status == 422);
  CHECK(call(world, "PUT", one, {{"body", std::string(5000, 'x')}}).status == 200);
  std::string other;
  for (const json& event : world.records("events")) {
    if (event["id"] != note["appointmentId"]) other = id_of(event);
  }
  CHECK(call(world, "DELETE", "appointments/" + other + "/notes/" + id_of(made.body["note"]))
            .status == 404);
  CHECK(call(world, "DELETE", one).status == 200);
  const json left = call(world, "GET", notes + "?limit=20&offset=0").body["notes"];
  CHECK(by_id(left, id_of(made.body["note"])) == nullptr);
}

TEST_CASE("records of another location are out of reach for writes") {
  World60 world;
  const std::string other =
      world.control("POST", "/accounts", {{"location_id", "elsewhere00000000000"}}).body["token"];
  for (const std::string& path :
       {id_of(world.first("calendars")), "groups/" + id_of(world.first("calendar_groups"))}) {
    CAPTURE(path);
    CHECK(world
              .send({.method = "DELETE",
                     .path = "/calendars/" + path,
                     .version = kCalendarVersion,
                     .token = other})
              .status == 403);
  }
}

}  // namespace
}  // namespace triggerd::sandbox::tests
