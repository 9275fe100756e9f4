#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;

Request write(std::string method, std::string path, json body = {}) {
  return {.method = std::move(method),
          .path = "/calendars/" + std::move(path),
          .body = std::move(body),
          .version = kCalendarVersion};
}

json last(World60& world, const std::string& collection) {
  return world.records(collection).back();
}

// A write that answers nothing but that it was done.
GoodCall done(std::string operation, Request request, int status, std::string member) {
  return {std::move(operation), std::move(request), status, "", false, {std::move(member)}, {}};
}

}  // namespace

void add_calendar_reads(World60& world, GoodCalls& calls) {
  const json rule = world.first("calendar_notifications");
  const std::string calendar = "/calendars/" + text(rule, "calendarId");
  const std::vector<std::string> rule_members = {
      "_id", "receiverType", "channel", "notificationType", "isActive", "subject", "deleted"};
  const std::vector<std::string> resource = {"locationId", "name", "resourceType", "isActive",
                                             "calendarIds"};
  const std::vector<std::string> shown = {"id",           "name",        "locationId", "groupId",
                                          "calendarType", "openHours",   "isActive",   "slug",
                                          "teamMembers",  "slotDuration"};
  const std::string in_place = "?locationId=" + kPlace;
  calls.push_back({"list_calendar_groups",
                   get("/calendars/groups" + in_place, kCalendarVersion),
                   200,
                   "/groups",
                   true,
                   {"id", "name", "description", "slug", "isActive"},
                   {"locationId"}});
  calls.push_back({"list_calendars",
                   get("/calendars/" + in_place, kCalendarVersion),
                   200,
                   "/calendars",
                   true,
                   shown,
                   {"locationId"}});
  calls.push_back(
      {"get_calendar_by_id", get(calendar, kCalendarVersion), 200, "/calendar", false, shown, {}});
  calls.push_back({"list_calendar_notifications",
                   get(calendar + "/notifications", kCalendarVersion),
                   200,
                   "",
                   true,
                   rule_members,
                   {}});
  calls.push_back({"get_calendar_notification",
                   get(calendar + "/notifications/" + text(rule, "_id"), kCalendarVersion),
                   200,
                   "",
                   false,
                   rule_members,
                   {}});
  calls.push_back(
      {"list_calendar_resources",
       get("/calendars/resources/rooms" + in_place + "&limit=10&skip=0", kCalendarVersion),
       200,
       "",
       true,
       resource,
       {"locationId", "limit", "skip"}});
  calls.push_back({"get_calendar_resource",
                   get("/calendars/resources/rooms/room0000000000000001", kCalendarVersion),
                   200,
                   "",
                   false,
                   resource,
                   {}});
}

void add_event_reads(World60& world, GoodCalls& calls) {
  const json event = world.first("events");
  const json block = world.first("blocked_slots");
  const std::string window = "&startTime=" + std::to_string(kStart - 60 * kDay) +
                             "&endTime=" + std::to_string(kStart + 60 * kDay);
  const std::vector<std::string> shown = {"id",        "title",      "calendarId", "locationId",
                                          "groupId",   "users",      "startTime",  "endTime",
                                          "dateAdded", "dateUpdated"};
  calls.push_back({"get_free_slots",
                   get("/calendars/" + text(event, "calendarId") + "/free-slots?startDate=" +
                           std::to_string(kStart) + "&endDate=" + std::to_string(kStart + 7 * kDay),
                       kCalendarVersion),
                   200,
                   "/2026-11-17",
                   false,
                   {"slots"},
                   {"startDate", "endDate"}});
  calls.push_back({"list_calendar_events",
                   get("/calendars/events?locationId=" + kPlace +
                           "&calendarId=" + text(event, "calendarId") + window,
                       kCalendarVersion),
                   200,
                   "/events",
                   true,
                   shown,
                   {"locationId", "startTime", "endTime", "calendarId"}});
  calls.push_back({"list_blocked_slots",
                   get("/calendars/blocked-slots?locationId=" + kPlace +
                           "&userId=" + text(block, "assignedUserId") + window,
                       kCalendarVersion),
                   200,
                   "/events",
                   true,
                   shown,
                   {"locationId", "startTime", "endTime", "userId"}});
  calls.push_back({"get_appointment",
                   get("/calendars/events/appointments/" + text(event, "id"), kCalendarVersion),
                   200,
                   "/appointment",
                   false,
                   shown,
                   {}});
  calls.push_back(
      {"list_appointment_notes",
       get("/calendars/appointments/" + text(world.first("appointment_notes"), "appointmentId") +
               "/notes?limit=20&offset=0",
           kCalendarVersion),
       200,
       "/notes",
       true,
       {"id", "body", "userId", "dateAdded", "contactId", "createdBy"},
       {"limit", "offset"}});
}

