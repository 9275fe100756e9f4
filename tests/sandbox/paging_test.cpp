// Walking a list to its end gives each record once, for each style of paging.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kInPlace = "locationId=" + std::string(kFirstLocation);
constexpr const char* kCalendarVersion = "2021-04-15";

struct Walk {
  std::vector<std::string> ids;
  int pages = 0;
};

// Asks page after page until `next` has no more; `next` turns an answer into the next request.
Walk walk(World60& world, Request request, const std::string& pointer, const std::string& id,
          const std::function<bool(const json& body, Request& request)>& next) {
  Walk walked;
  do {
    const Seen seen = world.send(request);
    REQUIRE(seen.status == 200);
    ++walked.pages;
    REQUIRE(walked.pages < 100);
    for (const json& record : seen.body[json::json_pointer(pointer)]) {
      walked.ids.push_back(record[id].get<std::string>());
    }
    if (!next(seen.body, request)) return walked;
  } while (true);
}

void check_complete(Walk walked, const json& expected, const std::string& id) {
  std::vector<std::string> wanted;
  for (const json& record : expected) wanted.push_back(record[id].get<std::string>());
  std::sort(wanted.begin(), wanted.end());
  std::sort(walked.ids.begin(), walked.ids.end());
  CHECK(walked.ids == wanted);
  CHECK(walked.pages > 1);
}

struct OffsetList {
  std::string path;  // up to and with the skip parameter's name and equals sign
  std::string pointer;
  std::string collection;
  std::string id = "id";
  std::string version = "2021-07-28";
};

TEST_CASE("offset lists give each record once") {
  World60 world;
  for (int i = 0; i < 30; ++i) {
    for (const char* kind : {"notification_add", "association_add", "user_add"}) {
      world.control("POST", "/mutate",
                    {{"location", kFirstLocation}, {"op", "auto"}, {"kind", kind}});
    }
  }
  const std::vector<OffsetList> lists = {
      {"/businesses/?" + kInPlace + "&limit=2&skip=", "/businesses", "businesses"},
      {"/associations/?" + kInPlace + "&limit=2&skip=", "/associations", "associations"},
      {"/users/search?companyId=" + std::string(kFirstCompany) + "&limit=2&skip=", "/users",
       "users"},
      {"/blogs/authors?" + kInPlace + "&limit=2&offset=", "/authors", "blog_authors", "_id"},
      {"/blogs/categories?" + kInPlace + "&limit=3&offset=", "/categories", "blog_categories",
       "_id"},
      {"/blogs/site/all?" + kInPlace + "&limit=1&skip=", "/data", "blog_sites", "_id"}};
  for (const OffsetList& one : lists) {
    CAPTURE(one.path);
    std::size_t skip = 0;
    Request request = {.path = one.path + "0", .version = one.version};
    const Walk walked =
        walk(world, request, one.pointer, one.id, [&](const json& body, Request& again) {
          const std::size_t size = body[json::json_pointer(one.pointer)].size();
          skip += size;
          again.path = one.path + std::to_string(skip);
          return size > 0;
        });
    check_complete(walked, world.records(one.collection), one.id);
  }
}

TEST_CASE("the contact search by searchAfter gives each contact once, in order of the stamp") {
  World60 world;
  Request request = {.method = "POST",
                     .path = "/contacts/search",
                     .body = {{"locationId", kFirstLocation},
                              {"pageLimit", 7},
                              {"sort", {{{"field", "dateUpdated"}, {"direction", "asc"}}}}}};
  std::vector<std::string> stamps;
  const Walk walked =
      walk(world, request, "/contacts", "id", [&](const json& body, Request& again) {
        for (const json& one : body["contacts"]) stamps.push_back(one["dateUpdated"]);
        CHECK(body["total"] == 60);
        if (body["contacts"].size() < 7) return false;
        again.body["searchAfter"] = body["contacts"].back()["searchAfter"];
        return true;
      });
  check_complete(walked, world.records("contacts"), "id");
  CHECK(std::is_sorted(stamps.begin(), stamps.end()));
}

TEST_CASE("equal stamps across a page border hide no contact (PAG-03)") {
  World60 world;
  for (const json& contact : world.records("contacts")) {
    world.control("POST", "/mutate",
                  {{"location", kFirstLocation},
                   {"collection", "contacts"},
                   {"op", "update"},
                   {"id", contact["id"]},
                   {"at", "2026-11-16T10:00:00Z"}});
  }
  Request request = {.method = "POST",
                     .path = "/contacts/search",
                     .body = {{"locationId", kFirstLocation},
                              {"pageLimit", 9},
                              {"sort", {{{"field", "dateUpdated"}, {"direction", "desc"}}}}}};
  const Walk walked =
      walk(world, request, "/contacts", "id", [&](const json& body, Request& again) {
        if (body["contacts"].empty()) return false;
        again.body["searchAfter"] = body["contacts"].back()["searchAfter"];
        return true;
      });
  check_complete(walked, world.records("contacts"), "id");
}

