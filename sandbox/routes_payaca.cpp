// Payaca, version 1: customers that are found again by the e-mail address of a contact, projects,
// lists by offset under a named member. No times.
#include <algorithm>

#include "app_api.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kPageUsual = 50;
constexpr std::string_view kCustomers = "payaca_customers";
constexpr std::string_view kProjects = "payaca_projects";
constexpr std::size_t kTagMost = 30;

Answer failed(int status, const std::string& message) {
  return {status, {{"error", {{"message", message}}}}};
}

Answer refuse(Refusal why, const std::string& message) {
  switch (why) {
    case Refusal::route:
      return failed(404, "no route " + message);
    case Refusal::credentials:
      return failed(401, "Unauthorized");
    case Refusal::throttled:
      return failed(429, "Too Many Requests");
    case Refusal::media_type:
      return failed(415, "the body must be JSON");
    case Refusal::parameters:
      return failed(400, message);
  }
  return failed(500, "");
}

Answer list_of_all(Visit& visit, std::string_view collection, const char* member) {
  return ok({{member, page_of(visit.all(collection), visit.count("offset", 0),
                              visit.count("limit", kPageUsual))}});
}

Answer list_customers(Visit& visit) { return list_of_all(visit, kCustomers, "customers"); }
Answer list_projects(Visit& visit) { return list_of_all(visit, kProjects, "projects"); }

Place place_of(const Visit& visit) {
  return {visit.location(), kCustomers, visit.path("customer_id")};
}

Answer shown(const Visit& visit, const Place& place) {
  const char* member = place.collection == kCustomers ? "customer" : "project";
  return ok({{member, visit.world.find(place)->record}});
}

Answer get_customer(Visit& visit) {
  const Place place = place_of(visit);
  return visit.world.find(place) == nullptr ? failed(404, "not found") : shown(visit, place);
}

bool has_address(const json& customer, const json& contacts) {
  for (const json& known : list_of(customer, "contacts")) {
    for (const json& one : contacts) {
      const std::string email = text_of(one, "email");
      if (!email.empty() && lower(email) == lower(text_of(known, "email"))) return true;
    }
  }
  return false;
}

// The earliest customer with one of the addresses is updated.
Answer upsert_customer(Visit& visit) {
  const json contacts = list_of(visit.body(), "contacts");
  for (const Row* row : visit.all(kCustomers)) {
    if (!has_address(row->record, contacts)) continue;
    const Place place{visit.location(), kCustomers, text_of(row->record, "id")};
    visit.world.update(place, visit.body());
    return shown(visit, place);
  }
  json record = {{"contacts", json::array()}, {"addresses", json::array()}};
  record["customFields"] = json::object();
  record.update(visit.body());
  const Place place{visit.location(), kCustomers, visit.random.hex(24)};
  visit.world.create(place, std::move(record));
  return shown(visit, place);
}

Answer update_customer(Visit& visit) {
  const Place place = place_of(visit);
  if (!visit.world.update(place, visit.body())) return failed(404, "not found");
  return shown(visit, place);
}

Answer add_tags(Visit& visit) {
  const Place place = place_of(visit);
  const Row* row = visit.world.find(place);
  if (row == nullptr) return failed(404, "not found");
  json tags = list_of(row->record, "tags");
  for (const json& tag : list_of(visit.body(), "tagNames")) {
    const std::string name = tag.is_string() ? tag.get<std::string>() : "";
    if (name.empty() || name.size() > kTagMost) return failed(400, "a tag has 1 to 30 characters");
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
  }
  visit.world.update(place, {{"tags", tags}});
  return shown(visit, place);
}

Answer create_project(Visit& visit) {
  if (visit.world.find(place_of(visit)) == nullptr) return failed(404, "not found");
  json record = visit.body();
  record["customerId"] = visit.path("customer_id");
  const Place place{visit.location(), kProjects, visit.random.hex(24)};
  visit.world.create(place, std::move(record));
  return shown(visit, place);
}

Answer update_project(Visit& visit) {
  const Place place{visit.location(), kProjects, visit.path("project_id")};
  if (!visit.world.update(place, visit.body())) return failed(404, "not found");
  return shown(visit, place);
}

Route read(std::string name, std::string path, std::string records, Answer (*answer)(Visit&)) {
  return {.operation = "payaca." + std::move(name),
          .method = "GET",
          .path = std::move(path),
          .query = {digits("offset"), digits("limit").from(1).upto(100)},
          .records = {Shape::list, std::move(records)},
          .answer = answer};
}

Route write(std::string name, std::string method, std::string path, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  return {.operation = "payaca." + std::move(name),
          .method = std::move(method),
          .path = std::move(path),
          .body = std::move(body),
          .answer = answer};
}

}  // namespace

App payaca_app() {
  const Param contacts = list("contacts")
                             .of({text("fullName"), text("email"), text("phoneNumber"),
                                  text("description"), boolean("isPrimaryContact")});
  const std::string customer = "/customers/{customer_id}";
  std::vector<Route> routes{
      read("list_customers", "/customers", "/customers", list_customers),
      read("get_customer", customer, "/customer", get_customer),
      read("list_projects", "/projects", "/projects", list_projects),
      write("upsert_customer", "POST", "/customers",
            {text("name").must(), contacts, list("addresses"), object("customFields")},
            upsert_customer),
      write("update_customer", "PUT", customer, {object("customFields").must()}, update_customer),
      write("add_customer_tags", "POST", customer + "/tags", {list("tagNames").must()}, add_tags),
      write("create_project", "POST", customer + "/projects",
            {text("reference").must(), list("notes"), list("tags"), text("pipeline"),
             text("pipelineStage"), object("assignTo"), object("customFields")},
            create_project),
      write("update_project", "PUT", "/projects/{project_id}",
            {text("reference"), text("pipelineStage"), object("customFields")}, update_project)};
  return {.name = "payaca",
          .sign_in = {SignIn::basic},
          .refuse = refuse,
          .routes = RouteTable(std::move(routes))};
}

}  // namespace triggerd::sandbox
