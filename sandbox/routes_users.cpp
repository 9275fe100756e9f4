// Users of a location or of all locations of a company. skip and limit are strings here.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// A user may work in several locations but is one record.
std::vector<const Row*> users_of(Visit& visit, const std::vector<std::string>& locations) {
  std::vector<const Row*> users;
  for (const std::string& location : locations) {
    for (const Row* row : visit.view.all(location, "users")) users.push_back(row);
  }
  return users;
}

std::string role_member(const json& record, const char* member) {
  const auto roles = record.find("roles");
  return roles != record.end() && roles->is_object() ? text_of(*roles, member) : "";
}

bool fits(Visit& visit, const json& record) {
  const std::string query = visit.text("query");
  if (!query.empty() && !contains_text(text_of(record, "name"), query) &&
      !contains_text(text_of(record, "email"), query) &&
      !contains_text(text_of(record, "phone"), query)) {
    return false;
  }
  for (const char* name : {"type", "role"}) {
    if (visit.has(name) && role_member(record, name) != visit.text(name)) return false;
  }
  if (!visit.has("ids")) return true;
  const auto ids = split_commas(visit.text("ids"));
  return std::find(ids.begin(), ids.end(), text_of(record, "id")) != ids.end();
}

Answer paged_users(Visit& visit, std::vector<const Row*> users) {
  return ok({{"users", page_of(users, visit.count("skip", 0), visit.count("limit", 25))},
             {"count", users.size()}});
}

Answer search_users(Visit& visit) {
  if (visit.has("enabled2waySync")) {
    return unprocessable({"enabled2waySync is not supported by the sandbox"});
  }
  std::vector<std::string> locations = visit.reachable_locations();
  if (visit.has("locationId")) locations = {visit.location()};
  std::vector<const Row*> users = users_of(visit, locations);
  std::erase_if(users, [&](const Row* row) { return !fits(visit, row->record); });
  const bool by_date = visit.text("sort") == "dateAdded";
  std::sort(users.begin(), users.end(), [&](const Row* left, const Row* right) {
    if (by_date && left->created != right->created) return left->created < right->created;
    const std::string left_name = text_of(left->record, "name");
    const std::string right_name = text_of(right->record, "name");
    if (!by_date && left_name != right_name) return left_name < right_name;
    return text_of(left->record, "id") < text_of(right->record, "id");
  });
  if (visit.text("sortDirection") == "desc") std::reverse(users.begin(), users.end());
  return paged_users(visit, std::move(users));
}

Answer filter_users_by_email(Visit& visit) {
  const auto emails = split_commas(lower(visit.text("emails")));
  const bool deleted = visit.flag("deleted", false);
  std::vector<const Row*> users = users_of(visit, visit.reachable_locations());
  std::erase_if(users, [&](const Row* row) {
    const std::string email = lower(text_of(row->record, "email"));
    return std::find(emails.begin(), emails.end(), email) == emails.end() ||
           flag_of(row->record, "deleted", false) != deleted;
  });
  Answer answer = paged_users(visit, std::move(users));
  const std::string projection = visit.text("projection");
  if (projection == "all") return answer;
  // Without a projection only id and email come back.
  const auto named = split_commas(projection.empty() ? "id,email" : projection);
  const std::vector<std::string_view> members(named.begin(), named.end());
  for (json& user : answer.body["users"]) user = only_members(user, members);
  return answer;
}

// A bare object at the root.
Answer get_user(Visit& visit) {
  const auto user = visit.reach("users", visit.path("userId"), "User");
  if (!user) return user.error();
  json shown = (*user)->record;
  shown.erase("deleted");
  return ok(shown);
}

Answer list_users_by_location(Visit& visit) {
  return ok({{"users", records_of(visit.all("users"))}});
}

}  // namespace

std::vector<Route> user_routes() {
  const RecordsAt users = {Shape::list, "/users"};
  return {
      {.operation = "search_users",
       .method = "GET",
       .path = "/users/search",
       .level = TokenLevel::either,
       .scope = "users.readonly",
       .query = {text("companyId").must(), text("query"), digits("skip"), digits("limit").from(1),
                 text("locationId"), text("type"), text("role"), text("ids"), text("sort"),
                 text("sortDirection").one_of({"asc", "desc"}), boolean("enabled2waySync")},
       .paging = Paging::offset,
       .records = users,
       .answer = search_users},
      {.operation = "filter_users_by_email",
       .method = "POST",
       .path = "/users/search/filter-by-email",
       .level = TokenLevel::company,
       .scope = "users.readonly",
       .body = {text("companyId").must(), text("emails").must(), boolean("deleted"), digits("skip"),
                digits("limit").from(1), text("projection")},
       .paging = Paging::offset,
       .records = users,
       .answer = filter_users_by_email},
      {.operation = "get_user",
       .method = "GET",
       .path = "/users/{userId}",
       .level = TokenLevel::either,
       .scope = "users.readonly",
       .records = {Shape::object, ""},
       .answer = get_user},
      {.operation = "list_users_by_location",
       .method = "GET",
       .path = "/users/",
       .scope = "users.readonly",
       .query = {text("locationId").must()},
       .records = users,
       .answer = list_users_by_location}};
}

}  // namespace triggerd::sandbox
