// Calendars, their groups, notification rules and resources. Version 2021-04-15.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer list_calendar_groups(Visit& visit) {
  return ok({{"groups", records_of(visit.all("calendar_groups"))}});
}

Answer list_calendars(Visit& visit) {
  const std::string group = visit.text("groupId");
  const bool drafted = visit.flag("showDrafted", true);
  json calendars = json::array();
  for (const Row* row : visit.all("calendars")) {
    if (!group.empty() && text_of(row->record, "groupId") != group) continue;
    if (!drafted && !flag_of(row->record, "isActive", true)) continue;
    calendars.push_back(row->record);
  }
  return ok({{"calendars", calendars}});
}

tl::expected<const Row*, Answer> calendar_of(Visit& visit) {
  return visit.reach("calendars", visit.path("calendarId"), "Calendar");
}

Answer get_calendar_by_id(Visit& visit) {
  const auto calendar = calendar_of(visit);
  if (!calendar) return calendar.error();
  return ok({{"calendar", (*calendar)->record}});
}

json shown_notification(const Row& row) {
  json shown = row.record;
  shown.erase("calendarId");
  return shown;
}

bool flag_fits(Visit& visit, const char* name, const json& record) {
  return !visit.has(name) || flag_of(record, name, false) == visit.flag(name, false);
}

// A bare array at the root.
Answer list_calendar_notifications(Visit& visit) {
  const auto calendar = calendar_of(visit);
  if (!calendar) return calendar.error();
  const std::string location = text_of((*calendar)->record, "locationId");
  json all = json::array();
  for (const Row* row : visit.view.all(location, "calendar_notifications")) {
    if (text_of(row->record, "calendarId") != visit.path("calendarId")) continue;
    if (!flag_fits(visit, "isActive", row->record)) continue;
    if (!flag_fits(visit, "deleted", row->record)) continue;
    all.push_back(shown_notification(*row));
  }
  json page = json::array();
  const std::size_t limit = visit.count("limit", 100);
  for (std::size_t i = visit.count("skip", 0); i < all.size() && page.size() < limit; ++i) {
    page.push_back(all[i]);
  }
  return ok(page);
}

Answer get_calendar_notification(Visit& visit) {
  const auto rule =
      visit.reach("calendar_notifications", visit.path("notificationId"), "Notification");
  if (!rule) return rule.error();
  if (text_of((*rule)->record, "calendarId") != visit.path("calendarId")) {
    return not_found("Notification");
  }
  return ok(shown_notification(**rule));
}

bool known_resource_type(Visit& visit) {
  return visit.path("resourceType") == "rooms" || visit.path("resourceType") == "equipments";
}

Answer unknown_resource_type() {
  return unprocessable({"resourceType must be one of the following values: equipments, rooms"});
}

// As documented, a resource shows no id, although its own path needs one.
json shown_resource(const Row& row) {
  json shown = row.record;
  shown.erase("id");
  return shown;
}

Answer list_calendar_resources(Visit& visit) {
  if (!known_resource_type(visit)) return unknown_resource_type();
  std::vector<const Row*> rows = visit.all("resources");
  std::erase_if(rows, [&](const Row* row) {
    return text_of(row->record, "resourceType") != visit.path("resourceType");
  });
  json page = json::array();
  const std::size_t limit = visit.count("limit", 100);
  for (std::size_t i = visit.count("skip", 0); i < rows.size() && page.size() < limit; ++i) {
    page.push_back(shown_resource(*rows[i]));
  }
  return ok(page);
}

Answer get_calendar_resource(Visit& visit) {
  if (!known_resource_type(visit)) return unknown_resource_type();
  const auto resource = visit.reach("resources", visit.path("id"), "Resource");
  if (!resource) return resource.error();
  if (text_of((*resource)->record, "resourceType") != visit.path("resourceType")) {
    return not_found("Resource");
  }
  return ok(shown_resource(**resource));
}

Route calendar_read(std::string operation, std::string rest, std::string scope, RecordsAt records,
                    Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/calendars/" + std::move(rest),
          .version = kCalendar,
          .scope = std::move(scope),
          .records = std::move(records),
          .answer = answer};
}

}  // namespace

std::vector<Route> calendar_routes() {
  Route groups = calendar_read("list_calendar_groups", "groups", "calendars/groups.readonly",
                               {Shape::list, "/groups"}, list_calendar_groups);
  groups.query = {text("locationId").must()};

  Route calendars = calendar_read("list_calendars", "", "calendars.readonly",
                                  {Shape::list, "/calendars"}, list_calendars);
  calendars.query = {text("locationId").must(), text("groupId"), boolean("showDrafted")};
  calendars.conditional = true;

  Route rules = calendar_read("list_calendar_notifications", "{calendarId}/notifications",
                              "calendars/events.readonly", {Shape::list, "", "_id"},
                              list_calendar_notifications);
  rules.query = {boolean("isActive"), boolean("deleted"), number("limit").from(1),
                 number("skip").from(0)};
  rules.paging = Paging::offset;

  Route resources = calendar_read("list_calendar_resources", "resources/{resourceType}",
                                  "calendars/resources.readonly", {Shape::list, "", "name"},
                                  list_calendar_resources);
  resources.query = {text("locationId").must(), number("limit").must().from(1),
                     number("skip").must().from(0)};
  resources.paging = Paging::offset;

  return {groups,
          calendars,
          calendar_read("get_calendar_by_id", "{calendarId}", "calendars.readonly",
                        {Shape::object, "/calendar"}, get_calendar_by_id),
          rules,
          calendar_read("get_calendar_notification", "{calendarId}/notifications/{notificationId}",
                        "calendars/events.readonly", {Shape::object, "", "_id"},
                        get_calendar_notification),
          resources,
          calendar_read("get_calendar_resource", "resources/{resourceType}/{id}",
                        "calendars/resources.readonly", {Shape::object, "", ""},
                        get_calendar_resource)};
}

}  // namespace triggerd::sandbox
