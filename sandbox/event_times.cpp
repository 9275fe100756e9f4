#include "event_times.h"

#include <algorithm>

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr int kDefaultOffset = -360;  // US/Central, which every seeded location has

// Only what lies with the users that are asked for keeps their time.
bool concerns(const json& event, const std::vector<std::string>& users) {
  return users.empty() || std::any_of(users.begin(), users.end(), [&](const std::string& user) {
           return has_user(event, user);
         });
}

// Time that is blocked for a user is taken from calendars that the user serves alone.
bool is_of_calendar(const json& event, const json& calendar) {
  const std::string of = text_of(event, "calendarId");
  if (!of.empty()) return of == text_of(calendar, "id");
  const json team = list_of(calendar, "teamMembers");
  return team.size() == 1 && text_of(event, "assignedUserId") == text_of(team[0], "userId");
}

Millis length_of(const json& calendar, const std::string& member, std::int64_t fallback) {
  const Millis unit = text_of(calendar, member + "Unit") == "hours" ? kHour : kMinute;
  return std::max<Millis>(number_of(calendar, member, fallback), 1) * unit;
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

// Starts of the free slots of the local day that begins at `midnight`.
std::vector<Millis> slots_of_day(const json& calendar, const std::vector<Span>& busy,
                                 Millis midnight, const Span& window, int offset) {
  const Millis length = slot_length(calendar);
  const Millis step = length_of(calendar, "slotInterval", 60);
  std::vector<Millis> slots;
  const int weekday = day_of_week(midnight + offset * kMinute);
  for (const Span& open : open_spans(calendar, weekday)) {
    for (Millis at = open.start; at + length <= open.end; at += step) {
      const Span slot = {midnight + at, midnight + at + length};
      if (slot.start < window.start || slot.start > window.end) continue;
      const bool taken = std::any_of(busy.begin(), busy.end(), [&](const Span& other) {
        return slot.start < other.end && other.start < slot.end;
      });
      if (!taken) slots.push_back(slot.start);
    }
  }
  return slots;
}

}  // namespace

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

Millis start_of(const json& event) { return parse_iso(text_of(event, "startTime")).value_or(0); }

Millis end_of(const json& event) { return parse_iso(text_of(event, "endTime")).value_or(0); }

bool has_user(const json& event, const std::string& user) {
  const auto users = event.find("users");
  return text_of(event, "assignedUserId") == user ||
         (users != event.end() && users->is_array() &&
          std::find(users->begin(), users->end(), json(user)) != users->end());
}

Millis slot_length(const json& calendar) { return length_of(calendar, "slotDuration", 30); }

std::vector<Span> busy_spans(const View& view, const json& calendar,
                             const std::vector<std::string>& users, const std::string& but) {
  std::vector<Span> busy;
  for (const char* collection : {"events", "blocked_slots"}) {
    for (const Row* row : view.all(text_of(calendar, "locationId"), collection)) {
      const json& event = row->record;
      if (text_of(event, "id") == but || !is_of_calendar(event, calendar)) continue;
      if (!concerns(event, users)) continue;
      if (text_of(event, "appointmentStatus") == "cancelled") continue;
      busy.push_back({start_of(event), end_of(event)});
    }
  }
  return busy;
}

json free_slots(const json& calendar, const std::vector<Span>& busy, const Span& window,
                int offset) {
  json days = json::object();
  if (!flag_of(calendar, "isActive", true)) return days;
  const Millis shift = offset * kMinute;
  const std::int64_t last = day_number(window.end + shift);
  for (std::int64_t day = day_number(window.start + shift); day <= last; ++day) {
    json slots = json::array();
    for (const Millis at : slots_of_day(calendar, busy, day * kDay - shift, window, offset)) {
      slots.push_back(iso_with_offset(at, offset));
    }
    if (!slots.empty()) days[day_text(day * kDay)] = {{"slots", std::move(slots)}};
  }
  return days;
}

bool is_free_slot(const json& calendar, const std::vector<Span>& busy, Millis start, int offset) {
  return !free_slots(calendar, busy, {start, start}, offset).empty();
}

}  // namespace triggerd::sandbox
