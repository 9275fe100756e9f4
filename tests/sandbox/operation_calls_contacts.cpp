// The writes of contacts, of what hangs on them, and of businesses.
#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;

// A contact with what every list shows of one.
json person(const std::string& name) {
  return {{"name", name},
          {"email", name + "@example.com"},
          {"phone", "+15550000"},
          {"tags", {"old"}},
          {"customFields", json::array()}};
}

void add_task_writes(World60& world, GoodCalls& calls) {
  const std::string id = made(world, "contacts", person("busy"));
  const std::string tasks = "/contacts/" + id + "/tasks";
  const std::vector<std::string> shown = {"id", "title", "dueDate", "completed", "contactId"};
  const json task = {{"contactId", id},
                     {"title", "Ring"},
                     {"dueDate", "2026-12-01T10:00:00Z"},
                     {"completed", false}};
  const std::string own = tasks + "/" + made(world, "tasks", task);
  calls.push_back(
      {"create_contact_task",
       post(tasks,
            {{"title", "Ring back"}, {"dueDate", "2026-12-01T10:00:00Z"}, {"completed", false}}),
       201,
       "/task",
       false,
       shown,
       {"title", "dueDate", "completed"}});
  calls.push_back({"update_contact_task",
                   sent("PUT", own, {{"title", "Ring again"}}),
                   200,
                   "/task",
                   false,
                   shown,
                   {}});
  calls.push_back({"complete_contact_task",
                   sent("PUT", own + "/completed", {{"completed", true}}),
                   200,
                   "/task",
                   false,
                   shown,
                   {"completed"}});
  calls.push_back({"delete_contact_task",
                   sent("DELETE", tasks + "/" + made(world, "tasks", task)),
                   200,
                   "/succeded",
                   false,
                   {},
                   {}});
}

void add_note_writes(World60& world, GoodCalls& calls) {
  const std::string id = made(world, "contacts", person("noted"));
  const std::string notes = "/contacts/" + id + "/notes";
  const std::vector<std::string> shown = {"id", "body", "dateAdded", "contactId"};
  const json note = {{"contactId", id}, {"body", "Likes tea"}};
  calls.push_back({"create_contact_note",
                   post(notes, {{"body", "Likes tea"}}),
                   201,
                   "/note",
                   false,
                   shown,
                   {"body"}});
  calls.push_back({"update_contact_note",
                   sent("PUT", notes + "/" + made(world, "notes", note), {{"pinned", true}}),
                   200,
                   "/note",
                   false,
                   shown,
                   {}});
  calls.push_back({"delete_contact_note",
                   sent("DELETE", notes + "/" + made(world, "notes", note)),
                   200,
                   "/succeded",
                   false,
                   {},
                   {}});
}

}  // namespace

void add_contact_writes(World60& world, GoodCalls& calls) {
  const std::vector<std::string> shown = {"id", "name", "email", "dateAdded", "dateUpdated"};
  const std::string id = made(world, "contacts", person("tagged"));
  const std::string contact = "/contacts/" + id;
  calls.push_back(
      {"create_contact",
       post("/contacts/",
            {{"locationId", kPlace}, {"email", "new@example.com"}, {"firstName", "Nora"}}),
       201,
       "/contact",
       false,
       shown,
       {"locationId"}});
  calls.push_back({"update_contact",
                   sent("PUT", contact, {{"city", "Turin"}}),
                   200,
                   "/contact",
                   false,
                   shown,
                   {}});
  calls.push_back(
      {"upsert_contact",
       post("/contacts/upsert",
            {{"locationId", kPlace}, {"email", "grace@new.example.com"}, {"firstName", "Grace"}}),
       200,
       "/contact",
       false,
       shown,
       {"locationId"}});
  calls.push_back({"delete_contact",
                   sent("DELETE", "/contacts/" + made(world, "contacts", person("gone"))),
                   200,
                   "/succeded",
                   false,
                   {},
                   {}});
  calls.push_back({"add_tags_to_contact",
                   post(contact + "/tags", {{"tags", {"hot"}}}),
                   201,
                   "/tags",
                   false,
                   {},
                   {"tags"}});
  calls.push_back({"remove_tags_from_contact",
                   sent("DELETE", contact + "/tags", {{"tags", {"old"}}}),
                   200,
                   "/tags",
                   false,
                   {},
                   {"tags"}});
  add_task_writes(world, calls);
  add_note_writes(world, calls);
}

void add_contact_link_writes(World60& world, GoodCalls& calls) {
  const std::string id = made(world, "contacts", person("linked"));
  const std::string contact = "/contacts/" + id;
  const std::string campaign = "/campaigns/" + text(world.first("campaigns"), "id");
  const std::string workflow = "/workflow/" + text(world.first("workflows"), "id");
  const json start = {{"eventStartTime", "2026-12-01T10:00:00+01:00"}};
  const auto add = [&](std::string operation, Request request, int status,
                       std::vector<std::string> members, std::vector<std::string> required = {}) {
    calls.push_back({std::move(operation), std::move(request), status, "", false,
                     std::move(members), std::move(required)});
  };
  add("add_contact_followers", post(contact + "/followers", {{"followers", {"u1", "u2"}}}), 201,
      {"followers", "followersAdded"}, {"followers"});
  add("remove_contact_followers", sent("DELETE", contact + "/followers", {{"followers", {"u1"}}}),
      200, {"followers", "followersRemoved"}, {"followers"});
  add("add_contact_to_campaign", post(contact + campaign, json::object()), 201, {"succeded"});
  add("remove_from_campaign", sent("DELETE", contact + campaign), 200, {"succeded"});
  add("remove_from_all_campaigns", sent("DELETE", contact + "/campaigns/removeAll"), 200,
      {"succeded"});
  add("add_contact_to_workflow", post(contact + workflow, start), 200, {"succeded"});
  add("remove_from_workflow", sent("DELETE", contact + workflow, start), 200, {"succeded"});
  add("bulk_update_contact_tags",
      post("/contacts/bulk/tags/update/add",
           {{"locationId", kPlace}, {"contacts", {id}}, {"tags", {"bulk"}}}),
      201, {"succeded", "errorCount", "responses"}, {"locationId", "contacts", "tags"});
  add("bulk_business_update",
      post("/contacts/bulk/business", {{"locationId", kPlace},
                                       {"ids", {id}},
                                       {"businessId", text(world.first("businesses"), "id")}}),
      200, {"success", "ids"}, {"locationId", "ids", "businessId"});
}

void add_business_writes(World60& world, GoodCalls& calls) {
  const std::vector<std::string> shown = {"id", "name", "locationId", "createdAt", "updatedAt"};
  const auto path = [&] { return "/businesses/" + made(world, "businesses", {{"name", "Acme"}}); };
  calls.push_back({"create_business",
                   post("/businesses/", {{"locationId", kPlace}, {"name", "Initech"}}),
                   201,
                   "/buiseness",
                   false,
                   shown,
                   {"locationId", "name"}});
  calls.push_back({"update_business",
                   sent("PUT", path(), {{"city", "Turin"}}),
                   200,
                   "/buiseness",
                   false,
                   shown,
                   {}});
  calls.push_back({"delete_business", sent("DELETE", path()), 200, "/success", false, {}, {}});
}

}  // namespace triggerd::sandbox::tests
