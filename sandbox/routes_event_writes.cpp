// Writes to appointments, blocked slots and the notes of appointments. Version 2021-04-15.
#include <algorithm>
#include <regex>

#include "event_times.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

template <typename Value>
using Or = tl::expected<Value, Answer>;

// ---- times

// With a zone, as in every example of the documents: without one it would be anybody's guess.
bool names_instant(const std::string& text) {
  static const std::regex kZone(R"(.*T.*(Z|[+-]\d\d:?\d\d))");
  return text.size() < 40 && std::regex_match(text, kZone) && parse_iso(text).has_value();
}

// The span that the request asks for. Without an end it is as long as `length`, without a start it
// begins at `start`.
Or<Span> asked_span(Visit& visit, Millis start, Millis length) {
  std::vector<std::string> problems;
  for (const char* name : {"startTime", "endTime"}) {
    if (visit.has(name) && !names_instant(visit.text(name))) {
      problems.push_back(std::string(name) +
                         " must be a valid ISO 8601 date string with an offset");
    }
  }
  if (!problems.empty()) return tl::unexpected(unprocessable(problems));
  Span span{start, 0};
  if (visit.has("startTime")) span.start = parse_iso(visit.text("startTime")).value_or(0);
  span.end = span.start + length;
  if (visit.has("endTime")) span.end = parse_iso(visit.text("endTime")).value_or(0);
  if (span.end <= span.start) {
    return tl::unexpected(unprocessable({"endTime must be after startTime"}));
  }
  return span;
}

void put_span(const Span& span, json& record) {
  record["startTime"] = iso_utc(span.start);
  record["endTime"] = iso_utc(span.end);
}

// ---- appointments

// Without a user the first member of the calendar's team, or the primary one, takes it.
Or<std::string> taker(Visit& visit, const json& calendar) {
  const json team = list_of(calendar, "teamMembers");
  const std::string asked = visit.text("assignedUserId");
  if (!asked.empty()) {
    const auto user = visit.reach("users", asked, "User");
    if (!user) return tl::unexpected(user.error());
    const bool member = std::any_of(
        team.begin(), team.end(), [&](const json& one) { return text_of(one, "userId") == asked; });
    if (!team.empty() && !member) {
      return tl::unexpected(bad_request("The user id is not part of the calendar team"));
    }
    return asked;
  }
  for (const json& one : team) {
    if (flag_of(one, "isPrimary", false)) return text_of(one, "userId");
  }
  if (team.empty()) return tl::unexpected(unprocessable({"assignedUserId should not be empty"}));
  return text_of(team[0], "userId");
}

// Whether the calendar has the slot to give; `but` is the appointment that moves.
bool may_take(Visit& visit, const json& calendar, Millis start, const std::string& but) {
  if (visit.flag("ignoreFreeSlotValidation", false)) return true;
  const auto busy = busy_spans(visit.view, calendar, {}, but);
  const int offset = location_offset(visit, text_of(calendar, "locationId"));
  return start >= visit.now() && is_free_slot(calendar, busy, start, offset);
}

Answer no_slot() { return bad_request("The slot you have selected is no longer available."); }

// The documented answer is less than the record: no dates of creation and change.
Answer shown_appointment(Visit& visit, const Row& row) {
  const int offset = location_offset(visit, text_of(row.record, "locationId"));
  json shown =
      only_members(shown_event(row, offset),
                   {"id", "calendarId", "locationId", "contactId", "startTime", "endTime", "title",
                    "appointmentStatus", "assignedUserId", "address", "isRecurring", "rrule"});
  if (visit.has("meetingLocationType")) {
    shown["meetingLocationType"] = visit.text("meetingLocationType");
  }
  return ok(std::move(shown));
}

// What is kept of the request. A series is one record here, with its rule.
json kept_members(Visit& visit) {
  json kept = only_members(visit.body(), {"title", "appointmentStatus", "description", "address"});
  if (visit.has("rrule") && visit.flag("ignoreFreeSlotValidation", false)) {
    kept["rrule"] = visit.text("rrule");
    kept["isRecurring"] = true;
  }
  return kept;
}

