// Writes to the notification rules of calendars, and to rooms and equipment. Version 2021-04-15.
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// ---- notification rules

tl::expected<const Row*, Answer> calendar_of(Visit& visit) {
  return visit.reach("calendars", visit.path("calendarId"), "Calendar");
}

json usual_rule(const std::string& calendar) {
  return {{"calendarId", calendar},
          {"isActive", true},
          {"deleted", false},
          {"additionalEmailIds", json::array()},
          {"additionalPhoneNumbers", json::array()},
          {"additionalWhatsappNumbers", json::array()},
          {"selectedUsers", json::array()}};
}

json without_member(json record, const char* member) {
  record.erase(member);
  return record;
}

// A bare array, as the body is one.
Answer create_calendar_notification(Visit& visit) {
  const auto calendar = calendar_of(visit);
  if (!calendar) return calendar.error();
  const std::string location = text_of((*calendar)->record, "locationId");
  json rules = json::array();
  for (const json& asked : visit.body()) {
    json rule = usual_rule(visit.path("calendarId"));
    rule.merge_patch(asked);
    const Place place = {location, "calendar_notifications", visit.random.id()};
    const Row& row = visit.world.create(place, std::move(rule));
    rules.push_back(without_member(row.record, "calendarId"));
  }
  return ok(rules);
}

tl::expected<Place, Answer> rule_place(Visit& visit) {
  const auto calendar = calendar_of(visit);
  if (!calendar) return tl::unexpected(calendar.error());
  const std::string id = visit.path("notificationId");
  const auto rule = visit.reach("calendar_notifications", id, "Notification");
  if (!rule) return tl::unexpected(rule.error());
  if (text_of((*rule)->record, "calendarId") != visit.path("calendarId")) {
    return tl::unexpected(not_found("Notification"));
  }
  return Place{text_of((*calendar)->record, "locationId"), "calendar_notifications", id};
}

Answer update_notification(Visit& visit) {
  const auto place = rule_place(visit);
  if (!place) return place.error();
  visit.world.update(*place, visit.body());
  return ok({{"message", "Notification updated successfully"}});
}

// Lists can be asked for deleted rules, so a rule that is deleted stays.
Answer delete_notification(Visit& visit) {
  const auto place = rule_place(visit);
  if (!place) return place.error();
  visit.world.update(*place, {{"deleted", true}});
  return ok({{"message", "Notification deleted successfully"}});
}

// ---- rooms and equipment

bool known_type(Visit& visit) {
  return visit.path("resourceType") == "rooms" || visit.path("resourceType") == "equipments";
}

Answer unknown_type() {
  return unprocessable({"resourceType must be one of the following values: equipments, rooms"});
}

std::vector<std::string> calendar_problems(Visit& visit, const std::string& location) {
  std::vector<std::string> problems;
  const json calendars = list_of(visit.body(), "calendarIds");
  if (visit.path("resourceType") == "equipments" && calendars.size() > 1) {
    problems.push_back("calendarIds must contain no more than 1 elements");
  }
  for (const json& id : calendars) {
    const bool known = id.is_string() &&
                       visit.view.find({location, "calendars", id.get<std::string>()}) != nullptr;
    if (!known) problems.push_back("calendarIds names a calendar that does not exist");
  }
  return problems;
}

// As documented, a resource shows no id.
Answer create_calendar_resource(Visit& visit) {
  if (!known_type(visit)) return unknown_type();
  const auto problems = calendar_problems(visit, visit.location());
  if (!problems.empty()) return unprocessable(problems);
  json resource = {{"resourceType", visit.path("resourceType")}, {"isActive", true}};
  resource.merge_patch(visit.body());
  const Place place = {visit.location(), "resources", visit.random.id()};
  const Row& row = visit.world.create(place, std::move(resource));
  return created(without_member(row.record, "id"));
}

