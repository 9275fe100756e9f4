// Writes to calendar groups and calendars. Version 2021-04-15.
#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// ---- groups

tl::expected<const Row*, Answer> group_of(Visit& visit, const std::string& id) {
  return visit.reach("calendar_groups", id, "Group");
}

Place place_of(const Row& row, std::string_view collection) {
  return {text_of(row.record, "locationId"), collection, text_of(row.record, "id")};
}

bool slug_taken(Visit& visit, const std::string& location, const std::string& but) {
  for (const Row* row : visit.view.all(location, "calendar_groups")) {
    if (text_of(row->record, "slug") == visit.text("slug") && text_of(row->record, "id") != but) {
      return true;
    }
  }
  return false;
}

Answer taken_slug() { return bad_request("The slug is already taken"); }

Answer create_calendar_group(Visit& visit) {
  if (slug_taken(visit, visit.location(), "")) return taken_slug();
  json group = {{"isActive", true}};
  group.merge_patch(visit.body());
  const Place place = {visit.location(), "calendar_groups", visit.random.id()};
  return created({{"group", visit.world.create(place, std::move(group)).record}});
}

Answer update_calendar_group(Visit& visit) {
  const auto group = group_of(visit, visit.path("groupId"));
  if (!group) return group.error();
  const Place place = place_of(**group, "calendar_groups");
  if (slug_taken(visit, place.owner, place.id)) return taken_slug();
  visit.world.update(place, visit.body());
  return ok({{"group", visit.world.find(place)->record}});
}

Answer update_group_status(Visit& visit) {
  const auto group = group_of(visit, visit.path("groupId"));
  if (!group) return group.error();
  visit.world.update(place_of(**group, "calendar_groups"), visit.body());
  return ok({{"success", true}});
}

Answer delete_calendar_group(Visit& visit) {
  const auto group = group_of(visit, visit.path("groupId"));
  if (!group) return group.error();
  visit.world.remove(place_of(**group, "calendar_groups"));
  return ok({{"success", true}});
}

Answer validate_group_slug(Visit& visit) {
  return ok({{"available", !slug_taken(visit, visit.location(), "")}});
}

// ---- calendars

// What an API-made calendar has where the request says nothing.
json usual_calendar(const std::string& name) {
  return {{"isActive", true},
          {"teamMembers", json::array()},
          {"eventType", "RoundRobin_OptimizeForAvailability"},
          {"slug", slug_of(name)},
          {"widgetSlug", slug_of(name)},
          {"widgetType", "classic"},
          {"eventTitle", "{{contact.name}}"},
          {"eventColor", "#039be5"},
          {"slotDuration", 30},
          {"slotDurationUnit", "mins"},
          {"slotInterval", 30},
          {"slotIntervalUnit", "mins"},
          {"appoinmentPerSlot", 1},
          {"openHours", json::array()},
          {"enableRecurring", false},
          {"autoConfirm", true},
          {"googleInvitationEmails", false},
          {"allowReschedule", true},
          {"allowCancellation", true},
          {"formSubmitType", "ThankYouMessage"}};
}

// Members of the team are users of the location; some kinds of calendar need them.
std::vector<std::string> team_problems(Visit& visit, const std::string& location,
                                       const std::string& type, const json& team) {
  std::vector<std::string> problems;
  const bool needs_team = type == "round_robin" || type == "collective" ||
                          type == "class_booking" || type == "service_booking";
  if (needs_team && team.empty()) problems.push_back("teamMembers should not be empty");
  if (type == "personal" && team.size() != 1) {
    problems.push_back("teamMembers must contain exactly 1 element");
  }
  for (std::size_t i = 0; i < team.size(); ++i) {
    if (visit.view.find({location, "users", text_of(team[i], "userId")}) != nullptr) continue;
    problems.push_back("teamMembers." + std::to_string(i) +
                       ".userId is not a user of the location");
  }
  return problems;
}

Answer create_calendar(Visit& visit) {
  if (visit.has("groupId")) {
    if (const auto group = group_of(visit, visit.text("groupId")); !group) return group.error();
  }
  const auto problems = team_problems(visit, visit.location(), visit.text("calendarType"),
                                      list_of(visit.body(), "teamMembers"));
  if (!problems.empty()) return unprocessable(problems);
  json calendar = usual_calendar(visit.text("name"));
  calendar.merge_patch(visit.body());
  const Place place = {visit.location(), "calendars", visit.random.id()};
  return ok({{"calendar", visit.world.create(place, std::move(calendar)).record}});
}

Answer update_calendar(Visit& visit) {
  const auto calendar = visit.reach("calendars", visit.path("calendarId"), "Calendar");
  if (!calendar) return calendar.error();
  const Place place = place_of(**calendar, "calendars");
  if (visit.has("groupId")) {
    if (const auto group = group_of(visit, visit.text("groupId")); !group) return group.error();
  }
  if (visit.has("teamMembers")) {
    const std::string type = text_of((*calendar)->record, "calendarType");
    const auto problems =
        team_problems(visit, place.owner, type, list_of(visit.body(), "teamMembers"));
    if (!problems.empty()) return unprocessable(problems);
  }
  visit.world.update(place, visit.body());
  return ok({{"calendar", visit.world.find(place)->record}});
}

Answer delete_calendar(Visit& visit) {
  const auto calendar = visit.reach("calendars", visit.path("calendarId"), "Calendar");
  if (!calendar) return calendar.error();
  visit.world.remove(place_of(**calendar, "calendars"));
  return ok({{"success", true}});
}

