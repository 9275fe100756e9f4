// Appointments, blocked slots, appointment notes and free slots. Version 2021-04-15. Windows are
// about when an event takes place; dates are shown with the location's offset.
#include <algorithm>

#include "event_times.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr Millis kSlotWindowMax = 31 * kDay;

Answer events_in_window(Visit& visit, std::string_view collection) {
  const std::string user = visit.text("userId");
  const std::string calendar = visit.text("calendarId");
  const std::string group = visit.text("groupId");
  if (user.empty() && calendar.empty() && group.empty()) {
    return unprocessable({"Either of userId, calendarId or groupId is required"});
  }
  if (visit.instant("startTime") > visit.instant("endTime")) {
    return unprocessable({"startTime must be before endTime"});
  }
  const int offset = location_offset(visit, visit.location());
  json events = json::array();
  for (const Row* row : visit.all(collection)) {
    if (start_of(row->record) < visit.instant("startTime")) continue;
    if (start_of(row->record) > visit.instant("endTime")) continue;
    if (!calendar.empty() && text_of(row->record, "calendarId") != calendar) continue;
    if (!group.empty() && text_of(row->record, "groupId") != group) continue;
    if (!user.empty() && !has_user(row->record, user)) continue;
    events.push_back(shown_event(*row, offset));
  }
  return ok({{"events", events}});
}

Answer list_calendar_events(Visit& visit) { return events_in_window(visit, "events"); }

Answer list_blocked_slots(Visit& visit) { return events_in_window(visit, "blocked_slots"); }

// Wrapped as `appointment`, as public clients receive it.
Answer get_appointment(Visit& visit) {
  const auto event = visit.reach("events", visit.path("eventId"), "Appointment");
  if (!event) return event.error();
  const std::string location = text_of((*event)->record, "locationId");
  return ok({{"appointment", shown_event(**event, location_offset(visit, location))}});
}

Answer list_appointment_notes(Visit& visit) {
  const auto event = visit.reach("events", visit.path("appointmentId"), "Appointment");
  if (!event) return event.error();
  json all = json::array();
  for (const Row* row :
       visit.view.all(text_of((*event)->record, "locationId"), "appointment_notes")) {
    if (text_of(row->record, "appointmentId") != visit.path("appointmentId")) continue;
    json note = row->record;
    note.erase("appointmentId");
    all.push_back(std::move(note));
  }
  json notes = json::array();
  const std::size_t skip = visit.count("offset", 0);
  const std::size_t limit = visit.count("limit", 20);
  for (std::size_t i = skip; i < all.size() && notes.size() < limit; ++i) notes.push_back(all[i]);
  return ok({{"notes", notes}, {"hasMore", skip + notes.size() < all.size()}});
}

Answer get_free_slots(Visit& visit) {
  const auto calendar = visit.reach("calendars", visit.path("calendarId"), "Calendar");
  if (!calendar) return calendar.error();
  const json& record = (*calendar)->record;
  int offset = location_offset(visit, text_of(record, "locationId"));
  if (visit.has("timezone")) {
    const auto zone = zone_offset_minutes(visit.text("timezone"));
    if (!zone) return unprocessable({"timezone is not valid"});
    offset = *zone;
  }
  const Millis end = visit.instant("endDate");
  if (visit.instant("startDate") > end) {
    return unprocessable({"startDate must be before endDate"});
  }
  if (end - visit.instant("startDate") > kSlotWindowMax) {
    return unprocessable({"The date range must not be longer than 31 days"});
  }
  // Slots that have begun are gone, as in the real API.
  const Span window = {std::max(visit.instant("startDate"), visit.now()), end};
  std::vector<std::string> users = visit.list("userIds");
  if (visit.has("userId")) users.push_back(visit.text("userId"));
  return ok(free_slots(record, busy_spans(visit.view, record, users), window, offset));
}

Route event_read(std::string operation, std::string rest, std::vector<Param> query,
                 RecordsAt records, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/calendars/" + std::move(rest),
          .version = kCalendar,
          .scope = "calendars/events.readonly",
          .query = std::move(query),
          .records = std::move(records),
          .answer = answer};
}

}  // namespace

std::vector<Route> event_routes() {
  const std::vector<Param> window = {text("locationId").must(),  text("userId"),
                                     text("calendarId"),         text("groupId"),
                                     digits("startTime").must(), digits("endTime").must()};
  Route slots = event_read("get_free_slots", "{calendarId}/free-slots",
                           {number("startDate").must(), number("endDate").must(), text("timezone"),
                            text("userId"), list("userIds")},
                           {Shape::date_map}, get_free_slots);
  slots.scope = "calendars.readonly";
  Route notes =
      event_read("list_appointment_notes", "appointments/{appointmentId}/notes",
                 {number("limit").must().from(1).upto(20), number("offset").must().from(0)},
                 {Shape::list, "/notes"}, list_appointment_notes);
  notes.paging = Paging::offset;
  return {slots,
          event_read("list_calendar_events", "events", window, {Shape::list, "/events"},
                     list_calendar_events),
          event_read("list_blocked_slots", "blocked-slots", window, {Shape::list, "/events"},
                     list_blocked_slots),
          event_read("get_appointment", "events/appointments/{eventId}", {},
                     {Shape::object, "/appointment"}, get_appointment),
          notes};
}

}  // namespace triggerd::sandbox
