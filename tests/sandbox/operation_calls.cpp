#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;

}  // namespace

std::string text(const json& record, const char* member) {
  return record.at(member).get<std::string>();
}

Request get(std::string path, std::string version) {
  return {.path = std::move(path), .version = std::move(version)};
}

Request post(std::string path, json body) {
  return {.method = "POST", .path = std::move(path), .body = std::move(body)};
}

void add_contact_reads(World60& world, GoodCalls& calls) {
  const json task = world.first("tasks");
  const json note = world.first("notes");
  const std::string contact = "/contacts/" + text(task, "contactId");
  const std::string noted = "/contacts/" + text(note, "contactId");
  const std::string booked = "/contacts/" + text(world.first("events"), "contactId");
  const std::string in_place = "?locationId=" + kPlace;
  const std::vector<std::string> full = {"id",   "name",      "locationId",  "email",       "phone",
                                         "tags", "dateAdded", "dateUpdated", "customFields"};
  calls.push_back({"get_contact", get(contact), 200, "/contact", false, full, {}});
  calls.push_back({"search_contacts",
                   post("/contacts/search", {{"locationId", kPlace}, {"pageLimit", 5}}),
                   200,
                   "/contacts",
                   true,
                   {"id", "email", "dateAdded", "dateUpdated", "searchAfter"},
                   {"locationId", "pageLimit"}});
  calls.push_back({"get_contacts_by_business",
                   get("/contacts/business/" + text(world.first("businesses"), "id") + in_place),
                   200,
                   "/contacts",
                   true,
                   {"id", "locationId", "email", "dateAdded", "tags", "businessId", "attributions"},
                   {"locationId"}});
  calls.push_back({"get_duplicate_contact",
                   get("/contacts/search/duplicate" + in_place + "&email=ada%40example.com"),
                   200,
                   "/contact",
                   false,
                   full,
                   {"locationId", "email"}});
  calls.push_back({"get_contact_appointments",
                   get(booked + "/appointments"),
                   200,
                   "/events",
                   true,
                   {"id", "calendarId", "status", "title", "startTime", "endTime", "contactId",
                    "appointmentStatus", "users", "dateAdded", "dateUpdated"},
                   {}});
  const std::vector<std::string> task_members = {"id",      "title",     "body",     "assignedTo",
                                                 "dueDate", "completed", "contactId"};
  const std::vector<std::string> note_members = {"id",    "body",  "userId", "dateAdded",
                                                 "title", "color", "pinned", "contactId"};
  calls.push_back(
      {"get_contact_tasks", get(contact + "/tasks"), 200, "/tasks", true, task_members, {}});
  calls.push_back({"get_contact_task_by_id",
                   get(contact + "/tasks/" + text(task, "id")),
                   200,
                   "/task",
                   false,
                   task_members,
                   {}});
  calls.push_back(
      {"get_contact_notes", get(noted + "/notes"), 200, "/notes", true, note_members, {}});
  calls.push_back({"get_contact_note_by_id",
                   get(noted + "/notes/" + text(note, "id")),
                   200,
                   "/note",
                   false,
                   note_members,
                   {}});
  calls.push_back({"list_contacts_deprecated",
                   get("/contacts/" + in_place),
                   200,
                   "/contacts",
                   true,
                   {"id", "contactName", "email", "dateAdded", "dateUpdated"},
                   {"locationId"}});
}

Request sent(std::string method, std::string path, json body) {
  return {.method = std::move(method), .path = std::move(path), .body = std::move(body)};
}

std::string made(World60& world, const std::string& collection, const json& fields) {
  return text(world
                  .control("POST", "/mutate",
                           {{"location", kPlace},
                            {"collection", collection},
                            {"op", "create"},
                            {"fields", fields}})
                  .body,
              "id");
}

std::vector<GoodCall> good_calls(World60& world) {
  std::vector<GoodCall> calls;
  for (auto* category : {add_contact_reads,
                         add_contact_writes,
                         add_contact_link_writes,
                         add_business_writes,
                         add_calendar_reads,
                         add_event_reads,
                         add_sales_reads,
                         add_user_reads,
                         add_conversation_reads,
                         add_account_reads,
                         add_blog_reads,
                         add_event_writes,
                         add_calendar_setting_writes,
                         add_calendar_writes,
                         add_opportunity_writes,
                         add_user_writes,
                         add_association_writes,
                         add_message_writes,
                         add_location_writes,
                         add_blog_writes}) {
    category(world, calls);
  }
  for (GoodCall& call : calls) {
    if (call.request.token.empty()) call.request.token = world.location_token;
  }
  return calls;
}

}  // namespace triggerd::sandbox::tests