std::string usual_title(const json& calendar, const json& contact) {
  static constexpr std::string_view kName = "{{contact.name}}";
  std::string title = text_of(calendar, "eventTitle");
  if (const std::size_t at = title.find(kName); at != std::string::npos) {
    title.replace(at, kName.size(), text_of(contact, "name"));
  }
  return title;
}

Answer create_appointment(Visit& visit) {
  const auto reached = visit.reach("calendars", visit.text("calendarId"), "Calendar");
  if (!reached) return reached.error();
  const json& calendar = (*reached)->record;
  const auto contact = visit.reach("contacts", visit.text("contactId"), "Contact");
  if (!contact) return contact.error();
  const auto span = asked_span(visit, 0, slot_length(calendar));
  if (!span) return span.error();
  const auto user = taker(visit, calendar);
  if (!user) return user.error();
  if (!may_take(visit, calendar, span->start, "")) return no_slot();
  json event = {{"address", ""},
                {"title", usual_title(calendar, (*contact)->record)},
                {"calendarId", visit.text("calendarId")},
                {"contactId", visit.text("contactId")},
                {"groupId", text_of(calendar, "groupId")},
                {"appointmentStatus", flag_of(calendar, "autoConfirm", true) ? "confirmed" : "new"},
                {"assignedUserId", *user},
                {"users", json::array({*user})},
                {"notes", ""},
                {"description", ""},
                {"isRecurring", false},
                {"assignedResources", json::array()},
                {"createdBy", {{"source", "third_party"}}}};
  event.merge_patch(kept_members(visit));
  put_span(*span, event);
  const Place place = {visit.location(), "events", visit.random.id()};
  return shown_appointment(visit, visit.world.create(place, std::move(event)));
}

// The slot is looked at where the request moves the appointment.
Or<json> moved(Visit& visit, const json& event, const json& calendar) {
  json patch = json::object();
  const bool moves = visit.has("startTime") || visit.has("endTime");
  const auto span = asked_span(visit, start_of(event), end_of(event) - start_of(event));
  if (moves && !span) return tl::unexpected(span.error());
  if (moves) put_span(*span, patch);
  const bool elsewhere =
      visit.has("calendarId") && visit.text("calendarId") != text_of(event, "calendarId");
  const bool starts_anew = visit.has("startTime") && span->start != start_of(event);
  const Millis start = moves ? span->start : start_of(event);
  if ((starts_anew || elsewhere) && !may_take(visit, calendar, start, text_of(event, "id"))) {
    return tl::unexpected(no_slot());
  }
  if (elsewhere) {
    patch["calendarId"] = visit.text("calendarId");
    patch["groupId"] = text_of(calendar, "groupId");
  }
  return patch;
}

Answer update_appointment(Visit& visit) {
  const auto reached = visit.reach("events", visit.path("eventId"), "Appointment");
  if (!reached) return reached.error();
  const json& event = (*reached)->record;
  const std::string calendar_id =
      visit.has("calendarId") ? visit.text("calendarId") : text_of(event, "calendarId");
  const auto calendar = visit.reach("calendars", calendar_id, "Calendar");
  if (!calendar) return calendar.error();
  auto patch = moved(visit, event, (*calendar)->record);
  if (!patch) return patch.error();
  patch->update(kept_members(visit));
  if (visit.has("assignedUserId")) {
    const auto user = taker(visit, (*calendar)->record);
    if (!user) return user.error();
    (*patch)["assignedUserId"] = *user;
    (*patch)["users"] = json::array({*user});
  }
  const Place place = {text_of(event, "locationId"), "events", visit.path("eventId")};
  visit.world.update(place, *patch);
  return shown_appointment(visit, *visit.world.find(place));
}

