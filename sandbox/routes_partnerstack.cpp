// PartnerStack, version 2: envelopes {data, message, status}, keys, times in milliseconds, pages by
// the last key.
#include <algorithm>

#include "app_api.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kPageUsual = 10;

Answer failed(int status, const std::string& message) {
  return {status, {{"message", message}, {"status", status}}};
}

Answer enveloped(int status, json data) {
  return {status, {{"data", std::move(data)}, {"message", "OK"}, {"status", status}}};
}

Answer refuse(Refusal why, const std::string& message) {
  switch (why) {
    case Refusal::route:
      return failed(404, "Route not found: " + message);
    case Refusal::credentials:
      return failed(401, "Invalid API key");
    case Refusal::throttled:
      return failed(429, "Too many requests");
    case Refusal::media_type:
      return failed(415, "The body must be JSON");
    case Refusal::parameters:
      return failed(400, message);
  }
  return failed(500, "");
}

std::string_view collection_of(const Visit& visit) {
  const std::string& path = visit.route().path;
  if (path.starts_with("/leads")) return "partnerstack_leads";
  if (path.starts_with("/deals")) return "partnerstack_deals";
  if (path.starts_with("/customers")) return "partnerstack_customers";
  return "partnerstack_partnerships";
}

bool asked_for(const Visit& visit, const Row& row) {
  const json& record = row.record;
  if (visit.has("min_updated") && row.updated < visit.instant("min_updated")) return false;
  if (visit.has("min_created") && row.created < visit.instant("min_created")) return false;
  if (visit.has("partner_key") && text_of(record, "partner_key") != visit.text("partner_key")) {
    return false;
  }
  return visit.flag("include_archived", false) || !flag_of(record, "archived", false);
}

// Newest made first; a page starts behind the key of the last one.
Answer list_records(Visit& visit) {
  auto rows = visit.all(collection_of(visit));
  std::reverse(rows.begin(), rows.end());
  const std::string after = visit.text("starting_after");
  const std::size_t limit = visit.count("limit", kPageUsual);
  json items = json::array();
  bool begun = after.empty();
  bool more = false;
  for (const Row* row : rows) {
    if (begun && asked_for(visit, *row)) {
      more = items.size() == limit;
      if (more) break;
      items.push_back(row->record);
    }
    begun = begun || text_of(row->record, "key") == after;
  }
  if (!begun) return failed(400, "starting_after is no key of a record");
  return enveloped(200, {{"has_more", more}, {"items", std::move(items)}});
}

// By key; leads and deals by their external key, too.
const Row* find_record(const Visit& visit, const std::string& key) {
  for (const Row* row : visit.all(collection_of(visit))) {
    if (text_of(row->record, "key") == key || text_of(row->record, "external_key") == key) {
      return row;
    }
  }
  return nullptr;
}

std::string asked_key(const Visit& visit) { return visit.path_values().begin()->second; }

Answer get_record(Visit& visit) {
  const Row* row = find_record(visit, asked_key(visit));
  return row == nullptr ? failed(404, "Not found") : enveloped(200, row->record);
}

Answer create_record(Visit& visit) {
  const std::string_view collection = collection_of(visit);
  const std::string external = visit.text("external_key");
  if (!external.empty() && find_record(visit, external) != nullptr) {
    return failed(409, "external_key is taken");
  }
  json record = {{"tags", json::array()}, {"meta", json::object()}, {"fields", json::array()}};
  record.update(visit.body());
  const std::string key = std::string(collection.substr(13, 4)) + "_" + visit.random.id(14);
  return enveloped(
      200, visit.world.create({visit.location(), collection, key}, std::move(record)).record);
}

// A merge patch, so that what `meta` does not name stays.
Answer update_record(Visit& visit) {
  const Row* row = find_record(visit, asked_key(visit));
  if (row == nullptr) return failed(404, "Not found");
  const Place place{visit.location(), collection_of(visit), text_of(row->record, "key")};
  visit.world.update(place, visit.body());
  return enveloped(200, visit.world.find(place)->record);
}

