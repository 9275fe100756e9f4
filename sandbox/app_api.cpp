#include "app_api.h"

#include <algorithm>

#include "fields.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kLoggedBodyMax = 4096;
constexpr std::string_view kBasic = "Basic ";

std::string header(const Call& call, const std::string& name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? "" : found->second;
}

std::string base64(std::string_view text) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string coded;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      coded += i + k > text.size() ? '=' : kLetters[group >> (18 - 6 * k) & 63];
    }
  }
  return coded;
}

// User name and password differ, so that a client that exchanges them is noticed.
std::string user_of(const std::string& token) { return "user-" + token.substr(0, 8); }

json shown_states(const Visit& visit, const Answer& answer) {
  json states = json::array();
  const RecordsAt& at = visit.route().records;
  const json::json_pointer pointer(at.pointer);
  if (answer.status >= 300 || answer.is_bytes || !answer.body.contains(pointer)) return states;
  const json& found = answer.body[pointer];
  const auto add = [&](const json& record) {
    const json id = value_at(record, "/" + at.id_member);
    states.push_back({id.is_string() ? id : json(id.dump()), state_of(record)});
  };
  if (found.is_array()) {
    for (const json& record : found) add(record);
  } else if (found.is_object()) {
    add(found);
  }
  return states;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

}  // namespace

struct AppApi::Asked {
  std::optional<Matched> matched;
  const Grant* grant = nullptr;
  std::string token;
  json body = json::object();
  json records = json::array();
};

AppApi::AppApi(State& state) : state_(state) {
  for (auto* make : {partnerstack_app, stibee_app, clubos_app, payaca_app, my_app}) {
    apps_.push_back(make());
  }
}

std::optional<Reply> AppApi::serve(const Call& call) {
  for (const App& app : apps_) {
    const std::string space = "/" + app.name;
    if (!call.path.starts_with(space + "/")) continue;
    const std::scoped_lock lock(state_.mutex);
    ++state_.requests;
    return answer(app, call, call.path.substr(space.size()));
  }
  return std::nullopt;
}

Reply AppApi::answer(const App& app, const Call& call, const std::string& path) {
  Asked asked;
  asked.matched = app.routes.match(call.method, path);
  std::optional<Fault> fault;
  if (asked.matched) {
    const std::string& operation = asked.matched->route->operation;
    ++state_.requests_by_operation[operation];
    fault = state_.faults.take(operation, path);
  }
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else {
    const auto refused = refusal(app, call, asked, reply);
    const Answer given = refused ? *refused : run(app, call, asked);
    reply.status = given.status;
    reply.content_type = given.content_type;
    reply.body = given.is_bytes ? given.bytes : given.body.dump();
    if (fault) spoil_wire(*fault, reply);
  }
  reply.headers.emplace_back("Date", http_date(state_.clock.now()));
  const std::string& token = asked.token;
  reply.log_type = "request";
  reply.log_line = {
      {"operation", asked.matched ? json(asked.matched->route->operation) : json()},
      {"method", call.method},
      {"path", call.path},
      {"query", call.query},
      {"body", call.body.substr(0, kLoggedBodyMax)},
      {"location", app.name},
      {"status", reply.status},
      {"fault", fault ? json(name_of(fault->kind)) : json()},
      {"authorization", token.substr(token.size() - std::min<std::size_t>(6, token.size()))},
      {"world", state_.log.last_seq()},
      {"records", asked.records}};
  return reply;
}

std::optional<Answer> AppApi::refusal(const App& app, const Call& call, Asked& asked,
                                      Reply& reply) {
  if (!asked.matched) return app.refuse(Refusal::route, call.method + " " + call.path);
  for (const auto& [token, grant] : state_.tokens.of_location(app.name)) {
    const bool by_header =
        std::find(app.sign_in.begin(), app.sign_in.end(), SignIn::header) != app.sign_in.end() &&
        header(call, app.key_header) == token;
    const bool by_basic =
        std::find(app.sign_in.begin(), app.sign_in.end(), SignIn::basic) != app.sign_in.end() &&
        header(call, "authorization") == std::string(kBasic) + base64(user_of(token) + ":" + token);
    if (!by_header && !by_basic) continue;
    asked.token = token;
    asked.grant = grant;
  }
  if (asked.grant == nullptr) return app.refuse(Refusal::credentials, "");
  if (!takes(app, *asked.matched->route, reply)) return app.refuse(Refusal::throttled, "");
  if (call.body.empty()) return std::nullopt;
  asked.body = json::parse(call.body, nullptr, false);
  const bool is_json = header(call, "content-type").starts_with("application/json");
  if (!is_json || asked.body.is_discarded()) return app.refuse(Refusal::media_type, "");
  return std::nullopt;
}

// Counts the request, unless the minute's number is used up.
bool AppApi::takes(const App& app, const Route& route, Reply& reply) {
  const int most = app.minute_limit == nullptr ? 0 : app.minute_limit(route);
  if (most == 0 || !state_.settings.limits) return true;
  auto& [since, used] = minutes_[app.name + "/" + std::to_string(most)];
  const Millis now = state_.clock.now();
  if (now - since >= kMinute) {
    since = now;
    used = 0;
  }
  if (used < most) {
    ++used;
    return true;
  }
  const Millis seconds = (since + kMinute - now + kSecond - 1) / kSecond;
  reply.headers.emplace_back("Retry-After", std::to_string(seconds));
  return false;
}

Answer AppApi::run(const App& app, const Call& call, Asked& asked) {
  Visit visit({*asked.matched, parse_query(call.query), asked.body, *asked.grant}, state_.world,
              View::now(state_.world), state_.random);
  const auto problems = parameter_problems(visit);
  if (!problems.empty()) return app.refuse(Refusal::parameters, joined(problems));
  state_.world.set_cause(visit.route().operation);
  Answer given = visit.route().answer(visit);
  state_.world.set_cause({});
  asked.records = shown_states(visit, given);
  return given;
}

std::optional<json> AppApi::add_account(const std::string& app, const json& asked) {
  const auto known =
      std::find_if(apps_.begin(), apps_.end(), [&](const App& one) { return one.name == app; });
  if (known == apps_.end()) return std::nullopt;
  Grant grant;
  grant.location = app;
  // Which of the account's lists or clubs it is, where the app has several.
  grant.company = text_of(asked, app == "stibee" ? "list_id" : "club_location_id");
  const std::string token = state_.tokens.issue(grant);
  json secrets = json::object();
  for (const char* name : {"username", "public_key", "client_id"}) secrets[name] = user_of(token);
  return json{{"token", token},
              {"secrets", secrets},
              {"base_url", state_.base_url + "/" + app},
              {"now", iso_utc(state_.clock.now())}};
}

json AppApi::shown_routes() const {
  json list = json::array();
  for (const App& app : apps_) {
    for (const Route& route : app.routes.all()) {
      list.push_back({{"operation", route.operation},
                      {"method", route.method},
                      {"path", "/" + app.name + route.path}});
    }
  }
  return list;
}

}  // namespace triggerd::sandbox
