// Each operation: the documented shape, and the documented refusals.
#include <doctest/doctest.h>

#include <set>

#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

// The request without one query parameter or body member.
Request without(Request request, const std::string& name) {
  if (request.body.is_object()) request.body.erase(name);
  if (request.body.is_array()) request.body[0].erase(name);
  const std::size_t mark = request.path.find('?');
  if (mark == std::string::npos) return request;
  std::string kept;
  for (const auto& [key, value] : parse_query(request.path.substr(mark + 1))) {
    if (key != name) kept += (kept.empty() ? "?" : "&") + key + "=" + value;
  }
  request.path = request.path.substr(0, mark) + kept;
  return request;
}

bool mentions(const json& messages, const std::string& words) {
  return std::any_of(messages.begin(), messages.end(), [&](const json& message) {
    return message.is_string() && message.get<std::string>().find(words) != std::string::npos;
  });
}

TEST_CASE("the table covers every operation") {
  World60 world;
  std::set<std::string> names;
  for (const GoodCall& call : good_calls(world)) names.insert(call.operation);
  std::set<std::string> offered;
  const json listed = world.control("GET", "/operations").body["operations"];
  for (const json& one : listed) {
    offered.insert(one["operation"].get<std::string>());
  }
  CHECK(names == offered);
}

TEST_CASE("every operation answers in its documented shape") {
  World60 world(Settings{.limits = false});
  for (const GoodCall& call : good_calls(world)) {
    CAPTURE(call.operation);
    const Seen seen = world.send(call.request);
    REQUIRE(seen.status == call.status);
    if (seen.body.is_discarded()) {
      CHECK(seen.reply.body.size() > 20);  // audio or plain text
      continue;
    }
    const json::json_pointer pointer(call.pointer);
    REQUIRE(seen.body.contains(pointer));
    const json& found = seen.body[pointer];
    REQUIRE_MESSAGE((!call.is_list || (found.is_array() && !found.empty())), "an empty list");
    for (const json& record : call.is_list ? found : json::array({found})) {
      for (const std::string& member : call.members) {
        CAPTURE(member);
        CHECK(record.contains(member));
      }
    }
  }
}

TEST_CASE("answers with an object at the root carry a traceId that differs each time") {
  World60 world(Settings{.limits = false});
  for (const GoodCall& call : good_calls(world)) {
    if (call.status != 200) continue;
    CAPTURE(call.operation);
    const Seen first = world.send(call.request);
    const Seen second = world.send(call.request);
    if (!first.body.is_object() || second.status != 200) continue;  // gone is gone
    REQUIRE(first.body.contains("traceId"));
    CHECK(first.body["traceId"] != second.body["traceId"]);
  }
}

TEST_CASE("every operation refuses a missing or foreign token with 401") {
  World60 world(Settings{.limits = false});
  for (GoodCall call : good_calls(world)) {
    CAPTURE(call.operation);
    call.request.token = "pit-nobody";
    const Seen seen = world.send(call.request);
    CHECK(seen.status == 401);
    CHECK(seen.body ==
          json{{"statusCode", 401}, {"message", "Invalid JWT"}, {"error", "Unauthorized"}});
  }
}

TEST_CASE("every operation refuses a missing or wrong Version with 400") {
  World60 world(Settings{.limits = false});
  for (GoodCall call : good_calls(world)) {
    CAPTURE(call.operation);
    const std::string right = call.request.version;
    call.request.version = "";
    CHECK(world.send(call.request).status == 400);
    call.request.version = right == "2021-04-15" ? "2021-07-28" : "2021-04-15";
    const Seen seen = world.send(call.request);
    CHECK(seen.status == 400);
    CHECK(seen.body["statusCode"] == 400);
    CHECK(seen.body["message"].is_string());
  }
}

TEST_CASE("every operation refuses a missing required parameter with 422") {
  World60 world(Settings{.limits = false});
  for (const GoodCall& call : good_calls(world)) {
    for (const std::string& name : call.required) {
      CAPTURE(call.operation);
      CAPTURE(name);
      const Seen seen = world.send(without(call.request, name));
      CHECK(seen.status == 422);
      CHECK(mentions(seen.body["message"], name));
      CHECK(seen.body["error"] == "Unprocessable Entity");
    }
  }
}

