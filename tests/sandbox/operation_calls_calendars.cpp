#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;

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

}  // namespace triggerd::sandbox::tests
