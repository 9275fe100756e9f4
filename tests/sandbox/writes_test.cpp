// What the writes do to the world, and what they refuse.
#include <doctest/doctest.h>

#include <algorithm>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

constexpr const char* kCalendarVersion = "2021-04-15";
const std::string kPlace = kFirstLocation;

json record(World60& world, const std::string& collection, const std::string& id) {
  return world
      .control("GET", "/record?location=" + kPlace + "&collection=" + collection + "&id=" + id)
      .body;
}

Seen send(World60& world, const std::string& method, const std::string& path, json body = {},
          const std::string& version = "2021-07-28") {
  return world.send({.method = method, .path = path, .body = std::move(body), .version = version});
}

Seen message(World60& world, json body) {
  return send(world, "POST", "/conversations/messages", std::move(body), kCalendarVersion);
}

json new_deal(const json& contact, const json& pipeline) {
  return {{"locationId", kPlace},
          {"contactId", contact["id"]},
          {"pipelineId", pipeline["id"]},
          {"name", "Deal"},
          {"status", "open"}};
}

json lone_contact(World60& world) {
  return world
      .control("POST", "/mutate",
               {{"location", kPlace},
                {"collection", "contacts"},
                {"op", "create"},
                {"fields", {{"name", "Lone Wolf"}, {"email", "lone@example.com"}}}})
      .body;
}

TEST_CASE("a contact has one opportunity in a pipeline unless its location allows more") {
  World60 world;
  const json contact = lone_contact(world);
  const json pipeline = world.first("pipelines");
  const json deal = new_deal(contact, pipeline);
  const json made = send(world, "POST", "/opportunities/", deal).body["opportunity"];
  CHECK(made["pipelineStageId"] == pipeline["stages"][0]["id"]);
  CHECK(made["monetaryValue"] == 0);
  const Seen second = send(world, "POST", "/opportunities/", deal);
  CHECK(second.status == 400);
  CHECK(second.body["code"] == "OPPORTUNITY_NO_DUPLICATE");
  CHECK(second.body["meta"]["existingId"] == made["id"]);
  world.control("POST", "/mutate",
                {{"location", kPlace},
                 {"collection", "locations"},
                 {"op", "update"},
                 {"id", kPlace},
                 {"fields", {{"settings", {{"allowDuplicateOpportunity", true}}}}}});
  CHECK(send(world, "POST", "/opportunities/", deal).status == 201);
}

TEST_CASE("an upsert of an opportunity creates first and updates then, with its followers") {
  World60 world;
  json deal = new_deal(lone_contact(world), world.first("pipelines"));
  deal.erase("name");
  const json first = send(world, "POST", "/opportunities/upsert", deal).body;
  CHECK(first["new"] == true);
  CHECK(first["opportunity"]["name"] == "Lone Wolf");
  deal["status"] = "won";
  deal["followers"] = {"u1", "u2"};
  world.advance(5);
  const json second = send(world, "POST", "/opportunities/upsert", deal).body;
  CHECK(second["new"] == false);
  CHECK(second["opportunity"]["id"] == first["opportunity"]["id"]);
  CHECK(second["opportunity"]["followers"] == json{"u1", "u2"});
  CHECK(second["opportunity"]["lastStatusChangeAt"] == "2026-11-16T12:00:05.000Z");
  CHECK(second["opportunity"]["updatedAt"] == "2026-11-16T12:00:05.000Z");
  json other = {{"locationId", kPlace},
                {"id", first["opportunity"]["id"]},
                {"pipelineId", deal["pipelineId"]},
                {"isRemoveAllFollowers", true},
                {"followers", json::array()}};
  CHECK(send(world, "POST", "/opportunities/upsert", other).body["opportunity"]["followers"] ==
        json::array());
  other.erase("id");
  CHECK(send(world, "POST", "/opportunities/upsert", other).status == 422);
}