// Appointments and blocked slots are both events here.
Answer delete_event(Visit& visit) {
  const std::string id = visit.path("eventId");
  const auto event = visit.reach("events", id, "Event");
  const auto block = visit.reach("blocked_slots", id, "Event");
  if (!event && !block) {
    return event.error().status == 404 ? block.error() : event.error();
  }
  const Row& row = event ? **event : **block;
  visit.world.remove({text_of(row.record, "locationId"), event ? "events" : "blocked_slots", id});
  return created({{"succeeded", true}});
}

// ---- blocked slots

// What the slot is blocked for: a calendar or a user, and what goes with it.
Or<json> blocked_for(Visit& visit) {
  if (visit.has("calendarId") == visit.has("assignedUserId")) {
    return tl::unexpected(
        unprocessable({"Either calendarId or assignedUserId can be set, not both"}));
  }
  if (visit.has("assignedUserId")) {
    const std::string id = visit.text("assignedUserId");
    const auto user = visit.reach("users", id, "User");
    if (!user) return tl::unexpected(user.error());
    return json{{"assignedUserId", id},
                {"users", json::array({id})},
                {"calendarId", nullptr},
                {"groupId", nullptr}};
  }
  const auto calendar = visit.reach("calendars", visit.text("calendarId"), "Calendar");
  if (!calendar) return tl::unexpected(calendar.error());
  return json{{"calendarId", visit.text("calendarId")},
              {"groupId", text_of((*calendar)->record, "groupId")},
              {"assignedUserId", nullptr},
              {"users", json::array()}};
}

Answer shown_block(Visit& visit, const Row& row) {
  const int offset = location_offset(visit, text_of(row.record, "locationId"));
  return created(only_members(
      shown_event(row, offset),
      {"id", "locationId", "title", "startTime", "endTime", "calendarId", "assignedUserId"}));
}

// The documents ask for no times, but their answer always has them.
Answer create_block_slot(Visit& visit) {
  std::vector<std::string> problems;
  for (const char* name : {"startTime", "endTime"}) {
    if (!visit.has(name)) problems.push_back(std::string(name) + " should not be empty");
  }
  if (!problems.empty()) return unprocessable(problems);
  const auto whose = blocked_for(visit);
  if (!whose) return whose.error();
  const auto span = asked_span(visit, 0, 0);
  if (!span) return span.error();
  json block = {{"title", visit.text("title")},
                {"isRecurring", false},
                {"createdBy", {{"source", "third_party"}}}};
  block.merge_patch(*whose);
  put_span(*span, block);
  const Place place = {visit.location(), "blocked_slots", visit.random.id()};
  return shown_block(visit, visit.world.create(place, std::move(block)));
}

Answer update_block_slot(Visit& visit) {
  const auto reached = visit.reach("blocked_slots", visit.path("eventId"), "Blocked slot");
  if (!reached) return reached.error();
  const json& block = (*reached)->record;
  const auto whose = blocked_for(visit);
  if (!whose) return whose.error();
  const auto span = asked_span(visit, start_of(block), end_of(block) - start_of(block));
  if (!span) return span.error();
  // Named again as it is, it stays as it is.
  const char* named = visit.has("calendarId") ? "calendarId" : "assignedUserId";
  json patch = visit.text(named) == text_of(block, named) ? json::object() : *whose;
  if (visit.has("title")) patch["title"] = visit.text("title");
  put_span(*span, patch);
  const Place place = {text_of(block, "locationId"), "blocked_slots", visit.path("eventId")};
  visit.world.update(place, patch);
  return shown_block(visit, *visit.world.find(place));
}

// ---- notes

json shown_note(const Row& row) {
  json note = row.record;
  note.erase("appointmentId");
  return note;
}

json writer_of(Visit& visit, const std::string& location) {
  json written = visit.body();
  if (!visit.has("userId")) return written;
  const Row* user = visit.view.find({location, "users", visit.text("userId")});
  written["createdBy"] = {{"id", visit.text("userId")},
                          {"name", user == nullptr ? "" : text_of(user->record, "name")}};
  return written;
}