TEST_CASE("every operation refuses an unknown parameter with 422") {
  World60 world(Settings{.limits = false});
  for (GoodCall call : good_calls(world)) {
    CAPTURE(call.operation);
    if (call.request.body.is_object()) {
      call.request.body["colour"] = "red";
    } else {
      const bool first = call.request.path.find('?') == std::string::npos;
      call.request.path += std::string(first ? "?" : "&") + "colour=red";
    }
    const Seen seen = world.send(call.request);
    CHECK(seen.status == 422);
    CHECK(mentions(seen.body["message"], "property colour should not exist"));
  }
}

TEST_CASE("parameters of a wrong type, value or size are refused with 422") {
  World60 world;
  const std::string in_place = "?locationId=" + std::string(kFirstLocation);
  const std::string calendar = "2021-04-15";
  const std::vector<Request> refused = {
      {.path = "/businesses/" + in_place + "&limit=ten"},
      {.path = "/businesses/" + in_place + "&skip=-1"},
      {.path = "/contacts/" + in_place + "&limit=101"},
      {.path = "/contacts/" + in_place + "&startAfter=yesterday"},
      {.path = "/opportunities/search?location_id=" + std::string(kFirstLocation) + "&status=x"},
      {.path =
           "/opportunities/search?location_id=" + std::string(kFirstLocation) + "&date=2026-11-01"},
      {.path = "/calendars/" + in_place + "&showDrafted=perhaps", .version = calendar},
      {.path = "/calendars/resources/cars" + in_place + "&limit=1&skip=0", .version = calendar},
      {.path = "/conversations/search" + in_place + "&sortBy=mood", .version = calendar},
      {.method = "POST",
       .path = "/contacts/search",
       .body = {{"locationId", kFirstLocation}, {"pageLimit", 501}}},
      {.method = "POST",
       .path = "/contacts/search",
       .body = {{"locationId", kFirstLocation}, {"pageLimit", "20"}}},
      {.method = "POST",
       .path = "/contacts/search",
       .body = {{"locationId", kFirstLocation},
                {"pageLimit", 20},
                {"filters", {{{"field", "email"}, {"operator", "near"}, {"value", "x"}}}}}}};
  for (const Request& request : refused) {
    CAPTURE(request.path);
    CAPTURE(request.body.dump());
    CHECK(world.send(request).status == 422);
  }
}

TEST_CASE("the largest allowed page passes") {
  World60 world;
  const std::string in_place = "?locationId=" + std::string(kFirstLocation);
  CHECK(world.send({.path = "/contacts/" + in_place + "&limit=100"}).status == 200);
  CHECK(world
            .send({.method = "POST",
                   .path = "/contacts/search",
                   .body = {{"locationId", kFirstLocation}, {"pageLimit", 500}}})
            .status == 200);
}

TEST_CASE("records that are not there answer as documented") {
  World60 world;
  const std::string calendar = "2021-04-15";
  CHECK(world.send({.path = "/contacts/nobody00000000000000"}).status == 404);
  CHECK(world.send({.path = "/users/nobody00000000000000"}).status == 404);
  const json calls = world.records("messages");
  std::string unrecorded;
  for (const json& message : calls) {
    if (message["messageType"] == "TYPE_SMS") unrecorded = message["id"];
  }
  const Seen recording = world.send({.path = "/conversations/messages/" + unrecorded +
                                             "/locations/" + kFirstLocation + "/recording",
                                     .version = calendar});
  CHECK(recording.status == 400);
  CHECK(recording.body["code"] == "CONVERSATIONS_MSG_RECORDING_NOT_FOUND");
  CHECK(world
            .send({.path = "/conversations/locations/" + std::string(kFirstLocation) +
                           "/messages/" + unrecorded + "/transcription",
                   .version = calendar})
            .status == 404);
}

TEST_CASE("dates have the format of each operation") {
  World60 world;
  const std::string contact = world.first("events")["contactId"];
  const std::string event = world.first("events")["id"];
  const json plain = world.send({.path = "/contacts/" + contact + "/appointments"}).body;
  CHECK(plain["events"][0]["startTime"].get<std::string>().size() == 19);
  CHECK(plain["events"][0]["startTime"].get<std::string>()[10] == ' ');
  const json shown =
      world.send({.path = "/calendars/events/appointments/" + event, .version = "2021-04-15"}).body;
  CHECK(shown["appointment"]["startTime"].get<std::string>().ends_with("-06:00"));
  const json searched =
      world
          .send({.path = "/conversations/search?locationId=" + std::string(kFirstLocation),
                 .version = "2021-04-15"})
          .body;
  CHECK(searched["conversations"][0]["lastMessageDate"].is_number_integer());
}