TEST_CASE("an opportunity that moves to another pipeline stands in its first stage") {
  World60 world;
  const json pipelines = world.records("pipelines");
  json deal;
  for (const json& one : world.records("opportunities")) {
    if (one["pipelineId"] == pipelines[0]["id"]) deal = one;
  }
  const std::string path = "/opportunities/" + deal["id"].get<std::string>();
  const json moved =
      send(world, "PUT", path, {{"pipelineId", pipelines[1]["id"]}}).body["opportunity"];
  CHECK(moved["pipelineStageId"] == pipelines[1]["stages"][0]["id"]);
  CHECK(send(world, "PUT", path, {{"pipelineStageId", deal["pipelineStageId"]}}).status == 400);
  CHECK(send(world, "PUT", path, {{"pipelineId", "nowhere"}}).status == 400);
  CHECK(send(world, "PUT", path, {{"status", "all"}}).status == 422);
}

TEST_CASE("values of custom fields are shown by id, and others stay") {
  World60 world;
  const std::string path =
      "/opportunities/" + world.first("opportunities")["id"].get<std::string>();
  std::string key;
  std::string id;
  for (const json& field : world.records("custom_fields")) {
    if (field["model"] != "opportunity") continue;
    key = field["fieldKey"].get<std::string>().substr(std::string("opportunity.").size());
    id = field["id"];
  }
  send(world, "PUT", path, {{"customFields", {{{"id", "f1"}, {"field_value", "one"}}}}});
  const json after =
      send(world, "PUT", path, {{"customFields", {{{"key", key}, {"field_value", 2}}}}})
          .body["opportunity"];
  CHECK(after["customFields"] ==
        json{{{"id", "f1"}, {"fieldValue", "one"}}, {{"id", id}, {"fieldValue", 2}}});
}

TEST_CASE("followers are added once, and removed one by one or all at once") {
  World60 world;
  const std::string path =
      "/opportunities/" + world.first("opportunities")["id"].get<std::string>() + "/followers";
  send(world, "POST", path, {{"followers", {"u1", "u2"}}});
  const json added = send(world, "POST", path, {{"followers", {"u2", "u3"}}}).body;
  CHECK(added["followersAdded"] == json{"u3"});
  CHECK(send(world, "DELETE", path, {{"followers", {"u1"}}}).body["followers"] == json{"u2", "u3"});
  const json all =
      send(world, "DELETE", path + "?isRemoveAllFollowers=true", {{"followers", json::array()}})
          .body;
  CHECK(all["followers"] == json::array());
  CHECK(all["followersRemoved"] == json{"u2", "u3"});
}

TEST_CASE("what is deleted is gone, and deleting it again answers 404") {
  World60 world;
  const std::string deal =
      "/opportunities/" + world.first("opportunities")["id"].get<std::string>();
  CHECK(send(world, "DELETE", deal).body["succeded"] == true);
  CHECK(send(world, "DELETE", deal).status == 404);
  CHECK(send(world, "GET", deal).status == 404);
}

TEST_CASE("a user who is deleted stays in the search, marked so, and has no page any more") {
  World60 world;
  const std::string id = world.first("users")["id"];
  CHECK(send(world, "DELETE", "/users/" + id).body["succeded"] == true);
  const json listed =
      send(world, "GET", "/users/search?companyId=" + std::string(kFirstCompany) + "&ids=" + id)
          .body["users"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["deleted"] == true);
  CHECK(send(world, "GET", "/users/" + id).status == 404);
  CHECK(send(world, "PUT", "/users/" + id, {{"phone", "+1555"}}).status == 404);
}

TEST_CASE("a user is made without showing the password, for locations that the token reaches") {
  World60 world;
  json user = {{"companyId", kFirstCompany},
               {"firstName", "Mary"},
               {"lastName", "Shelley"},
               {"email", "Mary@agency.example.com"},
               {"password", "very secret"},
               {"type", "account"},
               {"role", "admin"},
               {"locationIds", {kPlace}},
               {"scopes", {"contacts.write", "campaigns.readonly"}}};
  const Seen made = send(world, "POST", "/users/", user);
  REQUIRE(made.status == 201);
  CHECK(made.body["name"] == "Mary Shelley");
  CHECK(made.body["scopes"] == "contacts.write campaigns.readonly");
  CHECK(made.body["roles"]["role"] == "admin");
  CHECK(record(world, "users", made.body["id"]).dump().find("very secret") == std::string::npos);
  CHECK(send(world, "POST", "/users/", user).status == 400);
  user["email"] = "other@agency.example.com";
  user["locationIds"] = {"elsewhere00000000000"};
  CHECK(send(world, "POST", "/users/", user).status == 403);
  const std::string path = "/users/" + made.body["id"].get<std::string>();
  const json changed = send(world, "PUT", path, {{"lastName", "Godwin"}, {"email", "x@y.z"}}).body;
  CHECK(changed["name"] == "Mary Godwin");
  CHECK(changed["email"] == "mary@agency.example.com");
}

