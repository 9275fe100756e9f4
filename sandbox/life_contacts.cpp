// How contacts, their tasks and notes change by themselves.
#include <algorithm>

#include "contact_removal.h"
#include "fields.h"
#include "life.h"
#include "makers.h"
#include "seed.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kTasksMax = 40;
constexpr std::size_t kTasksMin = 8;

std::size_t count(const Turn& turn, std::string_view collection) {
  return turn.world.rows(turn.location, collection).size();
}

Ids contact_fields(const Turn& turn) {
  Ids fields;
  for (const auto& [id, row] : turn.world.rows(turn.location, "custom_fields")) {
    if (text_of(row.record, "model") == "contact") fields.push_back(id);
  }
  return fields;
}

bool contact_delete(Turn& turn);

bool contact_create(Turn& turn) {
  if (count(turn, "contacts") >= turn.contacts_aim * 3 / 2 + 10) return contact_delete(turn);
  return add(turn, "contacts", make_contact(turn.random, contact_fields(turn)));
}

bool has_conversation(const Turn& turn, const std::string& contact) {
  const Rows& rows = turn.world.rows(turn.location, "conversations");
  return std::any_of(rows.begin(), rows.end(), [&](const auto& one) {
    return text_of(one.second.record, "contactId") == contact;
  });
}

// Conversations stay, so a contact that talks to us does too.
bool contact_delete(Turn& turn) {
  if (count(turn, "contacts") <= turn.contacts_aim / 2) return contact_create(turn);
  Ids loose;
  for (const auto& [id, row] : turn.world.rows(turn.location, "contacts")) {
    const bool known = text_of(row.record, "email") == kKnownEmail;
    if (!known && !has_conversation(turn, id)) loose.push_back(id);
  }
  if (loose.empty()) return false;
  const std::string contact = turn.random.pick(loose);
  remove_contact(turn.world, turn.location, contact);
  return true;
}

bool contact_restore(Turn& turn) {
  return turn.world.restore(turn.location, "contacts").has_value();
}

bool contact_update(Turn& turn) {
  return patch_any(turn, "contacts",
                   {{"phone", some_phone(turn.random)}, {"companyName", some_words(turn.random)}});
}

bool contact_tags(Turn& turn) {
  Place place;
  if (!any_place(turn, "contacts", place)) return false;
  json tags = list_of(record_at(turn, place), "tags");
  const json tag = some_tag(turn.random);
  const auto found = std::find(tags.begin(), tags.end(), tag);
  if (found == tags.end()) {
    tags.push_back(tag);
  } else {
    tags.erase(found);
  }
  return turn.world.update(place, {{"tags", tags}});
}

bool contact_custom_field(Turn& turn) {
  Place place;
  if (!any_place(turn, "contacts", place)) return false;
  json fields = list_of(record_at(turn, place), "customFields");
  if (fields.empty()) return false;
  json& field = fields[turn.random.below(fields.size())];
  if (!field.is_object()) return false;
  field["value"] = some_words(turn.random);
  return turn.world.update(place, {{"customFields", fields}});
}

// There and back again: a poller that is too slow cannot see it.
bool contact_revert(Turn& turn) {
  Place place;
  if (!any_place(turn, "contacts", place)) return false;
  const json city = record_at(turn, place).value("city", json("Austin"));
  turn.world.update(place, {{"city", "Somewhere " + turn.random.id(4)}});
  return turn.world.update(place, {{"city", city}});
}

// Moves by itself and is no edit, so the updated stamp stays.
bool contact_activity(Turn& turn) {
  Place place;
  return any_place(turn, "contacts", place) &&
         turn.world.update(place, {{"lastActivity", iso_utc(turn.world.now())}}, {.moves = false});
}

bool contact_import(Turn& turn) {
  if (count(turn, "contacts") + 5 > turn.contacts_aim * 3 / 2 + 10) return contact_delete(turn);
  const Millis at = turn.world.now();
  const Ids fields = contact_fields(turn);
  for (int i = 0; i < 5; ++i) {
    json contact = make_contact(turn.random, fields);
    contact["source"] = "import";
    turn.world.create(place_of(turn, "contacts", turn.random.id()), std::move(contact), at);
  }
  return true;
}

bool contact_business(Turn& turn) {
  const auto businesses = ids_of(turn, "businesses");
  return !businesses.empty() &&
         patch_any(turn, "contacts", {{"businessId", turn.random.pick(businesses)}});
}

// The contact with the well-known email changes, loses the email, or another one gets it.
bool duplicate_flip(Turn& turn) {
  for (const std::string& id : ids_of(turn, "contacts")) {
    const Place place = place_of(turn, "contacts", id);
    if (text_of(record_at(turn, place), "email") != kKnownEmail) continue;
    if (turn.random.chance(50)) {
      return turn.world.update(place, {{"phone", some_phone(turn.random)}});
    }
    const std::string email = lower(turn.random.id(8)) + "@example.com";
    return turn.world.update(place, {{"email", email}, {"emailLowerCase", email}});
  }
  return patch_any(turn, "contacts", {{"email", kKnownEmail}, {"emailLowerCase", kKnownEmail}});
}

// A contact that already has tasks or notes, as a rule, so that work gathers in a few places.
std::string busy_contact(Turn& turn, std::string_view collection) {
  Place place;
  if (turn.random.chance(80) && any_place(turn, collection, place)) {
    return text_of(record_at(turn, place), "contactId");
  }
  return any_place(turn, "contacts", place) ? place.id : "";
}

bool task_delete(Turn& turn) {
  return count(turn, "tasks") > kTasksMin && remove_any(turn, "tasks");
}

bool task_create(Turn& turn) {
  if (count(turn, "tasks") >= kTasksMax) return task_delete(turn);
  const std::string contact = busy_contact(turn, "tasks");
  return !contact.empty() && add(turn, "tasks", make_task(turn.random, contact, turn.world.now()));
}

bool task_complete(Turn& turn) {
  Place place;
  if (!any_place(turn, "tasks", place)) return false;
  const bool completed = flag_of(record_at(turn, place), "completed", false);
  return turn.world.update(place, {{"completed", !completed}});
}

bool note_delete(Turn& turn) {
  return count(turn, "notes") > kTasksMin && remove_any(turn, "notes");
}

bool note_create(Turn& turn) {
  if (count(turn, "notes") >= kTasksMax) return note_delete(turn);
  const std::string contact = busy_contact(turn, "notes");
  return !contact.empty() && add(turn, "notes", make_note(turn.random, contact));
}

bool note_edit(Turn& turn) {
  return patch_any(turn, "notes", {{"body", "Note about " + some_words(turn.random)}});
}

}  // namespace

std::vector<LifeKind> contact_life() {
  return {{"contact_create", contact_create}, {"contact_update", contact_update},
          {"contact_tags", contact_tags},     {"contact_custom_field", contact_custom_field},
          {"contact_revert", contact_revert}, {"contact_activity", contact_activity},
          {"contact_delete", contact_delete}, {"contact_restore", contact_restore},
          {"contact_import", contact_import}, {"contact_business", contact_business},
          {"duplicate_flip", duplicate_flip}, {"task_create", task_create},
          {"task_complete", task_complete},   {"task_delete", task_delete},
          {"note_create", note_create},       {"note_edit", note_edit},
          {"note_delete", note_delete}};
}

}  // namespace triggerd::sandbox
