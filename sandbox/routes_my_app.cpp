// An app like many: people and their todos, a key in a header, ISO times, changes since a time. The
// connector file recipes/connectors/my_app.yaml describes it.
#include "app_api.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer failed(int status, const std::string& message) { return {status, {{"error", message}}}; }

Answer refuse(Refusal why, const std::string& message) {
  switch (why) {
    case Refusal::route:
      return failed(404, "no route " + message);
    case Refusal::credentials:
      return failed(401, "unknown key");
    case Refusal::throttled:
      return failed(429, "slow down");
    case Refusal::media_type:
      return failed(415, "JSON is needed");
    case Refusal::parameters:
      return failed(422, message);
  }
  return failed(500, "");
}

std::string_view collection_of(const Visit& visit) {
  return visit.route().path.starts_with("/people") ? "my_app_people" : "my_app_todos";
}

Answer list_records(Visit& visit) {
  std::vector<const Row*> rows;
  const Millis since = parse_iso(visit.text("updated_since")).value_or(0);
  for (const Row* row : visit.all(collection_of(visit))) {
    if (row->updated >= since) rows.push_back(row);
  }
  const std::size_t size = visit.count("per_page", 25);
  const std::size_t page = visit.count("page", 1);
  return ok({{"items", page_of(rows, (page - 1) * size, size)}, {"total", rows.size()}});
}

Answer create_record(Visit& visit) {
  return created(
      visit.world
          .create({visit.location(), collection_of(visit), visit.random.id(12)}, visit.body())
          .record);
}

Answer update_record(Visit& visit) {
  const Place place{visit.location(), collection_of(visit), visit.path("id")};
  if (!visit.world.update(place, visit.body())) return failed(404, "not found");
  return ok(visit.world.find(place)->record);
}

Answer get_record(Visit& visit) {
  const Row* row = visit.world.find({visit.location(), collection_of(visit), visit.path("id")});
  return row == nullptr ? failed(404, "not found") : ok(row->record);
}

Answer delete_record(Visit& visit) {
  const Place place{visit.location(), collection_of(visit), visit.path("id")};
  return visit.world.remove(place) ? ok({{"deleted", true}}) : failed(404, "not found");
}

void add_routes(std::vector<Route>& routes, const std::string& name, const std::string& path,
                const std::vector<Param>& body) {
  const auto add = [&](const std::string& operation, std::string method, std::string where,
                       Answer (*answer)(Visit&)) {
    const bool is_list = answer == list_records;
    Route route{.operation = "my_app." + operation,
                .method = std::move(method),
                .path = std::move(where),
                .body = body,
                .records = {is_list ? Shape::list : Shape::object, is_list ? "/items" : ""},
                .answer = answer};
    if (is_list) {
      route.query = {digits("page").from(1), digits("per_page").from(1).upto(100),
                     text("updated_since")};
    }
    routes.push_back(std::move(route));
  };
  add("list_" + path, "GET", "/" + path, list_records);
  add("get_" + name, "GET", "/" + path + "/{id}", get_record);
  add("create_" + name, "POST", "/" + path, create_record);
  add("update_" + name, "PATCH", "/" + path + "/{id}", update_record);
  add("delete_" + name, "DELETE", "/" + path + "/{id}", delete_record);
}

}  // namespace

App my_app() {
  std::vector<Route> routes;
  add_routes(routes, "person", "people",
             {text("name"), text("email"), text("phone"), text("company"), text("stage"),
              list("tasks"), list("notes")});
  add_routes(routes, "todo", "todos",
             {text("title"), text("email"), text("due"), boolean("done"), text("status")});
  return {.name = "my_app",
          .sign_in = {SignIn::header},
          .key_header = "x-api-key",
          .refuse = refuse,
          .routes = RouteTable(std::move(routes))};
}

}  // namespace triggerd::sandbox