void add_calendar_writes(World60& world, GoodCalls& calls) {
  const json named = {{"name", "Spring"}, {"description", "All of spring"}, {"slug", "spring"}};
  json placed = named;
  placed.update({{"locationId", kPlace}, {"slug", "summer"}});
  const std::vector<std::string> shown = {"id", "locationId", "name", "description", "slug"};
  const std::string group = "groups/" + text(world.first("calendar_groups"), "id");
  const std::string gone_group = "groups/" + text(last(world, "calendar_groups"), "id");
  calls.push_back({"create_calendar_group",
                   write("POST", "groups", placed),
                   201,
                   "/group",
                   false,
                   shown,
                   {"locationId", "name", "description", "slug"}});
  calls.push_back({"update_calendar_group",
                   write("PUT", group, named),
                   200,
                   "/group",
                   false,
                   shown,
                   {"name", "description", "slug"}});
  GoodCall status = done("update_group_status",
                         write("PUT", group + "/status", {{"isActive", false}}), 200, "success");
  status.required = {"isActive"};
  calls.push_back(status);
  calls.push_back(done("delete_calendar_group", write("DELETE", gone_group), 200, "success"));
  calls.push_back(
      {"validate_group_slug",
       write("POST", "groups/validate-slug", {{"locationId", kPlace}, {"slug", "free-slug"}}),
       200,
       "",
       false,
       {"available"},
       {"locationId", "slug"}});
  calls.push_back({"create_calendar",
                   write("POST", "", {{"locationId", kPlace}, {"name", "Desk"}}),
                   200,
                   "/calendar",
                   false,
                   {"id", "name", "locationId", "isActive", "slotDuration"},
                   {"locationId", "name"}});
  calls.push_back({"update_calendar",
                   write("PUT", text(world.first("calendars"), "id"), {{"name", "Front desk"}}),
                   200,
                   "/calendar",
                   false,
                   {"id", "name", "locationId", "openHours", "teamMembers"},
                   {}});
  calls.push_back(done("delete_calendar", write("DELETE", text(last(world, "calendars"), "id")),
                       200, "success"));
}

void add_calendar_setting_writes(World60& world, GoodCalls& calls) {
  const json rule = world.first("calendar_notifications");
  const std::string rules = text(rule, "calendarId") + "/notifications";
  const std::string one = rules + "/" + text(rule, "_id");
  calls.push_back({"create_calendar_notification",
                   write("POST", rules,
                         json::array({{{"receiverType", "contact"},
                                       {"channel", "email"},
                                       {"notificationType", "booked"}}})),
                   200,
                   "",
                   true,
                   {"_id", "receiverType", "channel", "notificationType", "isActive", "deleted"},
                   {"receiverType", "channel", "notificationType"}});
  calls.push_back(
      done("update_notification", write("PUT", one, {{"subject", "Soon"}}), 200, "message"));
  calls.push_back(done("delete_notification", write("DELETE", one), 200, "message"));
  const std::vector<std::string> shown = {"locationId", "name", "resourceType", "isActive"};
  calls.push_back({"create_calendar_resource",
                   write("POST", "resources/equipments",
                         {{"locationId", kPlace},
                          {"name", "Beamer"},
                          {"description", "Bright"},
                          {"quantity", 2},
                          {"outOfService", 0},
                          {"capacity", 0},
                          {"calendarIds", {text(world.first("calendars"), "id")}}}),
                   201,
                   "",
                   false,
                   {"locationId", "name", "resourceType", "isActive", "calendarIds"},
                   {"locationId", "name", "description", "quantity", "outOfService", "capacity",
                    "calendarIds"}});
  calls.push_back({"update_calendar_resource",
                   write("PUT", "resources/rooms/room0000000000000001", {{"capacity", 12}}),
                   200,
                   "",
                   false,
                   shown,
                   {}});
  calls.push_back(done("delete_calendar_resource",
                       write("DELETE", "resources/rooms/room0000000000000001"), 200, "success"));
}

void add_event_writes(World60& world, GoodCalls& calls) {
  const json event = world.first("events");
  const json note = world.first("appointment_notes");
  const std::string notes = "appointments/" + text(note, "appointmentId") + "/notes";
  const std::vector<std::string> booked = {"id",        "calendarId",       "locationId",
                                           "contactId", "startTime",        "endTime",
                                           "title",     "appointmentStatus"};
  const std::vector<std::string> blocked = {"id", "locationId", "title", "startTime", "endTime"};
  calls.push_back({"create_appointment",
                   write("POST", "events/appointments",
                         {{"locationId", kPlace},
                          {"calendarId", text(event, "calendarId")},
                          {"contactId", text(event, "contactId")},
                          {"startTime", "2027-03-01T10:00:00-06:00"}}),
                   200,
                   "",
                   false,
                   booked,
                   {"locationId", "calendarId", "contactId", "startTime"}});
  calls.push_back({"update_appointment",
                   write("PUT", "events/appointments/" + text(event, "id"), {{"title", "Moved"}}),
                   200,
                   "",
                   false,
                   booked,
                   {}});
  calls.push_back(
      done("delete_event",
           write("DELETE", "events/" + text(last(world, "events"), "id"), json::object()), 201,
           "succeeded"));
  const json block = {{"locationId", kPlace},
                      {"calendarId", text(event, "calendarId")},
                      {"title", "Away"},
                      {"startTime", "2027-03-01T12:00:00-06:00"},
                      {"endTime", "2027-03-01T13:00:00-06:00"}};
  calls.push_back({"create_block_slot",
                   write("POST", "events/block-slots", block),
                   201,
                   "",
                   false,
                   blocked,
                   {"locationId", "calendarId", "startTime", "endTime"}});
  calls.push_back(
      {"update_block_slot",
       write("PUT", "events/block-slots/" + text(world.first("blocked_slots"), "id"), block),
       201,
       "",
       false,
       blocked,
       {"locationId", "calendarId"}});
  const std::vector<std::string> noted = {"id", "body", "dateAdded", "contactId"};
  calls.push_back({"create_appointment_note",
                   write("POST", notes, {{"body", "Brings cake"}}),
                   201,
                   "/note",
                   false,
                   noted,
                   {"body"}});
  const std::string one = notes + "/" + text(note, "id");
  calls.push_back({"update_appointment_note",
                   write("PUT", one, {{"body", "Brings tea"}}),
                   200,
                   "/note",
                   false,
                   noted,
                   {"body"}});
  calls.push_back(done("delete_appointment_note", write("DELETE", one), 200, "success"));
}

}  // namespace triggerd::sandbox::tests
