// The writes to opportunities, users, associations, conversations, locations and blog posts.
#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;
const std::string kAgency = kFirstCompany;

Request about_messages(std::string method, std::string path, json body) {
  return {.method = std::move(method),
          .path = "/conversations/" + std::move(path),
          .body = std::move(body),
          .version = kCalendarVersion};
}

// A contact without an opportunity or a conversation.
std::string free_contact(World60& world) {
  return made(world, "contacts",
              {{"name", "Fay Free"}, {"phone", "+15550000"}, {"email", "made1@example.com"}});
}

json whole_post(World60& world, const std::string& slug) {
  return {{"locationId", kPlace},
          {"blogId", text(world.first("blog_sites"), "_id")},
          {"title", "A post"},
          {"imageUrl", "https://cdn.example.com/a.png"},
          {"description", "About it"},
          {"rawHTML", "<p>Long</p>"},
          {"status", "PUBLISHED"},
          {"imageAltText", "a picture"},
          {"categories", {text(world.first("blog_categories"), "_id")}},
          {"author", text(world.first("blog_authors"), "_id")},
          {"urlSlug", slug},
          {"publishedAt", "2026-11-16T10:00:00.000Z"}};
}

}  // namespace

void add_opportunity_writes(World60& world, GoodCalls& calls) {
  const std::string deal = "/opportunities/" + text(world.first("opportunities"), "id");
  const std::string doomed = "/opportunities/" + text(world.records("opportunities").at(1), "id");
  const std::string pipeline = text(world.first("pipelines"), "id");
  const std::vector<std::string> shown = {"id",     "name",      "monetaryValue", "pipelineId",
                                          "status", "createdAt", "updatedAt",     "contactId"};
  calls.push_back({"create_opportunity",
                   post("/opportunities/", {{"locationId", kPlace},
                                            {"pipelineId", pipeline},
                                            {"contactId", free_contact(world)},
                                            {"name", "Deal"},
                                            {"status", "open"}}),
                   201,
                   "/opportunity",
                   false,
                   shown,
                   {"locationId", "pipelineId", "contactId", "name", "status"}});
  calls.push_back({"update_opportunity",
                   sent("PUT", deal, {{"name", "Bigger deal"}}),
                   200,
                   "/opportunity",
                   false,
                   shown,
                   {}});
  calls.push_back({"update_opportunity_status",
                   sent("PUT", deal + "/status", {{"status", "won"}}),
                   200,
                   "",
                   false,
                   {"succeded"},
                   {"status"}});
  calls.push_back(
      {"upsert_opportunity",
       post("/opportunities/upsert", {{"locationId", kPlace},
                                      {"pipelineId", pipeline},
                                      {"contactId", text(world.first("contacts"), "id")}}),
       200,
       "/opportunity",
       false,
       shown,
       {"locationId", "pipelineId", "contactId"}});
  calls.push_back({"add_opportunity_followers",
                   post(deal + "/followers", {{"followers", {"u1", "u2"}}}),
                   201,
                   "",
                   false,
                   {"followers", "followersAdded"},
                   {"followers"}});
  calls.push_back({"remove_opportunity_followers",
                   sent("DELETE", deal + "/followers", {{"followers", {"u1"}}}),
                   200,
                   "",
                   false,
                   {"followers", "followersRemoved"},
                   {"followers"}});
  calls.push_back({"delete_opportunity",
                   {.method = "DELETE", .path = doomed},
                   200,
                   "",
                   false,
                   {"succeded"},
                   {}});
}

void add_user_writes(World60& world, GoodCalls& calls) {
  const json users = world.records("users");
  const std::vector<std::string> shown = {"id",    "name",        "firstName", "lastName",
                                          "email", "permissions", "roles",     "scopes"};
  calls.push_back(
      {"create_user",
       post("/users/", {{"companyId", kAgency},
                        {"firstName", "Mary"},
                        {"lastName", "Shelley"},
                        {"email", "mary@agency.example.com"},
                        {"password", "a long one"},
                        {"type", "account"},
                        {"role", "user"},
                        {"locationIds", {kPlace}}}),
       201,
       "",
       false,
       shown,
       {"companyId", "firstName", "lastName", "email", "password", "type", "role", "locationIds"}});
  calls.push_back({"update_user",
                   sent("PUT", "/users/" + text(users.at(0), "id"), {{"phone", "+1555"}}),
                   200,
                   "",
                   false,
                   shown,
                   {}});
  calls.push_back({"delete_user",
                   {.method = "DELETE", .path = "/users/" + text(users.at(1), "id")},
                   200,
                   "",
                   false,
                   {"succeded", "message"},
                   {}});
}

