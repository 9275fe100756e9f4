// A small catalog made in code, so that the tests of config depend on no connector file: `crm`
// (locations and a company, fan-out, writes) and `desk` (basic auth, an account key in the base
// URL).
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd::testing {

inline Param param(std::string name, ParamPlace place, ParamType type = ParamType::text,
                   bool required = false) {
  Param made;
  made.name = made.sent_as = std::move(name);
  made.place = place;
  made.type = type;
  made.required = required;
  made.body_at = "/" + made.sent_as;
  return made;
}

inline Param from_account(std::string name, std::string key) {
  Param made = param(std::move(name), ParamPlace::query, ParamType::text, true);
  made.from_account = std::move(key);
  return made;
}

inline Param fan_out(std::string name, std::vector<FanOutSource> sources) {
  Param made = param(std::move(name), ParamPlace::path, ParamType::text, true);
  made.fan_out = std::move(sources);
  return made;
}

inline Operation read(std::string connector, std::string name, std::vector<Param> params) {
  Operation made;
  made.connector = std::move(connector);
  made.name = std::move(name);
  made.full_name = made.connector + "." + made.name;
  made.path = "/" + made.name;
  made.params = std::move(params);
  made.token = TokenLevel::location;
  made.read.emplace();
  made.read->records = {"/items"};
  made.read->id.alternatives = {{"/id"}};
  return made;
}

inline Operation write(std::string connector, std::string name, std::vector<Param> params) {
  Operation made = read(std::move(connector), std::move(name), std::move(params));
  made.kind = OperationKind::write;
  made.method = "POST";
  made.body = BodyKind::json;
  made.read.reset();
  made.write.emplace();
  return made;
}

inline Operation search_contacts() {
  Param limit = param("pageLimit", ParamPlace::body, ParamType::integer);
  limit.minimum = 1;
  limit.maximum = 500;
  Param after = param("searchAfter", ParamPlace::body, ParamType::list);
  after.hidden = true;
  Operation made =
      read("crm", "search_contacts",
           {from_account("locationId", "location_id"), limit, after,
            param("query", ParamPlace::body), param("tags", ParamPlace::body, ParamType::list)});
  made.read->remember = {"/firstName", "/email"};
  made.read->volatiles = {"/lastActivity"};
  return made;
}

inline Operation list_calendar_events() {
  Operation made =
      read("crm", "list_calendar_events",
           {from_account("locationId", "location_id"), param("userId", ParamPlace::query),
            param("calendarId", ParamPlace::query)});
  made.one_of = {"userId", "calendarId"};
  return made;
}

inline Operation upsert_contact() {
  Param status = param("status", ParamPlace::body);
  status.choices = {"open", "won", "lost"};
  Param score = param("score", ParamPlace::body, ParamType::number);
  score.minimum = 0;
  score.maximum = 100;
  Param add_tags = param("addTags", ParamPlace::body, ParamType::list);
  add_tags.then = FollowUp{"add_tags", "tags", {{"contactId", "/contact/id"}}};
  return write("crm", "upsert_contact",
               {from_account("locationId", "location_id"), param("email", ParamPlace::body),
                param("firstName", ParamPlace::body), status, score,
                param("tags", ParamPlace::body, ParamType::list), add_tags});
}

// A PIN, and a login with a key.
inline Operation add_user() {
  Param pin = param("pin", ParamPlace::body);
  pin.secret_at = {""};
  Param login = param("login", ParamPlace::body, ParamType::object);
  login.secret_at = {"/key"};
  return write("crm", "add_user", {param("name", ParamPlace::body), pin, login});
}

inline Connector crm_connector() {
  Connector crm;
  crm.name = "crm";
  crm.base_url = "https://api.crm.example";
  crm.account_keys = {{"location_id", "", TokenLevel::location},
                      {"company_id", "", TokenLevel::company}};
  AuthRule bearer;
  bearer.name = "token";
  bearer.fields = {"token"};
  AuthRule oauth;
  oauth.kind = AuthKind::oauth2_code;
  oauth.name = "oauth";
  oauth.fields = {"client_id", "client_secret"};
  oauth.level = TokenLevel::location;
  oauth.token.emplace().url = "https://api.crm.example/token";
  AuthRule agency_oauth = oauth;
  agency_oauth.name = "oauth_agency";
  agency_oauth.level = TokenLevel::company;
  AuthRule agency = oauth;
  agency.kind = AuthKind::derived;
  agency.name = "agency";
  agency.fields = {"agency"};
  crm.auth = {bearer, oauth, agency_oauth, agency};
  crm.limits = {{100, std::chrono::seconds{10}, true}, {200'000, std::chrono::hours{24}, false}};
  Operation company = read("crm", "get_company", {from_account("companyId", "company_id")});
  company.token = TokenLevel::company;
  Operation users = read("crm", "search_users", {from_account("companyId", "company_id")});
  users.token = TokenLevel::any;
  const FanOutSource contacts{"search_contacts", ""};
  crm.operations = {
      search_contacts(),
      list_calendar_events(),
      company,
      users,
      read("crm", "get_contact", {fan_out("contactId", {contacts})}),
      read("crm", "get_contact_tasks", {fan_out("contactId", {contacts})}),
      read("crm", "get_contact_task_by_id",
           {fan_out("contactId", {contacts}), fan_out("taskId", {{"crm.get_contact_tasks", ""}})}),
      read("crm", "get_messages", {fan_out("contactId", {contacts})}),
      read("crm", "get_email", {fan_out("id", {{"get_messages", "/meta/email/ids"}})}),
      upsert_contact(),
      add_user(),
      write("crm", "add_tags",
            {param("contactId", ParamPlace::path, ParamType::text, true),
             param("tags", ParamPlace::body, ParamType::list, true)})};
  return crm;
}

inline Connector desk_connector() {
  Connector desk;
  desk.name = "desk";
  desk.base_url = "https://{club}.desk.example/api/{branch}";
  desk.account_keys = {{"club", "", TokenLevel::any}, {"branch", "", TokenLevel::any}};
  AuthRule basic;
  basic.kind = AuthKind::basic;
  basic.name = "basic";
  basic.fields = {"username", "password"};
  AuthRule key;
  key.kind = AuthKind::header_key;
  key.name = "key";
  key.header = "X-Key";
  key.fields = {"key"};
  AuthRule session;
  session.kind = AuthKind::login;
  session.name = "session";
  session.fields = {"username", "password"};
  session.token.emplace().url = "https://desk.example/login";
  desk.auth = {basic, key, session};
  Operation tickets = read("desk", "list_tickets", {param("state", ParamPlace::query)});
  Operation create =
      write("desk", "create_ticket", {param("title", ParamPlace::body, ParamType::text, true)});
  tickets.token = create.token = TokenLevel::any;
  desk.operations = {tickets, create};
  return desk;
}

inline std::shared_ptr<const Catalog> test_catalog() {
  static const std::shared_ptr<const Catalog> kCatalog = [] {
    auto catalog = std::make_shared<Catalog>();
    catalog->by_name["crm"] = crm_connector();
    catalog->by_name["desk"] = desk_connector();
    // The catalog finds operations by halving.
    for (auto& [name, connector] : catalog->by_name) {
      std::sort(connector.operations.begin(), connector.operations.end(),
                [](const Operation& a, const Operation& b) { return a.name < b.name; });
    }
    return catalog;
  }();
  return kCatalog;
}

inline SecretSources test_secrets() {
  static const std::map<std::string, std::string> kVariables = {
      {"CRM_TOKEN", "pit-0123456789"},
      {"DESK_PASSWORD", "correct horse"},
      {"HOOK_SECRET", "whsec_0123456789abcdef0123456789abcdef"},
      {"SHORT_SECRET", "too-short"},
      {"EMPTY", ""},
      {"BROKEN", "one\ntwo"},
      {"QUERY", "from the environment"}};
  const auto find = [](const std::string& name) -> std::optional<std::string> {
    const auto found = kVariables.find(name);
    if (found == kVariables.end()) return std::nullopt;
    return found->second;
  };
  const auto file = [](const std::string& path) -> std::optional<std::string> {
    if (path != "/run/secrets/token") return std::nullopt;
    return "pit-from-file";
  };
  return {.env = find, .file = file, .sandbox = false};
}

inline ConfigLoad load(const std::string& text) {
  return load_config("triggers.yaml", text, test_catalog(), test_secrets());
}

}  // namespace triggerd::testing