Answer create_appointment_note(Visit& visit) {
  const auto event = visit.reach("events", visit.path("appointmentId"), "Appointment");
  if (!event) return event.error();
  const std::string location = text_of((*event)->record, "locationId");
  json note = writer_of(visit, location);
  note["appointmentId"] = visit.path("appointmentId");
  note["contactId"] = text_of((*event)->record, "contactId");
  const Place place = {location, "appointment_notes", visit.random.id()};
  return created({{"note", shown_note(visit.world.create(place, std::move(note)))}});
}

Or<Place> note_place(Visit& visit) {
  const auto event = visit.reach("events", visit.path("appointmentId"), "Appointment");
  if (!event) return tl::unexpected(event.error());
  const auto note = visit.reach("appointment_notes", visit.path("noteId"), "Note");
  if (!note) return tl::unexpected(note.error());
  if (text_of((*note)->record, "appointmentId") != visit.path("appointmentId")) {
    return tl::unexpected(not_found("Note"));
  }
  return Place{text_of((*event)->record, "locationId"), "appointment_notes", visit.path("noteId")};
}

Answer update_appointment_note(Visit& visit) {
  const auto place = note_place(visit);
  if (!place) return place.error();
  visit.world.update(*place, writer_of(visit, place->owner));
  return ok({{"note", shown_note(*visit.world.find(*place))}});
}

Answer delete_appointment_note(Visit& visit) {
  const auto place = note_place(visit);
  if (!place) return place.error();
  visit.world.remove(*place);
  return ok({{"success", true}});
}

// ---- parameters

std::vector<Param> appointment_members() {
  std::vector<Param> members = {
      text("meetingLocationType")
          .one_of({"custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google"}),
      text("appointmentStatus")
          .one_of({"new", "confirmed", "cancelled", "showed", "noshow", "invalid"})};
  for (const char* name : {"title", "meetingLocationId", "assignedUserId", "description", "address",
                           "rrule", "calendarId", "startTime", "endTime"}) {
    members.push_back(text(name));
  }
  for (const char* name :
       {"overrideLocationConfig", "ignoreDateRange", "toNotify", "ignoreFreeSlotValidation"}) {
    members.push_back(boolean(name));
  }
  return members;
}

std::vector<Param> new_appointment_members() {
  std::vector<Param> members = appointment_members();
  members.push_back(text("locationId"));
  members.push_back(text("contactId"));
  for (Param& member : members) {
    member.required = member.name == "locationId" || member.name == "contactId" ||
                      member.name == "calendarId" || member.name == "startTime";
  }
  return members;
}

Route write(std::string operation, std::string method, std::string rest, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  const bool of_notes = rest.starts_with("appointments");
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/calendars/" + std::move(rest),
          .version = kCalendar,
          .scope = "calendars/events.write",
          .body = std::move(body),
          .records = {Shape::object, of_notes ? "/note" : ""},
          .answer = answer};
}

}  // namespace

std::vector<Route> event_write_routes() {
  const std::vector<Param> block = {text("title"),          text("calendarId"),
                                    text("assignedUserId"), text("locationId").must(),
                                    text("startTime"),      text("endTime")};
  const std::vector<Param> note = {text("userId"), text("body").must().upto(5000)};
  const std::string notes = "appointments/{appointmentId}/notes";
  Route gone = write("delete_event", "DELETE", "events/{eventId}", {}, delete_event);
  gone.needs_body = true;
  return {
      write("create_appointment", "POST", "events/appointments", new_appointment_members(),
            create_appointment),
      write("update_appointment", "PUT", "events/appointments/{eventId}", appointment_members(),
            update_appointment),
      gone,
      write("create_block_slot", "POST", "events/block-slots", block, create_block_slot),
      write("update_block_slot", "PUT", "events/block-slots/{eventId}", block, update_block_slot),
      write("create_appointment_note", "POST", notes, note, create_appointment_note),
      write("update_appointment_note", "PUT", notes + "/{noteId}", note, update_appointment_note),
      write("delete_appointment_note", "DELETE", notes + "/{noteId}", {}, delete_appointment_note)};
}

}  // namespace triggerd::sandbox