void add_association_writes(World60& world, GoodCalls& calls) {
  const json known = world.records("associations");
  const json relation = world.first("relations");
  const std::vector<std::string> shown = {"id",
                                          "key",
                                          "locationId",
                                          "firstObjectLabel",
                                          "firstObjectKey",
                                          "secondObjectKey",
                                          "associationType"};
  const std::vector<std::string> related = {"id", "associationId", "firstRecordId",
                                            "secondRecordId"};
  calls.push_back({"create_association",
                   post("/associations/", {{"locationId", kPlace},
                                           {"key", "owner_pet"},
                                           {"firstObjectLabel", "owner"},
                                           {"firstObjectKey", "contact"},
                                           {"secondObjectLabel", "pet"},
                                           {"secondObjectKey", "custom_objects.pets"}}),
                   201,
                   "",
                   false,
                   shown,
                   {"locationId", "key", "firstObjectLabel", "firstObjectKey", "secondObjectLabel",
                    "secondObjectKey"}});
  calls.push_back({"update_association",
                   sent("PUT", "/associations/" + text(known.at(0), "id"),
                        {{"firstObjectLabel", "a"}, {"secondObjectLabel", "b"}}),
                   200,
                   "",
                   false,
                   shown,
                   {"firstObjectLabel", "secondObjectLabel"}});
  std::string of_contacts;
  for (const json& one : known) {
    if (one.at("firstObjectKey") == "contact" && one.at("secondObjectKey") == "opportunity") {
      of_contacts = text(one, "id");
    }
  }
  calls.push_back({"create_relation",
                   post("/associations/relations",
                        {{"locationId", kPlace},
                         {"associationId", of_contacts},
                         {"firstRecordId", free_contact(world)},
                         {"secondRecordId", text(world.first("opportunities"), "id")}}),
                   201,
                   "",
                   false,
                   related,
                   {"locationId", "associationId", "firstRecordId", "secondRecordId"}});
  calls.push_back(
      {"delete_relation",
       {.method = "DELETE",
        .path = "/associations/relations/" + text(relation, "id") + "?locationId=" + kPlace},
       200,
       "",
       false,
       related,
       {"locationId"}});
  calls.push_back({"delete_association",
                   {.method = "DELETE", .path = "/associations/" + text(known.at(2), "id")},
                   200,
                   "",
                   false,
                   {"deleted", "id", "message"},
                   {}});
}

void add_message_writes(World60& world, GoodCalls& calls) {
  const json message = world.first("messages");
  calls.push_back({"send_message",
                   about_messages("POST", "messages",
                                  {{"type", "SMS"},
                                   {"contactId", text(world.first("contacts"), "id")},
                                   {"message", "Hello"}}),
                   200,
                   "",
                   false,
                   {"conversationId", "messageId", "status"},
                   {"type", "contactId"}});
  calls.push_back(
      {"create_conversation",
       about_messages("POST", "", {{"locationId", kPlace}, {"contactId", free_contact(world)}}),
       201,
       "/conversation",
       false,
       {"id", "contactId", "locationId", "dateAdded", "lastMessageDate"},
       {"locationId", "contactId"}});
  calls.push_back(
      {"update_message_status",
       about_messages("PUT", "messages/" + text(message, "id") + "/status", {{"status", "read"}}),
       200,
       "",
       false,
       {"conversationId", "messageId", "status"},
       {"status"}});
  calls.push_back({"agent_typing_indicator",
                   about_messages("POST", "providers/live-chat/typing",
                                  {{"locationId", kPlace},
                                   {"isTyping", "true"},
                                   {"visitorId", "v1"},
                                   {"conversationId", text(message, "conversationId")}}),
                   201,
                   "",
                   false,
                   {"success"},
                   {"locationId", "isTyping", "visitorId", "conversationId"}});
}

void add_location_writes(World60& world, GoodCalls& calls) {
  calls.push_back({"find_location_by_id",
                   get("/locations/" + kPlace),
                   200,
                   "/location",
                   false,
                   {"id", "name", "companyId", "email", "timezone", "settings"},
                   {}});
  Request made =
      post("/locations/", {{"companyId", kFirstCompany}, {"name", "New shop"}, {"country", "US"}});
  made.token = world.company_token;
  calls.push_back({"create_location",
                   made,
                   200,
                   "",
                   false,
                   {"id", "name", "companyId", "country"},
                   {"companyId", "name"}});
}

void add_blog_writes(World60& world, GoodCalls& calls) {
  const std::vector<std::string> shown = {"_id",     "title",     "description", "status",
                                          "urlSlug", "archived",  "updatedAt",   "publishedAt",
                                          "author",  "categories"};
  const std::vector<std::string> needed = {"locationId",  "blogId",  "title",   "imageUrl",
                                           "description", "rawHTML", "status",  "imageAltText",
                                           "categories",  "author",  "urlSlug", "publishedAt"};
  calls.push_back({"create_blog_post", post("/blogs/posts", whole_post(world, "one")), 200, "/data",
                   false, shown, needed});
  calls.push_back({"update_blog_post",
                   {.method = "PUT",
                    .path = "/blogs/posts/" + text(world.first("blog_posts"), "_id"),
                    .body = whole_post(world, "two")},
                   200,
                   "/updatedBlogPost",
                   false,
                   shown,
                   needed});
}

}  // namespace triggerd::sandbox::tests
