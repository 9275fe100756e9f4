// One contact and what hangs on it: tasks, notes, appointments; and the four writes that most flows
// need. A task or a note never moves the contact's dateUpdated.
#include <algorithm>
#include <regex>

#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

tl::expected<const Row*, Answer> contact_of(Visit& visit) {
  return visit.reach("contacts", visit.path("contactId"), "Contact");
}

// The records of a collection that belong to the contact in the path.
std::vector<const Row*> of_contact(Visit& visit, const Row& contact, std::string_view collection) {
  std::vector<const Row*> owned;
  for (const Row* row : visit.view.all(text_of(contact.record, "locationId"), collection)) {
    if (text_of(row->record, "contactId") == visit.path("contactId")) owned.push_back(row);
  }
  return owned;
}

Answer get_contact(Visit& visit) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  return ok({{"contact", (*contact)->record}});
}

Answer list_of_contact(Visit& visit, std::string_view collection, const std::string& member) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  return ok({{member, records_of(of_contact(visit, **contact, collection))}});
}

Answer get_contact_tasks(Visit& visit) { return list_of_contact(visit, "tasks", "tasks"); }

Answer get_contact_notes(Visit& visit) { return list_of_contact(visit, "notes", "notes"); }

Answer one_of_contact(Visit& visit, std::string_view collection, const std::string& id,
                      const std::string& member) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  for (const Row* row : of_contact(visit, **contact, collection)) {
    if (text_of(row->record, "id") == id) return ok({{member, row->record}});
  }
  return not_found(member == "task" ? "Task" : "Note");
}

Answer get_contact_task_by_id(Visit& visit) {
  return one_of_contact(visit, "tasks", visit.path("taskId"), "task");
}

Answer get_contact_note_by_id(Visit& visit) {
  return one_of_contact(visit, "notes", visit.path("id"), "note");
}

// Here, unlike under /calendars, dates carry neither T nor zone.
json plain_appointment(const Row& row) {
  json shown = only_members(
      row.record, {"id", "calendarId", "title", "assignedUserId", "notes", "address", "locationId",
                   "contactId", "groupId", "appointmentStatus", "users", "assignedResources"});
  shown["status"] = "booked";
  for (const char* date : {"startTime", "endTime", "dateAdded", "dateUpdated"}) {
    shown[date] = plain_utc(parse_iso(text_of(row.record, date)).value_or(0));
  }
  return shown;
}

Answer get_contact_appointments(Visit& visit) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  json events = json::array();
  for (const Row* row : of_contact(visit, **contact, "events")) {
    events.push_back(plain_appointment(*row));
  }
  return ok({{"events", events}});
}

// The contact that the location's duplicate setting would match: by email, then by phone.
const Row* duplicate_of(Visit& visit) {
  const std::string email = lower(visit.text("email"));
  const std::string phone = visit.text("phone");
  const Row* by_phone = nullptr;
  for (const Row* row : visit.all("contacts")) {
    if (!email.empty() && lower(text_of(row->record, "email")) == email) return row;
    if (!phone.empty() && text_of(row->record, "phone") == phone) by_phone = row;
  }
  return by_phone;
}

// Keeps the derived members in step with the ones that they repeat.
void derive_names(const json& old, json& patch) {
  const auto now = [&](const char* member) {
    return patch.contains(member) ? text_of(patch, member) : text_of(old, member);
  };
  if (patch.contains("firstName") || patch.contains("lastName")) {
    const std::string first = now("firstName");
    const std::string last = now("lastName");
    patch["name"] = first + (first.empty() || last.empty() ? "" : " ") + last;
  }
  patch["firstNameLowerCase"] = lower(now("firstName"));
  patch["lastNameLowerCase"] = lower(now("lastName"));
  patch["fullNameLowerCase"] = lower(now("name"));
  patch["emailLowerCase"] = lower(now("email"));
}

bool allows_duplicates(Visit& visit) {
  const Row* location = visit.view.find({visit.company(), "locations", visit.location()});
  return location != nullptr &&
         value_at(location->record, "/settings/allowDuplicateContact") == json(true);
}

Answer upsert_contact(Visit& visit) {
  // Not in the documents: without both there is nothing to match by.
  if (!visit.has("email") && !visit.has("phone")) {
    return unprocessable({"email or phone should not be empty"});
  }
  json patch = visit.body();
  const bool force_new =
      visit.flag("createNewIfDuplicateAllowed", false) && allows_duplicates(visit);
  patch.erase("createNewIfDuplicateAllowed");
  const Row* known = force_new ? nullptr : duplicate_of(visit);
  if (known != nullptr) {
    derive_names(known->record, patch);
    const Place place = {visit.location(), "contacts", text_of(known->record, "id")};
    visit.world.update(place, patch);
    return ok({{"new", false}, {"contact", visit.world.find(place)->record}});
  }
  json contact = bare_contact(visit.random);
  derive_names(contact, patch);
  contact.merge_patch(patch);
  const Row& row =
      visit.world.create({visit.location(), "contacts", visit.random.id()}, std::move(contact));
  return ok({{"new", true}, {"contact", row.record}});
}

