// Stibee, version 2: bare lists, Korean times, answers of plain text, and refusals that are all 400
// with a code.
#include <algorithm>

#include "app_api.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::string_view kSubscribers = "stibee_subscribers";
constexpr std::size_t kPageUsual = 20;
constexpr std::size_t kPageMost = 1000;
constexpr std::size_t kAddressMost = 64;
constexpr std::size_t kDeletedMost = 100;

Answer failed(const std::string& code, const std::string& message, int status = 400) {
  return {status,
          {{"code", "stberror.Errors." + code}, {"httpStatusCode", status}, {"message", message}}};
}

Answer said_ok(int status = 200) {
  Answer answer;
  answer.status = status;
  answer.bytes = "ok";
  answer.content_type = "text/plain; charset=utf-8";
  answer.is_bytes = true;
  return answer;
}

Answer refuse(Refusal why, const std::string& message) {
  switch (why) {
    case Refusal::route:
      return failed("Data.NotFound", message, 404);
    case Refusal::credentials:
      return failed("Authorization.NoToken", "the key is not known");
    case Refusal::throttled:
      return failed("Service.TooManyRequests", "too many requests", 429);
    case Refusal::media_type:
      return failed("Data.InvalidRequest", "the body must be JSON");
    case Refusal::parameters:
      return failed("Data.InvalidRequest", message);
  }
  return failed("Service.Unknown", "");
}

int minute_limit(const Route& route) {
  if (route.operation == "stibee.list_subscribers") return 100;
  return 1000;
}

bool is_other_list(const Visit& visit) {
  return !visit.company().empty() && visit.path("list_id") != visit.company();
}

Answer no_such_list() { return failed("List.NotFound", "there is no such list"); }

Place place_of(const Visit& visit, const std::string& email) {
  return {visit.location(), kSubscribers, lower(email)};
}

// Values are texts; a field must have been made for the list before. A list knows those of the
// record `fields` in the collection of groups, and these.
bool knows_fields(const json& fields) {
  static constexpr std::string_view kKnown[] = {"name", "phone",     "company",       "crm_id",
                                                "note", "next_task", "next_task_due", "$ad_agreed"};
  for (const auto& [name, value] : fields.items()) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) return false;
  }
  return true;
}

json as_texts(const json& fields) {
  json texts = json::object();
  for (const auto& [name, value] : fields.items()) {
    texts[name] = value.is_string() ? value : value.is_null() ? json("") : json(value.dump());
  }
  return texts;
}

Answer list_subscribers(Visit& visit) {
  if (is_other_list(visit)) return no_such_list();
  const std::size_t limit = visit.count("limit", kPageUsual);
  if (limit > kPageMost) return failed("Data.LimitExceeded", "limit is 1000 at most");
  const auto wanted = split_commas(visit.text("statuses"));
  std::vector<const Row*> rows;
  for (const Row* row : visit.all(kSubscribers)) {
    const std::string status = text_of(row->record, "status");
    const bool fits = std::find(wanted.begin(), wanted.end(), status) != wanted.end();
    if (wanted.empty() ? status == "subscribed" : fits) rows.push_back(row);
  }
  return ok(page_of(rows, visit.count("offset", 0), limit));
}

Answer add_subscriber(Visit& visit) {
  if (is_other_list(visit)) return no_such_list();
  const json& asked = visit.body().at("subscriber");
  const std::string email = text_of(asked, "email");
  if (email.find('@') == std::string::npos || email.size() > kAddressMost) {
    return failed("List.InvalidEmail", "no e-mail address");
  }
  const json fields = asked.value("fields", json::object());
  if (!knows_fields(fields)) return failed("List.InvalidSubscriberVar", "no such field");
  const Place place = place_of(visit, email);
  if (visit.world.find(place) == nullptr) {
    visit.world.create(place, {{"status", asked.value("status", json("subscribed"))},
                               {"fields", as_texts(fields)}});
    return said_ok(201);
  }
  if (!flag_of(visit.body(), "updateEnabled", false)) {
    return failed("List.AlreadyExistEmail", "is on the list already");
  }
  visit.world.update(place, {{"fields", as_texts(fields)}});
  return said_ok(200);
}

Answer update_subscriber(Visit& visit) {
  const Place place = place_of(visit, visit.path("email"));
  if (is_other_list(visit)) return no_such_list();
  if (visit.world.find(place) == nullptr) return failed("List.NotExistEmail", "is not on the list");
  const json& fields = visit.body().at("fields");
  if (!knows_fields(fields)) return failed("List.InvalidSubscriberVar", "no such field");
  visit.world.update(place, {{"fields", as_texts(fields)}});
  return ok({{"updatedSubscribers", {place.id}}, {"createdSubscribers", nullptr}});
}

