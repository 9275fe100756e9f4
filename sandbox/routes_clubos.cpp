// Club OS: version 1 as its public pages tell (prospects, answers {status, responses}), version 3
// with its documented key and paging over paths that are assumed.
#include <algorithm>

#include "app_api.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kPageUsual = 20;
constexpr std::string_view kUsers = "clubos_users";

Answer failed(int status, const std::string& message) {
  return {status, {{"status", false}, {"responses", {{{"message", message}, {"value", nullptr}}}}}};
}

Answer done(const std::string& id) {
  return ok({{"status", true}, {"responses", {{{"message", "OK"}, {"value", id}}}}});
}

Answer refuse(Refusal why, const std::string& message) {
  switch (why) {
    case Refusal::route:
      return failed(404, "no such service: " + message);
    case Refusal::credentials:
      return failed(401, "credentials are not known");
    case Refusal::throttled:
      return failed(429, "too many requests");
    case Refusal::media_type:
      return failed(415, "Content-Type must be application/json");
    case Refusal::parameters:
      return failed(400, message);
  }
  return failed(500, "");
}

std::string_view collection_of(const Visit& visit) {
  const std::string& path = visit.route().path;
  if (path.starts_with("/v3/events")) return "clubos_events";
  return path.starts_with("/v3/notes") ? "clubos_notes" : kUsers;
}

Answer list_records(Visit& visit) {
  auto rows = visit.all(collection_of(visit));
  const std::string sort_on = visit.text("sortOn");
  if (!sort_on.empty()) {
    std::stable_sort(rows.begin(), rows.end(), [&](const Row* left, const Row* right) {
      return text_of(left->record, sort_on) < text_of(right->record, sort_on);
    });
  }
  if (visit.text("sortDir") == "DESC") std::reverse(rows.begin(), rows.end());
  const std::size_t size = visit.count("size", kPageUsual);
  const std::size_t page = visit.count("page", 0);
  return ok({{"content", page_of(rows, page * size, size)},
             {"totalElements", rows.size()},
             {"totalPages", (rows.size() + size - 1) / size},
             {"number", page}});
}

Answer create_record(Visit& visit) {
  if (visit.world.find({visit.location(), kUsers, visit.text("userId")}) == nullptr) {
    return failed(400, "there is no such user");
  }
  return created(
      visit.world
          .create({visit.location(), collection_of(visit), visit.random.hex(12)}, visit.body())
          .record);
}

Answer update_record(Visit& visit) {
  const Place place{visit.location(), collection_of(visit), visit.path_values().begin()->second};
  if (!visit.world.update(place, visit.body())) return failed(404, "not found");
  return ok(visit.world.find(place)->record);
}

Answer delete_record(Visit& visit) {
  const Place place{visit.location(), collection_of(visit), visit.path_values().begin()->second};
  if (!visit.world.remove(place)) return failed(404, "not found");
  return ok(json::object());
}

// Errors of version 1 come with 200: only the body tells.
std::string wrong_with(const json& prospect) {
  for (const char* phone : {"mobilePhone", "homePhone", "workPhone"}) {
    const std::string digits = text_of(prospect, phone);
    const bool plain =
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!plain) return std::string(phone) + " must be digits";
  }
  return "";
}

Answer create_prospect(Visit& visit) {
  const json& asked = visit.body();
  std::string wrong = wrong_with(asked);
  const bool reachable = asked.contains("email") || asked.contains("mobilePhone") ||
                         asked.contains("homePhone") || asked.contains("workPhone");
  if (!reachable) wrong = "an e-mail address or phone number is needed";
  if (!wrong.empty()) {
    Answer answer = failed(200, wrong);
    return answer;
  }
  const std::string id = visit.random.hex(10);
  visit.world.create({visit.location(), kUsers, id}, asked);
  return done(id);
}

Answer update_prospect(Visit& visit) {
  const std::string wrong = wrong_with(visit.body());
  if (!wrong.empty()) return failed(200, wrong);
  const std::string id = visit.path("prospect_id");
  if (!visit.world.update({visit.location(), kUsers, id}, visit.body())) {
    return failed(200, "there is no such prospect");
  }
  return done(id);
}

Route route(std::string name, std::string method, std::string path, Answer (*answer)(Visit&)) {
  const bool is_list = method == "GET";
  Route made{.operation = "clubos." + std::move(name),
             .method = std::move(method),
             .path = std::move(path),
             .records = {is_list ? Shape::list : Shape::object, is_list ? "/content" : ""},
             .answer = answer};
  if (is_list) {
    made.query = {digits("page"), digits("size").from(1).upto(1000), text("sortOn"),
                  text("sortDir").one_of({"ASC", "DESC"})};
  }
  return made;
}

std::vector<Route> version_3() {
  std::vector<Route> routes{route("list_users", "GET", "/v3/users", list_records),
                            route("list_events", "GET", "/v3/events", list_records),
                            route("list_notes", "GET", "/v3/notes", list_records),
                            route("create_event", "POST", "/v3/events", create_record),
                            route("update_event", "PUT", "/v3/events/{event_id}", update_record),
                            route("delete_event", "DELETE", "/v3/events/{event_id}", delete_record),
                            route("create_note", "POST", "/v3/notes", create_record),
                            route("update_note", "PUT", "/v3/notes/{note_id}", update_record)};
  const Param status = text("status").one_of({"OPEN", "COMPLETED"});
  routes[3].body = {text("userId").must(), text("title").must(), text("startTime").must(), status};
  routes[4].body = {text("title"), text("startTime"), status};
  routes[6].body = {text("userId").must(), text("text").must()};
  routes[7].body = {text("text").must()};
  return routes;
}

}  // namespace

App clubos_app() {
  std::vector<Route> routes = version_3();
  std::vector<Param> members{list("interests")};
  for (const char* name : {"email", "mobilePhone", "homePhone", "workPhone", "birthDate",
                           "address1", "city", "state", "zip", "gender", "source", "notes"}) {
    members.push_back(text(name));
  }
  Route create = route("create_prospect", "POST", "/prospects", create_prospect);
  Route update = route("update_prospect", "PUT", "/prospects/{prospect_id}", update_prospect);
  for (Route* one : {&create, &update}) {
    one->query = {text("clubLocationId").must()};
    one->body = members;
  }
  create.body.push_back(text("firstName").must());
  create.body.push_back(text("lastName").must());
  update.body.push_back(text("firstName"));
  update.body.push_back(text("lastName"));
  routes.push_back(std::move(create));
  routes.push_back(std::move(update));
  return {.name = "clubos",
          .sign_in = {SignIn::basic, SignIn::header},
          .key_header = "x-api-key",
          .refuse = refuse,
          .routes = RouteTable(std::move(routes))};
}

}  // namespace triggerd::sandbox