// ---- parameters

Param location_kinds() {
  return list("locationConfigurations")
      .of({text("kind").must().one_of({"custom", "zoom_conference", "google_conference",
                                       "inbound_call", "outbound_call", "physical", "booker",
                                       "ms_teams_conference"}),
           text("location")});
}

Param hours() {
  const auto part = [](const char* name, double most) {
    return number(name).must().from(0).upto(most);
  };
  return list("hours").must().of({part("openHour", 23), part("openMinute", 60),
                                  part("closeHour", 23), part("closeMinute", 60)});
}

std::vector<Param> structured_members() {
  return {list("notifications"),
          list("teamMembers")
              .of({text("userId").must(), number("priority").from(0).upto(1), boolean("isPrimary"),
                   location_kinds()}),
          location_kinds(),
          list("openHours").of({list("daysOfTheWeek").must(), hours()}),
          object("recurring")
              .of({text("freq").one_of({"DAILY", "WEEKLY", "MONTHLY"}), number("count").upto(24),
                   text("bookingOption").one_of({"skip", "continue", "book_next"}),
                   text("bookingOverlapDefaultStatus").one_of({"confirmed", "new"})}),
          object("lookBusyConfig")
              .of({boolean("enabled").must(), number("LookBusyPercentage").must()})};
}

// What creating and updating share.
std::vector<Param> calendar_members() {
  std::vector<Param> members = structured_members();
  for (const char* name :
       {"groupId", "description", "slug", "widgetSlug", "eventTitle", "eventColor",
        "meetingLocation", "formId", "alertEmail", "notes", "pixelId", "formSubmitRedirectURL",
        "formSubmitThanksMessage", "consentLabel", "calendarCoverImage"}) {
    members.push_back(text(name));
  }
  for (const char* name :
       {"slotDuration", "slotInterval", "slotBuffer", "preBuffer", "appoinmentPerSlot",
        "appoinmentPerDay", "allowBookingAfter", "allowBookingFor"}) {
    members.push_back(number(name));
  }
  for (const char* name :
       {"isActive", "enableRecurring", "stickyContact", "isLivePaymentMode", "autoConfirm",
        "shouldSendAlertEmailsToAssignedMember", "googleInvitationEmails", "allowReschedule",
        "allowCancellation", "shouldAssignContactToTeamMember",
        "shouldSkipAssigningContactForExisting"}) {
    members.push_back(boolean(name));
  }
  for (const char* name : {"slotDurationUnit", "slotIntervalUnit", "preBufferUnit"}) {
    members.push_back(text(name).one_of({"mins", "hours"}));
  }
  for (const Param& one :
       {text("eventType")
            .one_of(
                {"RoundRobin_OptimizeForAvailability", "RoundRobin_OptimizeForEqualDistribution"}),
        text("widgetType").one_of({"default", "classic"}),
        text("allowBookingAfterUnit").one_of({"hours", "days", "weeks", "months"}),
        text("allowBookingForUnit").one_of({"days", "weeks", "months"}),
        text("formSubmitType").one_of({"RedirectURL", "ThankYouMessage"}),
        text("guestType").one_of({"count_only", "collect_detail"}),
        number("availabilityType").from(0).upto(1)}) {
    members.push_back(one);
  }
  return members;
}

std::vector<Param> new_calendar_members() {
  std::vector<Param> members = calendar_members();
  members.push_back(text("locationId").must());
  members.push_back(text("name").must());
  members.push_back(text("slotBufferUnit").one_of({"mins", "hours"}));
  members.push_back(text("calendarType")
                        .one_of({"round_robin", "event", "class_booking", "collective",
                                 "service_booking", "personal"}));
  members.push_back(list("availabilities").of({text("date").must(), hours(), boolean("deleted")}));
  return members;
}

std::vector<Param> changed_calendar_members() {
  std::vector<Param> members = calendar_members();
  members.push_back(text("name"));
  members.push_back(
      list("availabilities").of({text("date").must(), hours(), boolean("deleted"), text("id")}));
  return members;
}

Route write(std::string operation, std::string method, std::string rest, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  const bool of_groups = rest.starts_with("groups");
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/calendars/" + std::move(rest),
          .version = kCalendar,
          .scope = of_groups ? "calendars/groups.write" : "calendars.write",
          .body = std::move(body),
          .records = {Shape::object, of_groups ? "/group" : "/calendar"},
          .answer = answer};
}

}  // namespace

std::vector<Route> calendar_write_routes() {
  const std::vector<Param> named = {text("name").must(), text("description").must(),
                                    text("slug").must()};
  std::vector<Param> placed = named;
  placed.push_back(text("locationId").must());
  placed.push_back(boolean("isActive"));
  return {
      write("create_calendar_group", "POST", "groups", placed, create_calendar_group),
      write("update_calendar_group", "PUT", "groups/{groupId}", named, update_calendar_group),
      write("update_group_status", "PUT", "groups/{groupId}/status", {boolean("isActive").must()},
            update_group_status),
      write("delete_calendar_group", "DELETE", "groups/{groupId}", {}, delete_calendar_group),
      write("validate_group_slug", "POST", "groups/validate-slug",
            {text("locationId").must(), text("slug").must()}, validate_group_slug),
      write("create_calendar", "POST", "", new_calendar_members(), create_calendar),
      write("update_calendar", "PUT", "{calendarId}", changed_calendar_members(), update_calendar),
      write("delete_calendar", "DELETE", "{calendarId}", {}, delete_calendar)};
}

}  // namespace triggerd::sandbox
