// Users of a location or of all locations of a company. skip and limit are strings here.
#include <algorithm>

#include "makers.h"
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

// A user who was deleted stays in the lists, marked so, but has no page of its own any more.
tl::expected<const Row*, Answer> user_in_path(Visit& visit) {
  const auto user = visit.reach("users", visit.path("userId"), "User");
  if (user && flag_of((*user)->record, "deleted", false)) return tl::unexpected(not_found("User"));
  return user;
}

// A bare object at the root.
Answer shown_user(const json& record) {
  json shown = record;
  shown.erase("deleted");
  return ok(shown);
}

Answer get_user(Visit& visit) {
  const auto user = user_in_path(visit);
  return user ? shown_user((*user)->record) : user.error();
}

Answer list_users_by_location(Visit& visit) {
  return ok({{"users", records_of(visit.all("users"))}});
}

// ---- writes

bool is_email(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size();
}

// What is wrong with the locations that the request gives a user.
std::optional<Answer> refused_locations(Visit& visit) {
  const json given = list_of(visit.body(), "locationIds");
  if (given.empty()) return unprocessable({"locationIds should not be empty"});
  const auto reachable = visit.reachable_locations();
  for (const json& id : given) {
    if (!id.is_string()) return unprocessable({"each value in locationIds must be a string"});
    if (std::find(reachable.begin(), reachable.end(), id.get<std::string>()) == reachable.end()) {
      return forbidden("The token does not have access to this location.");
    }
  }
  return std::nullopt;
}

std::string joined(const json& words) {
  std::string text;
  for (const json& word : words) {
    if (word.is_string()) text += (text.empty() ? "" : " ") + word.get<std::string>();
  }
  return text;
}

// The given members as a user's record has them: no password, scopes as one text, type and role
// under `roles`.
json user_patch(Visit& visit, const json& before) {
  const json& body = visit.body();
  json patch = only_members(body, {"firstName", "lastName", "phone", "permissions", "profilePhoto",
                                   "twilioPhone", "platformLanguage"});
  if (patch.contains("firstName") || patch.contains("lastName")) {
    json named = before;
    named.merge_patch(patch);
    const std::string first = text_of(named, "firstName");
    const std::string last = text_of(named, "lastName");
    patch["name"] = first + (first.empty() || last.empty() ? "" : " ") + last;
  }
  if (body.contains("scopes")) patch["scopes"] = joined(list_of(body, "scopes"));
  for (const char* member : {"type", "role", "locationIds"}) {
    if (body.contains(member)) patch["roles"][member] = body[member];
  }
  return patch;
}

Answer create_user(Visit& visit) {
  if (!is_email(visit.text("email"))) return unprocessable({"email must be an email"});
  if (const auto refused = refused_locations(visit)) return *refused;
  const std::string email = lower(visit.text("email"));
  for (const Row* row : users_of(visit, visit.reachable_locations())) {
    if (lower(text_of(row->record, "email")) == email) {
      return bad_request("A user with this email already exists.");
    }
  }
  const std::string location = list_of(visit.body(), "locationIds")[0].get<std::string>();
  json user = make_user(visit.random, location);
  user["phone"] = "";
  user["lcPhone"] = json::object();
  user.merge_patch(user_patch(visit, user));
  user["email"] = email;
  const Place place = {location, "users", visit.random.id()};
  Answer answer = shown_user(visit.world.create(place, std::move(user)).record);
  answer.status = 201;
  return answer;
}

// A given e-mail address is passed over, as the documents say.
Answer update_user(Visit& visit) {
  const auto user = user_in_path(visit);
  if (!user) return user.error();
  if (visit.grant().is_company() && !visit.has("companyId")) {
    return unprocessable({"companyId should not be empty"});
  }
  if (visit.body().contains("locationIds")) {
    if (const auto refused = refused_locations(visit)) return *refused;
  }
  json after = (*user)->record;
  after.merge_patch(user_patch(visit, after));
  const std::string id = visit.path("userId");
  const Place place = {visit.world.owner_of("users", id).value_or(""), "users", id};
  if (after != (*user)->record) visit.world.update(place, after);
  return shown_user(after);
}

Answer delete_user(Visit& visit) {
  const auto user = user_in_path(visit);
  if (!user) return user.error();
  const std::string said = "Queued deleting user with e-mail " + text_of((*user)->record, "email") +
                           " and name " + text_of((*user)->record, "name");
  const std::string id = visit.path("userId");
  visit.world.update({visit.world.owner_of("users", id).value_or(""), "users", id},
                     {{"deleted", true}});
  return ok({{"succeded", true}, {"message", said}});
}

Route user_write(std::string operation, std::string method, std::string rest,
                 std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/users/" + std::move(rest),
          .level = TokenLevel::either,
          .scope = "users.write",
          .body = std::move(body),
          .records = {Shape::object, ""},
          .answer = answer};
}

std::vector<Param> user_members() {
  std::vector<Param> members = {text("phone"), text("profilePhoto"),
                                text("platformLanguage")
                                    .one_of({"en_US", "es", "fr_CA", "fr_FR", "nl", "de", "pt_PT",
                                             "pt_BR", "it", "sv", "da", "fi", "no"})};
  for (const char* name : {"permissions", "twilioPhone"}) members.push_back(object(name));
  for (const char* name : {"scopes", "scopesAssignedToOnly"}) members.push_back(list(name));
  return members;
}

}  // namespace

std::vector<Route> user_write_routes() {
  std::vector<Param> made = user_members();
  std::vector<Param> changed = made;
  for (const char* name :
       {"companyId", "firstName", "lastName", "email", "password", "type", "role"}) {
    made.push_back(text(name).must());
    changed.push_back(text(name));
  }
  made.push_back(list("locationIds").must());
  changed.push_back(list("locationIds"));
  return {user_write("create_user", "POST", "", made, create_user),
          user_write("update_user", "PUT", "{userId}", changed, update_user),
          user_write("delete_user", "DELETE", "{userId}", {}, delete_user)};
}

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
