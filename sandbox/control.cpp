#include "control.h"

#include <algorithm>

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

std::string member(const json& body, const char* name) { return text_of(body, name); }

std::string query_value(const QueryList& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

std::string_view type_name(ParamType type) {
  switch (type) {
    case ParamType::text:
      return "text";
    case ParamType::digits:
      return "digits";
    case ParamType::number:
      return "number";
    case ParamType::boolean:
      return "boolean";
    case ParamType::list:
      return "list";
    case ParamType::object:
      return "object";
    case ParamType::any:
      return "any";
  }
  return "";
}

std::string_view level_name(TokenLevel level) {
  switch (level) {
    case TokenLevel::location:
      return "location";
    case TokenLevel::company:
      return "company";
    case TokenLevel::either:
      return "either";
  }
  return "";
}

json shown_params(const std::vector<Param>& params) {
  json list = json::array();
  for (const Param& param : params) {
    json one = {
        {"name", param.name}, {"type", type_name(param.type)}, {"required", param.required}};
    if (param.highest) one["maximum"] = *param.highest;
    if (!param.allowed.empty()) one["enum"] = param.allowed;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

void ensure_company(State& state, const std::string& company) {
  if (state.world.find({company, "companies", company}) != nullptr) return;
  seed_company(state.world, {state.settings.seed, state.settings.contacts}, company);
}

void ensure_location(State& state, const std::string& company, const std::string& location) {
  if (state.world.owner_of("locations", location)) return;
  seed_location(state.world, {state.settings.seed, state.settings.contacts}, company, location);
  state.log.write(
      "seed",
      {{"location", location}, {"company", company}, {"counts", state.world.counts(location)}});
}

Reply Control::serve(const Call& call, const std::string& path) {
  json body = json::object();
  Reply reply;
  Answer result;
  if (!call.body.empty()) body = json::parse(call.body, nullptr, false);
  if (!body.is_object()) {
    result = bad_request("the body must be a JSON object");
  } else {
    const std::scoped_lock lock(state_.mutex);
    result = call.method == "GET" ? look(call, path) : answer(call, path, body);
  }
  reply.status = result.status;
  reply.body = result.body.dump();
  return reply;
}

Answer Control::answer(const Call& call, const std::string& path, const json& body) {
  if (call.method == "DELETE" && path == "/faults") {
    state_.faults.clear();
    ++state_.faults_cleared;
    return ok({{"faults", json::array()}});
  }
  if (call.method == "POST") {
    if (path == "/accounts") return add_account(body);
    if (path == "/installs") return set_installed(body);
    if (path == "/mutate") return mutate(body);
    if (path == "/faults") return add_fault(body);
    if (path == "/clock") return move_clock(body);
    if (path == "/pause" || path == "/resume") {
      state_.paused = path == "/pause";
      return ok({{"paused", state_.paused}});
    }
    if (path == "/shutdown") {
      state_.stop_wanted = true;
      return ok({{"stopping", true}});
    }
  }
  return not_found("Control endpoint " + call.method + " " + path);
}

Answer Control::look(const Call& call, const std::string& path) {
  const QueryList query = parse_query(call.query);
  if (path == "/state") return shown_state();
  if (path == "/collections") return collections_of(query);
  if (path == "/record") return record(query);
  if (path == "/operations") return operations();
  if (path == "/faults") return ok({{"faults", state_.faults.shown()}});
  return not_found("Control endpoint GET " + path);
}

Answer Control::add_account(const json& body) {
  const std::string connector = body.value("connector", json("highlevel")).dump();
  if (connector != "\"highlevel\"") {
    const auto account = apps_.add_account(text_of(body, "connector"), body);
    return account ? ok(*account) : bad_request("there is no connector " + connector);
  }
  Grant grant;
  grant.location = member(body, "location_id");
  grant.company = member(body, "company_id");
  if (grant.company.empty() && !grant.location.empty()) {
    grant.company = state_.world.owner_of("locations", grant.location).value_or(kFirstCompany);
  }
  if (grant.company.empty()) return bad_request("location_id or company_id is missing");
  ensure_company(state_, grant.company);
  if (!grant.location.empty()) ensure_location(state_, grant.company, grant.location);
  for (const json& scope : list_of(body, "scopes")) {
    if (scope.is_string()) grant.scopes.insert(scope.get<std::string>());
  }
  json answer = {{"base_url", state_.base_url + "/highlevel"}, {"company_id", grant.company}};
  answer["location_id"] = grant.is_company() ? json() : json(grant.location);
  answer["now"] = iso_utc(state_.clock.now());
  if (body.value("oauth", json(false)) != json(true)) {
    answer["token"] = state_.tokens.issue(grant);
    return ok(answer);
  }
  const OAuthPair pair = state_.tokens.issue_pair(grant, state_.clock.now());
  answer.update({{"token", pair.access_token},
                 {"refresh_token", pair.refresh_token},
                 {"client_id", pair.client_id},
                 {"client_secret", pair.client_secret},
                 {"code", state_.tokens.issue_code(pair.client_id)},
                 {"token_url", state_.base_url + "/highlevel/oauth/token"},
                 {"location_token_url", state_.base_url + "/highlevel/oauth/locationToken"},
                 {"authorize_url", state_.base_url + "/highlevel/oauth/chooselocation"},
                 {"expires_in", Tokens::kAccessLife / kSecond}});
  return ok(answer);
}

Answer Control::set_installed(const json& body) {
  const std::string location = member(body, "location_id");
  const bool installed = body.value("installed", json(true)) != json(false);
  if (!state_.world.owner_of("locations", location)) return not_found("Location");
  state_.tokens.set_installed(location, installed);
  return ok({{"location_id", location}, {"installed", installed}});
}

Answer Control::mutate(const json& body) {
  std::string owner = member(body, "location");
  if (owner.empty()) owner = member(body, "company");
  if (owner.empty()) return bad_request("location is missing");
  const std::string op = member(body, "op");
  if (op == "auto") {
    const bool changed = state_.life.change(member(body, "kind"), owner);
    json kinds = json::array();
    for (const LifeKind& kind : state_.life.kinds()) kinds.push_back(kind.name);
    if (!changed) return bad_request("no such kind, or nothing to change; kinds: " + kinds.dump());
    return ok({{"changed", true}});
  }
  const Collection* collection = find_collection(member(body, "collection"));
  if (collection == nullptr) return bad_request("unknown collection");
  if (collection->level == Level::company) {
    owner = state_.world.owner_of("locations", owner).value_or(owner);
  }
  return mutate_record(body, {owner, collection->name, member(body, "id")}, op);
}

Answer Control::mutate_record(const json& body, const Place& place, const std::string& op) {
  Place target = place;
  const json fields = body.value("fields", json::object());
  if (!fields.is_object()) return bad_request("fields must be an object");
  const auto at = parse_iso(member(body, "at"));
  if (body.contains("at") && !at) return bad_request("at must be an ISO 8601 instant");
  if (op == "create") {
    if (target.id.empty()) target.id = state_.random.id();
    return created(state_.world.create(target, fields, at).record);
  }
  const Row* row = state_.world.find(target);
  if (row == nullptr) return not_found("Record");
  if (op == "delete") {
    const json before = row->record;
    state_.world.remove(target);
    return ok(before);
  }
  if (op != "update") return bad_request("op must be create, update, delete or auto");
  state_.world.update(target, fields, {body.value("touch", json(true)) == json(true), at});
  return ok(state_.world.find(target)->record);
}

Answer Control::add_fault(const json& body) {
  if (const auto problem = state_.faults.add(body)) return bad_request(*problem);
  return created({{"faults", state_.faults.shown()}});
}

// As a rule the jump itself causes no burst of changes: the next one moves along.
Answer Control::move_clock(const json& body) {
  const json seconds = body.value("advance_seconds", json(0));
  if (!seconds.is_number() || seconds.get<double>() < 0) {
    return bad_request("advance_seconds must be a number of seconds");
  }
  const Millis by = static_cast<Millis>(seconds.get<double>() * static_cast<double>(kSecond));
  state_.clock.advance(by);
  if (body.value("with_changes", json(false)) != json(true)) state_.next_change += by;
  return ok({{"now", iso_utc(state_.clock.now())}});
}

Answer Control::record(const QueryList& query) const {
  const Collection* collection = find_collection(query_value(query, "collection"));
  if (collection == nullptr) return bad_request("unknown collection");
  std::string owner = query_value(query, "location");
  if (collection->level == Level::company) {
    owner = state_.world.owner_of("locations", owner).value_or(owner);
  }
  const Rows& rows = state_.world.rows(owner, collection->name);
  const std::string id = query_value(query, "id");
  if (id.empty()) {
    json all = json::array();
    for (const auto& [name, row] : rows) all.push_back(row.record);
    return ok({{"records", all}});
  }
  const auto found = rows.find(id);
  return found == rows.end() ? not_found("Record") : ok(found->second.record);
}

Answer Control::collections_of(const QueryList& query) const {
  std::string owner = query_value(query, "location");
  if (owner.empty()) owner = kFirstLocation;
  json names = json::array();
  for (const Collection& one : collections()) names.push_back(one.name);
  return ok({{"collections", names}, {"counts", state_.world.counts(owner)}});
}

Answer Control::operations() const {
  json list = json::array();
  for (const Route& route : api_.routes().all()) {
    list.push_back({{"operation", route.operation},
                    {"method", route.method},
                    {"path", route.path},
                    {"version", route.version},
                    {"token", level_name(route.level)},
                    {"scope", route.scope},
                    {"pointer", route.records.pointer},
                    {"id", route.records.id_member},
                    {"query", shown_params(route.query)},
                    {"body", shown_params(route.body)}});
  }
  return ok({{"operations", list}, {"apps", apps_.shown_routes()}});
}

Answer Control::shown_state() const {
  json counts = json::object();
  for (const std::string& location : state_.world.owners("users")) {
    counts[location] = state_.world.counts(location);
  }
  return ok({{"now", iso_utc(state_.clock.now())},
             {"started", iso_utc(state_.clock.start())},
             {"seed", state_.settings.seed},
             {"speed", state_.settings.speed},
             {"pace", state_.settings.pace},
             {"paused", state_.paused},
             {"next_change", iso_utc(state_.next_change)},
             {"log_lines", state_.log.last_seq()},
             {"requests", state_.requests},
             {"requests_by_operation", state_.requests_by_operation},
             {"counts", counts}});
}

}  // namespace triggerd::sandbox
