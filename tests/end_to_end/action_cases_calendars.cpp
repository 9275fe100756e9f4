// Writes to calendars, appointments and what belongs to them. Each case that changes or removes has
// a record of its own, so that none stands in the way of another.
#include "end_to_end/action_cases.h"

namespace triggerd::end_to_end {
namespace {

// A Monday within the opening hours of the seeded calendars, in the location's winter.
constexpr const char* kMonday = "2028-03-06T10:00:00-06:00";
constexpr const char* kMondayUtc = "2028-03-06T16:00:00.000Z";
constexpr const char* kTuesday = "2028-03-07T11:00:00-06:00";
constexpr const char* kTuesdayUtc = "2028-03-07T17:00:00.000Z";
// What is blocked is no slot of the appointments above.
constexpr const char* kBlocked = "2028-05-01T10:00:00-06:00";
constexpr const char* kBlockedUtc = "2028-05-01T16:00:00.000Z";
constexpr const char* kBlockedTo = "2028-05-02T11:00:00-06:00";
constexpr const char* kBlockedToUtc = "2028-05-02T17:00:00.000Z";

// A copy of the collection's first record under another id.
std::function<void(const Sandbox&)> own(std::string collection, std::string id,
                                        json fields = json::object()) {
  return [collection = std::move(collection), id = std::move(id),
          fields = std::move(fields)](const Sandbox& sandbox) {
    json record = sandbox.records(collection).at(0);
    record.merge_patch(fields);
    sandbox.create(collection, record, id);
  };
}

std::vector<ActionCase> group_actions() {
  return {
      {.operation = "create_calendar_group",
       .with = {{"name", "Spring"}, {"description", "All of spring"}, {"slug", "spring-group"}},
       .missing = "description",
       .collection = "calendar_groups",
       .op = "create",
       .expect = {{"name", "Spring"}, {"slug", "spring-group"}, {"isActive", true}},
       .answer = {{"name", "Spring"}, {"description", "All of spring"}},
       .repeatable = false},
      {.operation = "update_calendar_group",
       .with = {{"groupId", "groupToUpdate0000001"},
                {"name", "Summer"},
                {"description", "All of summer"},
                {"slug", "summer-group"}},
       .missing = "slug",
       .collection = "calendar_groups",
       .op = "update",
       .expect = {{"id", "groupToUpdate0000001"}, {"name", "Summer"}, {"slug", "summer-group"}},
       .answer = {{"name", "Summer"}},
       .prepare = own("calendar_groups", "groupToUpdate0000001", {{"slug", "group-1"}})},
      {.operation = "update_group_status",
       .with = {{"groupId", "groupToSwitch0000001"}, {"isActive", false}},
       .missing = "isActive",
       .collection = "calendar_groups",
       .op = "update",
       .expect = {{"id", "groupToSwitch0000001"}, {"isActive", false}},
       .answer = {{"success", true}},
       .prepare = own("calendar_groups", "groupToSwitch0000001", {{"slug", "group-2"}})},
      {.operation = "delete_calendar_group",
       .with = {{"groupId", "groupToDelete0000001"}},
       .missing = "groupId",
       .collection = "calendar_groups",
       .op = "delete",
       .answer = {{"success", true}},
       .prepare = own("calendar_groups", "groupToDelete0000001", {{"slug", "group-3"}})},
      {.operation = "validate_group_slug",
       .with = {{"slug", "nobody-has-this"}},
       .missing = "slug",
       .answer = {{"available", true}}},
  };
}

std::vector<ActionCase> plain_calendar_actions() {
  return {
      {.operation = "create_calendar",
       .with = {{"name", "Front desk"},
                {"calendarType", "round_robin"},
                {"groupId", "@calendar_groups/0"},
                {"teamMembers", {{{"userId", "@users/0"}}}},
                {"slotDuration", 45},
                {"slotDurationUnit", "mins"},
                {"eventTitle", "{{contact.name}}"},
                {"autoConfirm", false}},
       .missing = "name",
       .collection = "calendars",
       .op = "create",
       .expect = {{"name", "Front desk"}, {"groupId", "@calendar_groups/0"}, {"slotDuration", 45}},
       .answer = {{"name", "Front desk"}, {"autoConfirm", false}},
       .repeatable = false},
      {.operation = "update_calendar",
       .with = {{"calendarId", "calendarToUpdate0001"},
                {"name", "Back desk"},
                {"isActive", false},
                {"allowBookingFor", 2},
                {"allowBookingForUnit", "weeks"}},
       .missing = "calendarId",
       .collection = "calendars",
       .op = "update",
       .expect = {{"name", "Back desk"}, {"isActive", false}, {"allowBookingForUnit", "weeks"}},
       .answer = {{"id", "calendarToUpdate0001"}, {"name", "Back desk"}},
       .prepare = own("calendars", "calendarToUpdate0001")},
      {.operation = "delete_calendar",
       .with = {{"calendarId", "calendarToDelete0001"}},
       .missing = "calendarId",
       .collection = "calendars",
       .op = "delete",
       .answer = {{"success", true}},
       .prepare = own("calendars", "calendarToDelete0001")},
  };
}

std::vector<ActionCase> appointment_actions() {
  return {
      {.operation = "create_appointment",
       .with = {{"calendarId", "@calendars/0"},
                {"contactId", "@contacts/0"},
                {"startTime", kMonday},
                {"title", "First talk"},
                {"appointmentStatus", "new"},
                {"toNotify", false}},
       .missing = "contactId",
       .collection = "events",
       .op = "create",
       .expect = {{"contactId", "@contacts/0"},
                  {"startTime", kMondayUtc},
                  {"title", "First talk"},
                  {"appointmentStatus", "new"}},
       .answer = {{"calendarId", "@calendars/0"}, {"startTime", kMonday}},
       .repeatable = false},
      {.operation = "update_appointment",
       .with = {{"eventId", "eventToUpdate0000001"},
                {"startTime", kTuesday},
                {"appointmentStatus", "showed"},
                {"ignoreFreeSlotValidation", true}},
       .missing = "eventId",
       .collection = "events",
       .op = "update",
       .expect = {{"startTime", kTuesdayUtc}, {"appointmentStatus", "showed"}},
       .answer = {{"id", "eventToUpdate0000001"}, {"startTime", kTuesday}},
       .prepare = own("events", "eventToUpdate0000001")},
      {.operation = "delete_event",
       .with = {{"eventId", "eventToDelete0000001"}},
       .missing = "eventId",
       .collection = "events",
       .op = "delete",
       .answer = {{"succeeded", true}},
       .prepare = own("events", "eventToDelete0000001")},
      {.operation = "create_block_slot",
       .with = {{"assignedUserId", "@users/0"},
                {"title", "Holiday"},
                {"startTime", kBlocked},
                {"endTime", kBlockedTo}},
       .missing = "assignedUserId",
       .collection = "blocked_slots",
       .op = "create",
       .expect = {{"assignedUserId", "@users/0"},
                  {"startTime", kBlockedUtc},
                  {"endTime", kBlockedToUtc}},
       .answer = {{"title", "Holiday"}},
       .repeatable = false},
      {.operation = "update_block_slot",
       .with = {{"eventId", "blockToUpdate0000001"},
                {"calendarId", "@calendars/0"},
                {"startTime", kBlocked},
                {"endTime", kBlockedTo}},
       .missing = "calendarId",
       .collection = "blocked_slots",
       .op = "update",
       .expect = {{"calendarId", "@calendars/0"},
                  {"startTime", kBlockedUtc},
                  {"endTime", kBlockedToUtc}},
       .answer = {{"id", "blockToUpdate0000001"}},
       .prepare = own("blocked_slots", "blockToUpdate0000001")},
  };
}

std::vector<ActionCase> note_actions() {
  const std::string appointment = "@appointment_notes/0/appointmentId";
  return {
      {.operation = "create_appointment_note",
       .with = {{"appointmentId", "@events/0"}, {"body", "Brings cake"}, {"userId", "@users/0"}},
       .missing = "body",
       .collection = "appointment_notes",
       .op = "create",
       .expect = {{"appointmentId", "@events/0"}, {"body", "Brings cake"}, {"userId", "@users/0"}},
       .answer = {{"body", "Brings cake"}},
       .repeatable = false},
      {.operation = "update_appointment_note",
       .with = {{"appointmentId", appointment},
                {"noteId", "noteToUpdate00000001"},
                {"body", "Brings tea"}},
       .missing = "noteId",
       .collection = "appointment_notes",
       .op = "update",
       .expect = {{"appointmentId", appointment}, {"body", "Brings tea"}},
       .answer = {{"id", "noteToUpdate00000001"}, {"body", "Brings tea"}},
       .prepare = own("appointment_notes", "noteToUpdate00000001")},
      {.operation = "delete_appointment_note",
       .with = {{"appointmentId", appointment}, {"noteId", "noteToDelete00000001"}},
       .missing = "appointmentId",
       .collection = "appointment_notes",
       .op = "delete",
       .answer = {{"success", true}},
       .prepare = own("appointment_notes", "noteToDelete00000001")},
  };
}

std::vector<ActionCase> notification_actions() {
  const std::string calendar = "@calendar_notifications/0/calendarId";
  return {
      {.operation = "create_calendar_notification",
       .with = {{"calendarId", "@calendars/0"},
                {"receiverType", "contact"},
                {"channel", "email"},
                {"notificationType", "reminder"},
                {"subject", "Tomorrow"},
                {"beforeTime", {{{"timeOffset", 1}, {"unit", "days"}}}}},
       .missing = "channel",
       .collection = "calendar_notifications",
       .op = "create",
       .expect = {{"calendarId", "@calendars/0"},
                  {"notificationType", "reminder"},
                  {"subject", "Tomorrow"}},
       .answer = {{"receiverType", "contact"}, {"isActive", true}},
       .repeatable = false},
      {.operation = "update_notification",
       .with = {{"calendarId", calendar},
                {"notificationId", "ruleToUpdate00000001"},
                {"isActive", false},
                {"subject", "Soon"}},
       .missing = "notificationId",
       .collection = "calendar_notifications",
       .op = "update",
       .expect = {{"isActive", false}, {"subject", "Soon"}, {"deleted", false}},
       .answer = {{"message", "Notification updated successfully"}},
       .prepare = own("calendar_notifications", "ruleToUpdate00000001")},
      // The app keeps deleted rules, and marks them.
      {.operation = "delete_notification",
       .with = {{"calendarId", calendar}, {"notificationId", "ruleToDelete00000001"}},
       .missing = "notificationId",
       .collection = "calendar_notifications",
       .op = "update",
       .expect = {{"_id", "ruleToDelete00000001"}, {"deleted", true}},
       .answer = {{"message", "Notification deleted successfully"}},
       .prepare = own("calendar_notifications", "ruleToDelete00000001")},
  };
}

std::vector<ActionCase> resource_actions() {
  const json room = {{"resourceType", "rooms"}};
  return {
      {.operation = "create_calendar_resource",
       .with = {{"resourceType", "equipments"},
                {"name", "Beamer"},
                {"description", "Bright"},
                {"quantity", 2},
                {"outOfService", 0},
                {"capacity", 0},
                {"calendarIds", {"@calendars/0"}}},
       .missing = "capacity",
       .collection = "resources",
       .op = "create",
       .expect = {{"resourceType", "equipments"}, {"name", "Beamer"}, {"quantity", 2}},
       .answer = {{"name", "Beamer"}, {"isActive", true}},
       .repeatable = false},
      {.operation = "update_calendar_resource",
       .with = {{"resourceType", "rooms"},
                {"id", "roomToUpdate00000001"},
                {"capacity", 12},
                {"isActive", false}},
       .missing = "id",
       .collection = "resources",
       .op = "update",
       .expect = {{"id", "roomToUpdate00000001"}, {"capacity", 12}, {"isActive", false}},
       .answer = {{"capacity", 12}},
       .prepare = own("resources", "roomToUpdate00000001", room)},
      {.operation = "delete_calendar_resource",
       .with = {{"resourceType", "rooms"}, {"id", "roomToDelete00000001"}},
       .missing = "resourceType",
       .collection = "resources",
       .op = "delete",
       .answer = {{"success", true}},
       .prepare = own("resources", "roomToDelete00000001", room)},
  };
}

}  // namespace

const std::vector<ActionCase>& calendar_actions() {
  static const std::vector<ActionCase> all = [] {
    std::vector<ActionCase> cases;
    for (auto* part : {group_actions, plain_calendar_actions, appointment_actions, note_actions,
                       notification_actions, resource_actions}) {
      for (ActionCase& one : part()) cases.push_back(std::move(one));
    }
    return cases;
  }();
  return all;
}

}  // namespace triggerd::end_to_end
