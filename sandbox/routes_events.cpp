// Appointments, blocked slots, appointment notes and free slots. Version 2021-04-15. Windows are
// about when an event takes place; dates are shown with the location's offset.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr Millis kSlotWindowMax = 31 * kDay;
constexpr int kDefaultOffset = -360;  // US/Central, which every seeded location has

int location_offset(Visit& visit, const std::string& location) {
  const Row* row = visit.view.find({visit.company(), "locations", location});
  if (row == nullptr) return kDefaultOffset;
  return zone_offset_minutes(text_of(row->record, "timezone")).value_or(kDefaultOffset);
}

json shown_event(const Row& row, int offset) {
  json shown = row.record;
  for (const char* date : {"startTime", "endTime", "dateAdded", "dateUpdated"}) {
    const auto instant = parse_iso(text_of(row.record, date));
    if (instant) shown[date] = iso_with_offset(*instant, offset);
  }
  return shown;
}

Millis start_of(const Row& row) { return parse_iso(text_of(row.record, "startTime")).value_or(0); }

Millis end_of(const Row& row) { return parse_iso(text_of(row.record, "endTime")).value_or(0); }

bool has_user(const json& record, const std::string& user) {
  const auto users = record.find("users");
  return text_of(record, "assignedUserId") == user ||
         (users != record.end() && users->is_array() &&
          std::find(users->begin(), users->end(), json(user)) != users->end());
}

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
    if (start_of(*row) < visit.instant("startTime")) continue;
    if (start_of(*row) > visit.instant("endTime")) continue;
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

struct Span {
  Millis start;
  Millis end;
};

// Only what lies with the users that are asked for keeps their time.
bool concerns(const json& record, const std::vector<std::string>& users) {
  return users.empty() || std::any_of(users.begin(), users.end(), [&](const std::string& user) {
           return has_user(record, user);
         });
}

std::vector<Span> busy_spans(Visit& visit, const std::string& location,
                             const std::string& calendar) {
  std::vector<std::string> users = visit.list("userIds");
  if (visit.has("userId")) users.push_back(visit.text("userId"));
  std::vector<Span> busy;
  for (const char* collection : {"events", "blocked_slots"}) {
    for (const Row* row : visit.view.all(location, collection)) {
      if (text_of(row->record, "calendarId") != calendar) continue;
      if (!concerns(row->record, users)) continue;
      if (text_of(row->record, "appointmentStatus") == "cancelled") continue;
      busy.push_back({start_of(*row), end_of(*row)});
    }
  }
  return busy;
}

// Opening hours of one local day, as offsets from its midnight.
std::vector<Span> open_spans(const json& calendar, int weekday) {
  std::vector<Span> spans;
  for (const json& rule : list_of(calendar, "openHours")) {
    const json days = list_of(rule, "daysOfTheWeek");
    if (std::find(days.begin(), days.end(), json(weekday)) == days.end()) continue;
    for (const json& hours : list_of(rule, "hours")) {
      spans.push_back(
          {number_of(hours, "openHour", 0) * kHour + number_of(hours, "openMinute", 0) * kMinute,
           number_of(hours, "closeHour", 0) * kHour +
               number_of(hours, "closeMinute", 0) * kMinute});
    }
  }
  return spans;
}

json slots_of_day(const json& calendar, const std::vector<Span>& busy, Millis midnight,
                  const Span& window, int offset) {
  const Millis length = std::max<Millis>(number_of(calendar, "slotDuration", 30), 1) * kMinute;
  const Millis step = std::max<Millis>(number_of(calendar, "slotInterval", 60), 1) * kMinute;
  json slots = json::array();
  const int weekday = day_of_week(midnight + offset * kMinute);
  for (const Span& open : open_spans(calendar, weekday)) {
    for (Millis at = open.start; at + length <= open.end; at += step) {
      const Span slot = {midnight + at, midnight + at + length};
      if (slot.start < window.start || slot.start > window.end) continue;
      const bool taken = std::any_of(busy.begin(), busy.end(), [&](const Span& other) {
        return slot.start < other.end && other.start < slot.end;
      });
      if (!taken) slots.push_back(iso_with_offset(slot.start, offset));
    }
  }
  return slots;
}

Answer get_free_slots(Visit& visit) {
  const auto calendar = visit.reach("calendars", visit.path("calendarId"), "Calendar");
  if (!calendar) return calendar.error();
  const json& record = (*calendar)->record;
  const std::string location = text_of(record, "locationId");
  int offset = location_offset(visit, location);
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
  json days = json::object();
  if (!flag_of(record, "isActive", true)) return ok(days);
  // Slots that have begun are gone, as in the real API.
  const Span window = {std::max(visit.instant("startDate"), visit.now()), end};
  const auto busy = busy_spans(visit, location, visit.path("calendarId"));
  const Millis shift = offset * kMinute;
  for (std::int64_t day = day_number(window.start + shift); day <= day_number(end + shift); ++day) {
    const Millis midnight = day * kDay - shift;
    json slots = slots_of_day(record, busy, midnight, window, offset);
    if (!slots.empty()) days[day_text(day * kDay)] = {{"slots", std::move(slots)}};
  }
  return ok(days);
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
