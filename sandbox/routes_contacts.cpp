// One contact and what hangs on it: appointments, and tasks and notes with their writes. A task or
// a note never moves the contact's dateUpdated.
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

Answer wrong_due_date() {
  return unprocessable({"dueDate must be a valid ISO 8601 date string without milliseconds"});
}

Answer create_contact_task(Visit& visit) {
  if (!is_due_date(visit.text("dueDate"))) return wrong_due_date();
  return add_to_contact(visit, "tasks", "task");
}

Answer create_contact_note(Visit& visit) { return add_to_contact(visit, "notes", "note"); }

// A record of the contact in the path, by its own id there.
tl::expected<Place, Answer> own_place(Visit& visit, std::string_view collection,
                                      const std::string& id, const std::string& what) {
  const auto contact = contact_of(visit);
  if (!contact) return tl::unexpected(contact.error());
  for (const Row* row : of_contact(visit, **contact, collection)) {
    if (text_of(row->record, "id") == id) {
      return Place{text_of((*contact)->record, "locationId"), collection, id};
    }
  }
  return tl::unexpected(not_found(what));
}

Answer change_task(Visit& visit) {
  const auto place = own_place(visit, "tasks", visit.path("taskId"), "Task");
  if (!place) return place.error();
  if (visit.has("dueDate") && !is_due_date(visit.text("dueDate"))) return wrong_due_date();
  visit.world.update(*place, visit.body());
  return ok({{"task", visit.world.find(*place)->record}});
}

Answer update_contact_note(Visit& visit) {
  const auto place = own_place(visit, "notes", visit.path("id"), "Note");
  if (!place) return place.error();
  visit.world.update(*place, visit.body());
  return ok({{"note", visit.world.find(*place)->record}});
}

Answer remove_own(Visit& visit, std::string_view collection, const std::string& id,
                  const std::string& what) {
  const auto place = own_place(visit, collection, id, what);
  if (!place) return place.error();
  visit.world.remove(*place);
  return ok({{"succeded", true}});
}

Answer delete_contact_task(Visit& visit) {
  return remove_own(visit, "tasks", visit.path("taskId"), "Task");
}

Answer delete_contact_note(Visit& visit) {
  return remove_own(visit, "notes", visit.path("id"), "Note");
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

Route contact_write(std::string operation, const std::string& request, std::string shown,
                    std::vector<Param> body, Answer (*answer)(Visit&)) {
  const std::size_t space = request.find(' ');
  return {.operation = std::move(operation),
          .method = request.substr(0, space),
          .path = "/contacts/{contactId}" + request.substr(space + 1),
          .scope = "contacts.write",
          .body = std::move(body),
          .records = {Shape::object, std::move(shown)},
          .answer = answer};
}

std::vector<Route> task_and_note_writes() {
  const std::vector<Param> task = {text("title"), text("body"), text("dueDate"),
                                   boolean("completed"), text("assignedTo")};
  const std::vector<Param> note = {text("userId"), text("body"), text("title"), text("color"),
                                   boolean("pinned")};
  return {
      contact_write("create_contact_task", "POST /tasks", "/task",
                    {text("title").must(), text("body"), text("dueDate").must(),
                     boolean("completed").must(), text("assignedTo")},
                    create_contact_task),
      contact_write("update_contact_task", "PUT /tasks/{taskId}", "/task", task, change_task),
      contact_write("complete_contact_task", "PUT /tasks/{taskId}/completed", "/task",
                    {boolean("completed").must()}, change_task),
      contact_write("delete_contact_task", "DELETE /tasks/{taskId}", "/succeded", {},
                    delete_contact_task),
      contact_write(
          "create_contact_note", "POST /notes", "/note",
          {text("userId"), text("body").must(), text("title"), text("color"), boolean("pinned")},
          create_contact_note),
      contact_write("update_contact_note", "PUT /notes/{id}", "/note", note, update_contact_note),
      contact_write("delete_contact_note", "DELETE /notes/{id}", "/succeded", {},
                    delete_contact_note)};
}

}  // namespace

std::vector<Route> contact_routes() {
  std::vector<Route> routes = {
      contact_read("get_contact", "", {Shape::object, "/contact"}, get_contact),
      contact_read("get_contact_appointments", "/appointments", {Shape::list, "/events"},
                   get_contact_appointments),
      contact_read("get_contact_tasks", "/tasks", {Shape::list, "/tasks"}, get_contact_tasks),
      contact_read("get_contact_task_by_id", "/tasks/{taskId}", {Shape::object, "/task"},
                   get_contact_task_by_id),
      contact_read("get_contact_notes", "/notes", {Shape::list, "/notes"}, get_contact_notes),
      contact_read("get_contact_note_by_id", "/notes/{id}", {Shape::object, "/note"},
                   get_contact_note_by_id),
  };
  for (Route& write : task_and_note_writes()) routes.push_back(std::move(write));
  return routes;
}

}  // namespace triggerd::sandbox