Answer unsubscribe(Visit& visit) {
  const Place place = place_of(visit, visit.path("email"));
  if (is_other_list(visit)) return no_such_list();
  const Row* row = visit.world.find(place);
  if (row == nullptr) return failed("List.NotExistEmail", "is not on the list");
  if (text_of(row->record, "status") != "unsubscribed") {
    visit.world.update(place, {{"status", "unsubscribed"}});
  }
  return said_ok();
}

Answer delete_subscribers(Visit& visit) {
  if (is_other_list(visit)) return no_such_list();
  const json addresses = list_of(visit.body(), "subscribers");
  if (addresses.size() > kDeletedMost) return failed("List.LimitExceeded", "100 at most");
  for (const json& one : addresses) {
    visit.world.remove(place_of(visit, one.is_string() ? one.get<std::string>() : ""));
  }
  return said_ok();
}

// Who is in which group stands in the group's record, for those who look from outside.
Answer change_group(Visit& visit, bool in) {
  if (is_other_list(visit)) return no_such_list();
  const std::string email = lower(visit.text("subscriber"));
  if (visit.world.find(place_of(visit, email)) == nullptr) {
    return failed("List.NotExistEmail", "is not on the list");
  }
  const Place group{visit.location(), "stibee_groups", visit.path("group_id")};
  const Row* row = visit.world.find(group);
  if (row == nullptr) return failed("List.NotFoundGroup", "there is no such group");
  json members = list_of(row->record, "members");
  const auto found = std::find(members.begin(), members.end(), email);
  if ((found != members.end()) == in) return said_ok();
  if (in) {
    members.push_back(email);
  } else {
    members.erase(found);
  }
  visit.world.update(group, {{"members", members}});
  return said_ok();
}

Answer assign_group(Visit& visit) { return change_group(visit, true); }
Answer release_group(Visit& visit) { return change_group(visit, false); }

Answer list_groups(Visit& visit) {
  json items = json::array();
  for (const Row* row : visit.all("stibee_groups")) {
    json shown = row->record;
    shown.erase("members");
    items.push_back(std::move(shown));
  }
  return ok({{"total", items.size()}, {"items", items}});
}

Answer list_email_events(Visit& visit) {
  std::vector<const Row*> rows;
  for (const Row* row : visit.all("stibee_email_logs")) {
    if (text_of(row->record, "emailId") == visit.path("email_id")) rows.push_back(row);
  }
  const std::size_t offset = visit.count("offset", 0);
  const std::size_t limit = visit.count("limit", 100);
  return ok({{"total", rows.size()},
             {"offset", offset},
             {"limit", limit},
             {"items", page_of(rows, offset, limit)}});
}

Answer check_key(Visit&) { return said_ok(); }

Route read(std::string name, std::string path, std::string id, Answer (*answer)(Visit&)) {
  const std::string records = name == "list_subscribers" ? "" : "/items";
  return {.operation = "stibee." + std::move(name),
          .method = "GET",
          .path = std::move(path),
          .query = {digits("offset"), digits("limit"), text("statuses")},
          .records = {Shape::list, records, std::move(id)},
          .answer = answer};
}

Route write(std::string name, std::string method, std::string path, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  return {.operation = "stibee." + std::move(name),
          .method = std::move(method),
          .path = "/lists/{list_id}/" + std::move(path),
          .body = std::move(body),
          .answer = answer};
}

}  // namespace

App stibee_app() {
  const std::vector<Param> member{text("email").must(),
                                  text("status").one_of({"subscribed", "unsubscribed"}),
                                  boolean("marketingAllowed"), object("fields")};
  std::vector<Route> routes{
      read("list_subscribers", "/lists/{list_id}/subscribers", "email", list_subscribers),
      read("list_groups", "/lists/{list_id}/groups", "id", list_groups),
      read("list_email_events", "/emails/{email_id}/logs", "id", list_email_events),
      read("check_key", "/auth-check", "id", check_key),
      write("add_subscriber", "POST", "subscribers",
            {object("subscriber").must().of(member), boolean("updateEnabled")}, add_subscriber),
      write("update_subscriber", "PUT", "subscribers/{email}", {object("fields").must()},
            update_subscriber),
      write("unsubscribe", "POST", "subscribers/{email}/unsubscribe", {}, unsubscribe),
      write("delete_subscribers", "DELETE", "subscribers", {list("subscribers").must()},
            delete_subscribers),
      write("assign_group", "POST", "groups/{group_id}/assign", {text("subscriber").must()},
            assign_group),
      write("release_group", "POST", "groups/{group_id}/release", {text("subscriber").must()},
            release_group)};
  return {.name = "stibee",
          .sign_in = {SignIn::header},
          .key_header = "accesstoken",
          .refuse = refuse,
          .minute_limit = minute_limit,
          .routes = RouteTable(std::move(routes))};
}

}  // namespace triggerd::sandbox