Answer convert_lead(Visit& visit) {
  const Row* row = find_record(visit, asked_key(visit));
  if (row == nullptr) return failed(404, "Not found");
  const Place place{visit.location(), "partnerstack_leads", text_of(row->record, "key")};
  visit.world.update(place, {{"status", "closed won"}});
  return enveloped(200, visit.world.find(place)->record);
}

std::vector<Param> texts(std::initializer_list<const char*> names) {
  std::vector<Param> params;
  for (const char* name : names) params.push_back(text(name));
  return params;
}

std::vector<Param> with(std::vector<Param> params, std::initializer_list<Param> more) {
  params.insert(params.end(), more);
  return params;
}

Route read(std::string name, std::string path) {
  return {.operation = "partnerstack." + std::move(name),
          .method = "GET",
          .path = std::move(path),
          .query =
              with(texts({"starting_after", "ending_before", "partner_key"}),
                   {digits("limit").from(1).upto(250), digits("min_updated"), digits("max_updated"),
                    digits("min_created"), digits("max_created"), boolean("include_archived")}),
          .records = {Shape::list, "/data/items", "key"},
          .answer = list_records};
}

Route read_one(std::string name, std::string path) {
  return {.operation = "partnerstack." + std::move(name),
          .method = "GET",
          .path = std::move(path),
          .records = {Shape::object, "/data", "key"},
          .answer = get_record};
}

Route write(std::string name, std::string method, std::string path, std::vector<Param> body,
            Answer (*answer)(Visit&)) {
  return {.operation = "partnerstack." + std::move(name),
          .method = std::move(method),
          .path = std::move(path),
          .body = std::move(body),
          .records = {Shape::object, "/data", "key"},
          .answer = answer};
}

std::vector<Route> lead_routes() {
  const Param status =
      text("status").one_of({"open", "closed", "dead", "closed won", "closed lost"});
  const Param meta = object("meta");
  return {
      read("list_leads", "/leads"), read_one("get_lead", "/leads/{lead_key}"),
      write("create_lead", "POST", "/leads",
            {text("external_key").must(), text("partner_key").must(), status.must(), meta.must(),
             list("fields"), number("amount")},
            create_record),
      write("update_lead", "PATCH", "/leads/{lead_key}",
            {text("external_key"), status, meta, list("fields"), number("amount")}, update_record),
      write("convert_lead", "POST", "/leads/{lead_key}/convert", {}, convert_lead)};
}

std::vector<Route> deal_routes() {
  const auto members = with(texts({"contact_first_name", "contact_last_name", "close_date", "stage",
                                   "source", "partner_key", "group_key", "external_key"}),
                            {number("amount"), text("lost_reason")});
  return {read("list_deals", "/deals"), read_one("get_deal", "/deals/{deal_key}"),
          write("create_deal", "POST", "/deals", with(members, {text("account_name").must()}),
                create_record),
          write("update_deal", "PATCH", "/deals/{deal_key}", with(members, {text("account_name")}),
                update_record)};
}

std::vector<Route> people_routes() {
  return {
      read("list_customers", "/customers"),
      write("create_customer", "POST", "/customers",
            with(texts({"customer_key", "name"}),
                 {text("email").must(), text("partner_key").must(), object("meta")}),
            create_record),
      write("update_customer", "PATCH", "/customers/{key}",
            with(texts({"email", "name"}), {object("meta")}), update_record),
      read("list_partnerships", "/partnerships"),
      write("create_partnership", "POST", "/partnerships",
            with(texts({"first_name", "last_name", "partner_key"}),
                 {text("email").must(), text("group_key").must(), list("tags"), list("fields")}),
            create_record),
      write("update_partnership", "PATCH", "/partnerships/{key}",
            with(texts({"first_name", "last_name", "group_key"}), {list("fields")}), update_record),
      write("update_partnership_tags", "PATCH", "/partnerships/{key}/tags", {list("tags").must()},
            update_record)};
}

}  // namespace

App partnerstack_app() {
  std::vector<Route> routes;
  for (auto* group : {lead_routes, deal_routes, people_routes}) {
    for (Route& route : group()) routes.push_back(std::move(route));
  }
  return {.name = "partnerstack",
          .sign_in = {SignIn::basic},
          .refuse = refuse,
          .routes = RouteTable(std::move(routes))};
}

}  // namespace triggerd::sandbox