tl::expected<Place, Answer> resource_place(Visit& visit) {
  if (!known_type(visit)) return tl::unexpected(unknown_type());
  const auto resource = visit.reach("resources", visit.path("id"), "Resource");
  if (!resource) return tl::unexpected(resource.error());
  if (text_of((*resource)->record, "resourceType") != visit.path("resourceType")) {
    return tl::unexpected(not_found("Resource"));
  }
  return Place{text_of((*resource)->record, "locationId"), "resources", visit.path("id")};
}

Answer update_calendar_resource(Visit& visit) {
  const auto place = resource_place(visit);
  if (!place) return place.error();
  const auto problems = calendar_problems(visit, place->owner);
  if (!problems.empty()) return unprocessable(problems);
  visit.world.update(*place, without_member(visit.body(), "locationId"));
  json shown = without_member(visit.world.find(*place)->record, "id");
  return ok(without_member(std::move(shown), "calendarIds"));
}

Answer delete_calendar_resource(Visit& visit) {
  const auto place = resource_place(visit);
  if (!place) return place.error();
  visit.world.remove(*place);
  return ok({{"success", true}});
}

// ---- parameters

std::vector<Param> rule_members() {
  const std::vector<Param> schedule = {number("timeOffset"), text("unit")};
  std::vector<Param> members = {
      text("receiverType")
          .one_of({"contact", "guest", "assignedUser", "emails", "phoneNumbers", "business"}),
      text("channel").one_of({"email", "inApp", "sms", "whatsapp"}),
      text("notificationType")
          .one_of({"booked", "confirmation", "cancellation", "reminder", "followup", "reschedule"}),
      boolean("isActive"),
      list("afterTime").of(schedule),
      list("beforeTime").of(schedule)};
  for (const char* name :
       {"templateId", "body", "subject", "fromAddress", "fromName", "fromNumber"}) {
    members.push_back(text(name));
  }
  for (const char* name : {"additionalEmailIds", "additionalPhoneNumbers", "selectedUsers"}) {
    members.push_back(list(name));
  }
  return members;
}

std::vector<Param> new_rule_members() {
  std::vector<Param> members = rule_members();
  for (Param& member : members) {
    member.required = member.name == "receiverType" || member.name == "channel" ||
                      member.name == "notificationType";
  }
  return members;
}

std::vector<Param> changed_rule_members() {
  std::vector<Param> members = rule_members();
  members.push_back(boolean("deleted"));
  return members;
}

std::vector<Param> resource_members() {
  return {text("locationId"),           text("name"),           text("description"),
          number("quantity"),           number("outOfService"), number("capacity"),
          list("calendarIds").upto(100)};
}

std::vector<Param> new_resource_members() {
  std::vector<Param> members = resource_members();
  for (Param& member : members) member.required = true;
  return members;
}

std::vector<Param> changed_resource_members() {
  std::vector<Param> members = resource_members();
  members.push_back(boolean("isActive"));
  return members;
}

Route write(std::string operation, std::string method, std::string rest, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  const bool of_resources = rest.starts_with("resources");
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/calendars/" + std::move(rest),
          .version = kCalendar,
          .scope = of_resources ? "calendars/resources.write" : "calendars/events.write",
          .body = std::move(body),
          .records = {Shape::object, "", of_resources ? "" : "_id"},
          .answer = answer};
}

}  // namespace

std::vector<Route> calendar_setting_routes() {
  Route rules = write("create_calendar_notification", "POST", "{calendarId}/notifications",
                      new_rule_members(), create_calendar_notification);
  rules.body_is_list = true;
  rules.records.shape = Shape::list;
  const std::string rule = "{calendarId}/notifications/{notificationId}";
  const std::string resource = "resources/{resourceType}/{id}";
  return {rules,
          write("update_notification", "PUT", rule, changed_rule_members(), update_notification),
          write("delete_notification", "DELETE", rule, {}, delete_notification),
          write("create_calendar_resource", "POST", "resources/{resourceType}",
                new_resource_members(), create_calendar_resource),
          write("update_calendar_resource", "PUT", resource, changed_resource_members(),
                update_calendar_resource),
          write("delete_calendar_resource", "DELETE", resource, {}, delete_calendar_resource)};
}

}  // namespace triggerd::sandbox