TEST_CASE("an agency token names its company to change a user") {
  World60 world;
  Request request = {.method = "PUT",
                     .path = "/users/" + world.first("users")["id"].get<std::string>(),
                     .body = {{"phone", "+1555"}},
                     .token = world.company_token};
  CHECK(world.send(request).status == 422);
  request.body["companyId"] = kFirstCompany;
  CHECK(world.send(request).status == 200);
  request.body["companyId"] = "another";
  CHECK(world.send(request).status == 403);
}

TEST_CASE("a message goes into the contact's conversation, which is opened where there is none") {
  World60 world;
  const json contact = lone_contact(world);
  const json first = message(world, {{"type", "Email"},
                                     {"contactId", contact["id"]},
                                     {"subject", "Hello"},
                                     {"html", "<p>Hello</p>"}})
                         .body;
  CHECK(record(world, "emails", first["emailMessageId"])["subject"] == "Hello");
  CHECK(record(world, "messages", first["messageId"])["status"] == "pending");
  const json open = record(world, "conversations", first["conversationId"]);
  CHECK(open["contactId"] == contact["id"]);
  CHECK(open["lastMessageBody"] == "<p>Hello</p>");
  CHECK(open["lastMessageDirection"] == "outbound");
  CHECK(open["unreadCount"] == 0);
  const json second = message(world, {{"type", "IG"},
                                      {"contactId", contact["id"]},
                                      {"message", "Hi"},
                                      {"scheduledTimestamp", 1800000000}})
                          .body;
  CHECK(second["conversationId"] == first["conversationId"]);
  CHECK(record(world, "messages", second["messageId"])["messageType"] == "TYPE_INSTAGRAM");
  CHECK(second["status"] == "scheduled");
}

TEST_CASE("a message without content or address is not sent") {
  World60 world;
  const json contact = lone_contact(world);
  const Seen empty =
      message(world, {{"type", "Email"}, {"contactId", contact["id"]}, {"message", "Hi"}});
  CHECK(empty.status == 422);
  CHECK(empty.body["code"] == "CONVERSATIONS_MSG_NO_CONTENT");
  CHECK(message(world, {{"type", "SMS"}, {"contactId", contact["id"]}}).status == 422);
  CHECK(message(world, {{"type", "SMS"}, {"contactId", contact["id"]}, {"message", "Hi"}}).status ==
        400);
  CHECK(message(world, {{"type", "SMS"}, {"contactId", "nobody"}, {"message", "Hi"}}).status ==
        404);
  CHECK(message(world, {{"type", "Fax"}, {"contactId", contact["id"]}, {"message", "Hi"}}).status ==
        422);
}

TEST_CASE("a contact has one conversation") {
  World60 world;
  const json body = {{"locationId", kPlace}, {"contactId", lone_contact(world)["id"]}};
  const Seen first = send(world, "POST", "/conversations/", body, kCalendarVersion);
  CHECK(first.status == 201);
  const Seen second = send(world, "POST", "/conversations/", body, kCalendarVersion);
  CHECK(second.status == 400);
  CHECK(second.body["conversationId"] == first.body["conversation"]["id"]);
}

TEST_CASE("the e-mail of a message follows its status") {
  World60 world;
  json mail;
  for (const json& one : world.records("messages")) {
    if (one["messageType"] == "TYPE_EMAIL") mail = one;
  }
  const std::string path = "/conversations/messages/" + mail["id"].get<std::string>() + "/status";
  const json error = {{"code", "1"}, {"type", "saas"}, {"message", "no such box"}};
  const Seen seen =
      send(world, "PUT", path, {{"status", "failed"}, {"error", error}}, kCalendarVersion);
  CHECK(seen.body["conversationId"] == mail["conversationId"]);
  CHECK(record(world, "messages", mail["id"])["error"] == error);
  CHECK(record(world, "emails", seen.body["emailMessageId"])["status"] == "failed");
  CHECK(send(world, "PUT", path, {{"status", "unread"}}, kCalendarVersion).status == 422);
}

