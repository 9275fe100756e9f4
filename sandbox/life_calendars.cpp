// How appointments, blocked slots, calendars and their belongings change by themselves.
#include "fields.h"
#include "life.h"
#include "makers.h"
#include "seed.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kEventsMax = 40;
constexpr std::size_t kEventsMin = 8;
constexpr std::size_t kBlocksMax = 15;
constexpr std::size_t kFewMax = 8;
constexpr std::size_t kFewMin = 2;

std::size_t count(const Turn& turn, std::string_view collection) {
  return turn.world.rows(turn.location, collection).size();
}

// An opening hour on one of the next four weeks' days.
Millis coming_slot(Turn& turn) {
  const Millis day =
      (day_number(turn.world.now()) + 1 + static_cast<Millis>(turn.random.below(28))) * kDay;
  return day + 15 * kHour + static_cast<Millis>(turn.random.below(8)) * kHour;
}

bool plan_event(Turn& turn, EventPlan& plan) {
  Place calendar;
  Place contact;
  Place user;
  if (!any_place(turn, "calendars", calendar) || !any_place(turn, "contacts", contact) ||
      !any_place(turn, "users", user)) {
    return false;
  }
  plan = {calendar.id, text_of(record_at(turn, calendar), "groupId"), contact.id, user.id,
          coming_slot(turn)};
  return true;
}

bool appointment_delete(Turn& turn) {
  return count(turn, "events") > kEventsMin && remove_any(turn, "events");
}

bool appointment_book(Turn& turn) {
  if (count(turn, "events") >= kEventsMax) return appointment_delete(turn);
  EventPlan plan;
  return plan_event(turn, plan) && add(turn, "events", make_event(turn.random, plan));
}

json moved_to(Millis start) {
  return {{"startTime", iso_utc(start)}, {"endTime", iso_utc(start + 30 * kMinute)}};
}

bool appointment_move(Turn& turn) { return patch_any(turn, "events", moved_to(coming_slot(turn))); }

bool appointment_cancel(Turn& turn) {
  Place place;
  if (!any_place(turn, "events", place)) return false;
  const bool cancelled = text_of(record_at(turn, place), "appointmentStatus") == "cancelled";
  return turn.world.update(place, {{"appointmentStatus", cancelled ? "confirmed" : "cancelled"}});
}

bool appointment_note_create(Turn& turn) {
  if (count(turn, "appointment_notes") >= kEventsMax) {
    return remove_any(turn, "appointment_notes");
  }
  Place event;
  return any_place(turn, "events", event) &&
         add(turn, "appointment_notes", make_appointment_note(turn.random, record_at(turn, event)));
}

bool appointment_note_edit(Turn& turn) {
  return patch_any(turn, "appointment_notes", {{"body", "Remember " + some_words(turn.random)}});
}

bool appointment_note_delete(Turn& turn) {
  return count(turn, "appointment_notes") > kFewMin && remove_any(turn, "appointment_notes");
}

bool block_create(Turn& turn) {
  if (count(turn, "blocked_slots") >= kBlocksMax) return remove_any(turn, "blocked_slots");
  EventPlan plan;
  return plan_event(turn, plan) && add(turn, "blocked_slots", make_blocked_slot(turn.random, plan));
}

bool block_move(Turn& turn) {
  return patch_any(turn, "blocked_slots", moved_to(coming_slot(turn)));
}

bool block_delete(Turn& turn) {
  return count(turn, "blocked_slots") > kFewMin && remove_any(turn, "blocked_slots");
}

bool calendar_rename(Turn& turn) {
  return patch_any(turn, "calendars", {{"name", "Calendar " + some_words(turn.random)}});
}

bool group_rename(Turn& turn) {
  return patch_any(turn, "calendar_groups", {{"description", some_words(turn.random)}});
}

bool notification_edit(Turn& turn) {
  return patch_any(turn, "calendar_notifications", {{"subject", some_words(turn.random)}});
}

bool notification_add(Turn& turn) {
  Place calendar;
  if (count(turn, "calendar_notifications") >= 2 * kFewMax) {
    return remove_any(turn, "calendar_notifications");
  }
  return any_place(turn, "calendars", calendar) &&
         add(turn, "calendar_notifications", make_notification(turn.random, calendar.id));
}

bool notification_soft_delete(Turn& turn) {
  Place place;
  if (!any_place(turn, "calendar_notifications", place)) return false;
  const bool deleted = flag_of(record_at(turn, place), "deleted", false);
  return turn.world.update(place, {{"deleted", !deleted}});
}

bool known_room_edit(Turn& turn) {
  return turn.world.update(place_of(turn, "resources", kKnownRoom),
                           {{"capacity", 4 + turn.random.below(80)}});
}

bool resource_edit(Turn& turn) {
  return patch_any(turn, "resources", {{"description", some_words(turn.random)}});
}

bool resource_add(Turn& turn) {
  if (count(turn, "resources") >= kFewMax) {
    Place place;
    return any_place(turn, "resources", place) && place.id != kKnownRoom &&
           turn.world.remove(place);
  }
  const std::string type = turn.random.chance(50) ? "rooms" : "equipments";
  return add(turn, "resources", make_resource(turn.random, type, ids_of(turn, "calendars")));
}

}  // namespace

std::vector<LifeKind> calendar_life() {
  return {{"appointment_book", appointment_book},
          {"appointment_move", appointment_move},
          {"appointment_cancel", appointment_cancel},
          {"appointment_delete", appointment_delete},
          {"appointment_note_create", appointment_note_create},
          {"appointment_note_edit", appointment_note_edit},
          {"appointment_note_delete", appointment_note_delete},
          {"block_create", block_create},
          {"block_move", block_move},
          {"block_delete", block_delete},
          {"calendar_rename", calendar_rename},
          {"group_rename", group_rename},
          {"notification_edit", notification_edit},
          {"notification_add", notification_add},
          {"notification_soft_delete", notification_soft_delete},
          {"known_room_edit", known_room_edit},
          {"resource_edit", resource_edit},
          {"resource_add", resource_add}};
}

}  // namespace triggerd::sandbox