Answer add_tags_to_contact(Visit& visit) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  json tags = list_of((*contact)->record, "tags");
  const std::size_t before = tags.size();
  for (const json& tag : list_of(visit.body(), "tags")) {
    if (!tag.is_string()) return unprocessable({"each value in tags must be a string"});
    const json small = lower(tag.get<std::string>());
    if (std::find(tags.begin(), tags.end(), small) == tags.end()) tags.push_back(small);
  }
  const Place place = {text_of((*contact)->record, "locationId"), "contacts",
                       visit.path("contactId")};
  if (tags.size() != before) visit.world.update(place, {{"tags", tags}});
  return created({{"tags", tags}});
}

Answer add_to_contact(Visit& visit, std::string_view collection, const std::string& member) {
  const auto contact = contact_of(visit);
  if (!contact) return contact.error();
  json record = visit.body();
  record["contactId"] = visit.path("contactId");
  const Place place = {text_of((*contact)->record, "locationId"), collection, visit.random.id()};
  return created({{member, visit.world.create(place, std::move(record)).record}});
}

// To the second, with a zone: 2026-03-01T09:30:00Z.
bool is_due_date(const std::string& text) {
  static const std::regex kForm(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))");
  return text.size() < 40 && std::regex_match(text, kForm) && parse_iso(text).has_value();
}

Answer create_contact_task(Visit& visit) {
  if (!is_due_date(visit.text("dueDate"))) {
    return unprocessable({"dueDate must be a valid ISO 8601 date string without milliseconds"});
  }
  return add_to_contact(visit, "tasks", "task");
}

Answer create_contact_note(Visit& visit) { return add_to_contact(visit, "notes", "note"); }

std::vector<Param> contact_members() {
  std::vector<Param> members = {text("locationId").must()};
  for (const char* name :
       {"firstName", "lastName", "name", "email", "gender", "phone", "address1", "city", "state",
        "postalCode", "website", "timezone", "source", "country", "companyName", "assignedTo"}) {
    members.push_back(text(name));
  }
  for (const char* name : {"dndSettings", "inboundDndSettings"}) members.push_back(object(name));
  // Declared as an object, sent as text: either passes.
  members.push_back({.name = "dateOfBirth", .type = ParamType::any});
  for (const char* name : {"dnd", "createNewIfDuplicateAllowed"}) members.push_back(boolean(name));
  for (const char* name : {"tags", "customFields"}) members.push_back(list(name));
  return members;
}

Route contact_read(std::string operation, std::string rest, RecordsAt records,
                   Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/contacts/{contactId}" + std::move(rest),
          .scope = "contacts.readonly",
          .records = std::move(records),
          .answer = answer};
}

Route contact_write(std::string operation, std::string rest, std::string shown,
                    std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "POST",
          .path = "/contacts/" + std::move(rest),
          .scope = "contacts.write",
          .body = std::move(body),
          .records = {Shape::object, std::move(shown)},
          .answer = answer};
}

}  // namespace

std::vector<Route> contact_routes() {
  return {
      contact_read("get_contact", "", {Shape::object, "/contact"}, get_contact),
      contact_read("get_contact_appointments", "/appointments", {Shape::list, "/events"},
                   get_contact_appointments),
      contact_read("get_contact_tasks", "/tasks", {Shape::list, "/tasks"}, get_contact_tasks),
      contact_read("get_contact_task_by_id", "/tasks/{taskId}", {Shape::object, "/task"},
                   get_contact_task_by_id),
      contact_read("get_contact_notes", "/notes", {Shape::list, "/notes"}, get_contact_notes),
      contact_read("get_contact_note_by_id", "/notes/{id}", {Shape::object, "/note"},
                   get_contact_note_by_id),
      contact_write("upsert_contact", "upsert", "/contact", contact_members(), upsert_contact),
      contact_write("add_tags_to_contact", "{contactId}/tags", "", {list("tags").must()},
                    add_tags_to_contact),
      contact_write("create_contact_task", "{contactId}/tasks", "/task",
                    {text("title").must(), text("body"), text("dueDate").must(),
                     boolean("completed").must(), text("assignedTo")},
                    create_contact_task),
      contact_write(
          "create_contact_note", "{contactId}/notes", "/note",
          {text("userId"), text("body").must(), text("title"), text("color"), boolean("pinned")},
          create_contact_note),
  };
}

}  // namespace triggerd::sandbox