TEST_CASE("a new location is empty, is listed, and is reached by an agency token alone") {
  World60 world;
  Request request = {.method = "POST",
                     .path = "/locations/",
                     .body = {{"companyId", kFirstCompany},
                              {"name", "Branch"},
                              {"prospectInfo", {{"email", "boss@branch.example.com"}}}},
                     .token = world.company_token};
  const json made = world.send(request).body;
  CHECK(made["email"] == "boss@branch.example.com");
  const std::string path = "/locations/" + made["id"].get<std::string>();
  CHECK(world.send({.path = path, .token = world.company_token}).body["location"]["name"] ==
        "Branch");
  CHECK(world.send({.path = path}).status == 403);
  request.token = world.location_token;
  CHECK(world.send(request).status == 401);
  const json listed =
      world
          .send({.path = "/locations/search?limit=50&companyId=" + std::string(kFirstCompany),
                 .token = world.company_token})
          .body["locations"];
  CHECK(std::any_of(listed.begin(), listed.end(),
                    [&](const json& one) { return one["id"] == made["id"]; }));
}

TEST_CASE("an association goes with its relations, unless HighLevel defines it itself") {
  World60 world;
  const std::string id = world.first("relations")["associationId"];
  CHECK(send(world, "DELETE", "/associations/" + id).body["deleted"] == true);
  for (const json& relation : world.records("relations")) CHECK(relation["associationId"] != id);
  const std::string own = world.first("associations")["id"];
  world.control("POST", "/mutate",
                {{"location", kPlace},
                 {"collection", "associations"},
                 {"op", "update"},
                 {"id", own},
                 {"fields", {{"associationType", "SYSTEM_DEFINED"}}}});
  CHECK(send(world, "DELETE", "/associations/" + own).status == 400);
}

TEST_CASE("a relation joins records that are there, once") {
  World60 world;
  json relation = {{"locationId", kPlace}};
  for (const json& one : world.records("associations")) {
    if (one["firstObjectKey"] == "contact" && one["secondObjectKey"] == "opportunity") {
      relation["associationId"] = one["id"];
    }
  }
  relation["firstRecordId"] = lone_contact(world)["id"];
  relation["secondRecordId"] = "nowhere";
  CHECK(send(world, "POST", "/associations/relations", relation).status == 404);
  relation["secondRecordId"] = world.first("opportunities")["id"];
  CHECK(send(world, "POST", "/associations/relations", relation).status == 201);
  CHECK(send(world, "POST", "/associations/relations", relation).status == 400);
}

TEST_CASE("a blog post's slug is its own, and its content does not come with the list") {
  World60 world;
  json post = {{"locationId", kPlace},
               {"blogId", world.first("blog_sites")["_id"]},
               {"title", "A post"},
               {"imageUrl", "https://cdn.example.com/a.png"},
               {"description", "About it"},
               {"rawHTML", "<p>Long</p>"},
               {"status", "ARCHIVED"},
               {"imageAltText", "a picture"},
               {"categories", {world.first("blog_categories")["_id"]}},
               {"author", world.first("blog_authors")["_id"]},
               {"urlSlug", "mine"},
               {"publishedAt", "2026-11-16T10:00:00.000Z"}};
  const json made = send(world, "POST", "/blogs/posts", post).body["data"];
  CHECK(made["archived"] == true);
  CHECK_FALSE(made.contains("rawHTML"));
  const std::string id = made["_id"];
  CHECK(record(world, "blog_posts", id)["rawHTML"] == "<p>Long</p>");
  CHECK(send(world, "POST", "/blogs/posts", post).status == 400);
  post["status"] = "PUBLISHED";
  const json changed = send(world, "PUT", "/blogs/posts/" + id, post).body["updatedBlogPost"];
  CHECK(changed["archived"] == false);
  post["publishedAt"] = "tomorrow";
  CHECK(send(world, "PUT", "/blogs/posts/" + id, post).status == 422);
  post["publishedAt"] = "2026-11-16T10:00:00Z";
  post["author"] = "nobody";
  CHECK(send(world, "PUT", "/blogs/posts/" + id, post).status == 404);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