TEST_CASE("a booked slot is not free, and its neighbour is") {
  World60 world;
  const std::string calendar = world.first("calendars")["id"];
  const std::string path = "/calendars/" + calendar +
                           "/free-slots?timezone=UTC&startDate=" + std::to_string(kStart) +
                           "&endDate=" + std::to_string(kStart + kDay);
  for (const json& event : world.records("events")) {
    world.control("POST", "/mutate",
                  {{"location", kFirstLocation},
                   {"collection", "events"},
                   {"op", "delete"},
                   {"id", event["id"]}});
  }
  const json before = world.send({.path = path, .version = "2021-04-15"}).body;
  world.control("POST", "/mutate",
                {{"location", kFirstLocation},
                 {"collection", "events"},
                 {"op", "create"},
                 {"fields",
                  {{"calendarId", calendar},
                   {"startTime", "2026-11-16T14:15:00.000Z"},
                   {"endTime", "2026-11-16T14:45:00.000Z"}}}});
  const json after = world.send({.path = path, .version = "2021-04-15"}).body;
  const json& free = after["2026-11-16"]["slots"];
  const json taken = "2026-11-16T14:00:00+00:00";
  const json next = "2026-11-16T15:00:00+00:00";
  const json& free_before = before["2026-11-16"]["slots"];
  CHECK(std::find(free_before.begin(), free_before.end(), taken) != free_before.end());
  CHECK(std::find(free.begin(), free.end(), taken) == free.end());
  CHECK(std::find(free.begin(), free.end(), next) != free.end());
}

TEST_CASE("a window of free slots may be 31 days long and not longer") {
  World60 world;
  const std::string calendar = world.first("calendars")["id"];
  const auto status = [&](Millis length) {
    return world
        .send({.path = "/calendars/" + calendar + "/free-slots?startDate=" +
                       std::to_string(kStart) + "&endDate=" + std::to_string(kStart + length),
               .version = "2021-04-15"})
        .status;
  };
  CHECK(status(31 * kDay) == 200);
  CHECK(status(31 * kDay + 1) == 422);
}

TEST_CASE("an upsert creates first and updates then, and moves dateUpdated") {
  World60 world;
  const Request upsert = {.method = "POST",
                          .path = "/contacts/upsert",
                          .body = {{"locationId", kFirstLocation},
                                   {"email", "Grace@new.example.com"},
                                   {"firstName", "Grace"},
                                   {"lastName", "Hopper"}}};
  const json first = world.send(upsert).body;
  CHECK(first["new"] == true);
  CHECK(first["contact"]["name"] == "Grace Hopper");
  world.advance(10);
  Request again = upsert;
  again.body["lastName"] = "Murray";
  const json second = world.send(again).body;
  CHECK(second["new"] == false);
  CHECK(second["contact"]["id"] == first["contact"]["id"]);
  CHECK(second["contact"]["name"] == "Grace Murray");
  CHECK(second["contact"]["dateUpdated"] == "2026-11-16T12:00:10.000Z");
}

TEST_CASE("a new task or note leaves the contact's dateUpdated alone") {
  World60 world;
  const json contact = world.first("contacts");
  const std::string path = "/contacts/" + contact["id"].get<std::string>();
  world.advance(60);
  world.send({.method = "POST", .path = path + "/notes", .body = {{"body", "hello"}}});
  CHECK(world.send({.path = path}).body["contact"]["dateUpdated"] == contact["dateUpdated"]);
}

TEST_CASE("conditional requests answer 304 until something changes") {
  World60 world;
  Call call;
  call.method = "GET";
  call.path = "/highlevel/workflows/";
  call.query = "locationId=" + std::string(kFirstLocation);
  call.headers = {{"authorization", "Bearer " + world.location_token}, {"version", "2021-07-28"}};
  const std::string tag = header_of(world.sandbox.answer(call), "ETag");
  call.headers["if-none-match"] = tag;
  const Reply unchanged = world.sandbox.answer(call);
  world.control("POST", "/mutate",
                {{"location", kFirstLocation}, {"op", "auto"}, {"kind", "workflow_version"}});
  const Reply changed = world.sandbox.answer(call);
  CHECK(unchanged.status == 304);
  CHECK(unchanged.body.empty());
  CHECK(changed.status == 200);
  CHECK(header_of(changed, "ETag") != tag);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