TEST_CASE("the contact search by page number gives each contact once and reaches 10,000") {
  World60 world;
  int page = 1;
  Request request = {.method = "POST",
                     .path = "/contacts/search",
                     .body = {{"locationId", kFirstLocation}, {"pageLimit", 25}, {"page", 1}}};
  const Walk walked =
      walk(world, request, "/contacts", "id", [&](const json& body, Request& again) {
        again.body["page"] = ++page;
        return !body["contacts"].empty();
      });
  check_complete(walked, world.records("contacts"), "id");
  request.body["pageLimit"] = 500;
  request.body["page"] = 20;
  CHECK(world.send(request).status == 200);
  request.body["page"] = 21;
  CHECK(world.send(request).status == 422);
}

TEST_CASE("a range filter on dateUpdated includes its bound with gte and not with gt") {
  World60 world;
  world.advance(60);
  const std::string id = world.first("contacts")["id"];
  const json changed = world
                           .control("POST", "/mutate",
                                    {{"location", kFirstLocation},
                                     {"collection", "contacts"},
                                     {"op", "update"},
                                     {"id", id},
                                     {"fields", {{"city", "Ulm"}}}})
                           .body;
  const auto found = [&](const char* bound) {
    return world
        .send({.method = "POST",
               .path = "/contacts/search",
               .body = {{"locationId", kFirstLocation},
                        {"pageLimit", 10},
                        {"filters",
                         {{{"field", "dateUpdated"},
                           {"operator", "range"},
                           {"value", {{bound, changed["dateUpdated"]}}}}}}}})
        .body["contacts"]
        .size();
  };
  CHECK(found("gte") == 1);
  CHECK(found("gt") == 0);
}

TEST_CASE("cursor lists by startAfter give each record once") {
  World60 world;
  const std::string contacts = "/contacts/?" + kInPlace + "&limit=13";
  const Walk people =
      walk(world, {.path = contacts}, "/contacts", "id", [&](const json& body, Request& again) {
        if (!body["meta"].contains("startAfterId")) return false;
        again.path = contacts + "&startAfter=" + body["meta"]["startAfter"].dump() +
                     "&startAfterId=" + body["meta"]["startAfterId"].get<std::string>();
        return true;
      });
  check_complete(people, world.records("contacts"), "id");

  const std::string deals =
      "/opportunities/search?status=all&limit=4&location_id=" + std::string(kFirstLocation);
  const Walk sold =
      walk(world, {.path = deals}, "/opportunities", "id", [&](const json& body, Request& again) {
        if (body["meta"]["nextPage"].is_null()) return false;
        again.path = deals + "&startAfter=" + body["meta"]["startAfter"].dump() +
                     "&startAfterId=" + body["meta"]["startAfterId"].get<std::string>();
        return true;
      });
  check_complete(sold, world.records("opportunities"), "id");
}

TEST_CASE("conversations page by the date of their last message, both ways") {
  World60 world;
  for (const std::string sort : {"asc", "desc"}) {
    CAPTURE(sort);
    const std::string path =
        "/conversations/search?" + kInPlace + "&limit=3&sortBy=last_message_date&sort=" + sort;
    const Walk walked = walk(world, {.path = path, .version = kCalendarVersion}, "/conversations",
                             "id", [&](const json& body, Request& again) {
                               if (body["conversations"].size() < 3) return false;
                               again.path = path + "&startAfterDate=" +
                                            body["conversations"].back()["lastMessageDate"].dump();
                               return true;
                             });
    check_complete(walked, world.records("conversations"), "id");
  }
}

TEST_CASE("messages page backwards by the last id, newest first") {
  World60 world;
  const std::string conversation = world.first("conversations")["id"];
  const std::string path = "/conversations/" + conversation + "/messages?limit=2";
  json expected = json::array();
  for (const json& message : world.records("messages")) {
    if (message["conversationId"] == conversation) expected.push_back(message);
  }
  const Walk walked =
      walk(world, {.path = path, .version = kCalendarVersion}, "/messages/messages", "id",
           [&](const json& body, Request& again) {
             again.path =
                 path + "&lastMessageId=" + body["messages"]["lastMessageId"].get<std::string>();
             return body["messages"]["nextPage"].get<bool>();
           });
  check_complete(walked, expected, "id");
}

TEST_CASE("appointment notes page until hasMore is false") {
  World60 world;
  const std::string appointment = world.first("appointment_notes")["appointmentId"];
  const std::string path = "/calendars/appointments/" + appointment + "/notes?limit=1&offset=";
  json expected = json::array();
  for (const json& note : world.records("appointment_notes")) {
    if (note["appointmentId"] == appointment) expected.push_back(note);
  }
  int offset = 0;
  const Walk walked = walk(world, {.path = path + "0", .version = kCalendarVersion}, "/notes", "id",
                           [&](const json& body, Request& again) {
                             again.path = path + std::to_string(++offset);
                             return body["hasMore"].get<bool>();
                           });
  check_complete(walked, expected, "id");
}

}  // namespace
}  // namespace triggerd::sandbox::tests
