#include "api.h"

#include <algorithm>
#include <map>
#include <set>

#include "fields.h"
#include "gzip.h"

namespace triggerd::sandbox {

using nlohmann::json;

namespace {

constexpr std::size_t kLoggedBodyMax = 4096;
constexpr std::size_t kGzipFrom = 256;  // smaller answers gain nothing
constexpr std::string_view kBearer = "Bearer ";

std::string header(const Call& call, const std::string& name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? "" : found->second;
}

bool has_header(const Reply& reply, std::string_view name) {
  return std::any_of(reply.headers.begin(), reply.headers.end(),
                     [&](const auto& one) { return one.first == name; });
}

std::string token_of(const Call& call) {
  const std::string value = header(call, "authorization");
  return value.starts_with(kBearer) ? value.substr(kBearer.size()) : "";
}

void put(const Answer& answer, Reply& reply) {
  reply.status = answer.status;
  reply.content_type = answer.content_type;
  reply.body = answer.is_bytes ? answer.bytes : answer.body.dump();
  if (!answer.file_name.empty()) {
    reply.headers.emplace_back("Content-Disposition",
                               "attachment; filename=\"" + answer.file_name + "\"");
  }
}

// The name of a record in the log: its own id, else what the request asked for.
std::string asked_id(const Visit& visit) {
  const auto& path = visit.path_values();
  if (const auto message = path.find("messageId"); message != path.end()) return message->second;
  if (const auto id = path.find("id"); id != path.end()) return id->second;
  if (!path.empty()) return path.begin()->second;
  return visit.query().empty() ? "" : visit.query().front().second;
}

json id_and_state(const json& record, const std::string& member, const std::string& fallback) {
  const auto id = record.is_object() ? record.find(member) : record.end();
  const bool named = record.is_object() && !member.empty() && id != record.end();
  return json::array(
      {named ? (id->is_string() ? *id : json(id->dump())) : json(fallback), state_of(record)});
}

json listed_states(const json& records, const std::string& member) {
  json states = json::array();
  for (const json& record : records) states.push_back(id_and_state(record, member, ""));
  return states;
}

// What was shown: [[id, state], ...].
json shown_states(const Visit& visit, const Answer& answer) {
  json states = json::array();
  const RecordsAt& at = visit.route().records;
  if (answer.status >= 300) return states;
  if (answer.is_bytes) {
    states.push_back({asked_id(visit), state_of_bytes(answer.bytes)});
    return states;
  }
  const json::json_pointer pointer(at.pointer);
  if (!answer.body.contains(pointer)) return states;
  const json& found = answer.body[pointer];
  switch (at.shape) {
    case Shape::list:
      return found.is_array() ? listed_states(found, at.id_member) : states;
    case Shape::date_map:
      for (const auto& [day, entry] : found.items()) {
        for (const json& slot : list_of(entry, "slots")) {
          states.push_back({slot.is_string() ? slot : json(slot.dump()), state_of(slot)});
        }
      }
      return states;
    case Shape::object:
    case Shape::blob:
      if (!found.is_null()) states.push_back(id_and_state(found, at.id_member, asked_id(visit)));
      return states;
  }
  return states;
}

// The documents leave open how these say that there is nothing: by which statuses besides 404.
bool may_say_absent(std::string_view operation, int status) {
  static const std::map<std::string_view, std::set<int>> kOpen = {
      {"get_contact", {400}},
      {"get_duplicate_contact", {400, 422}},
      {"get_message_transcription", {400, 422}},
      {"download_transcription", {400, 422}}};
  const auto found = kOpen.find(operation);
  return found != kOpen.end() && found->second.contains(status);
}

void say_absent(const Route& route, int status, Answer& answer) {
  const bool no_match = route.operation == "get_duplicate_contact" && answer.status == 200 &&
                        value_at(answer.body, "/contact").is_null();
  if ((answer.status != 404 && !no_match) || !may_say_absent(route.operation, status)) return;
  if (no_match) answer = not_found("Contact");
  answer.status = status;
  answer.body["statusCode"] = status;
}

json asked_parameters(const Visit& visit) {
  json parameters = visit.body().is_object() ? visit.body() : json::object();
  for (const auto& [name, value] : visit.query()) parameters[name] = value;
  return parameters;
}

}  // namespace

struct Api::Asked {
  std::optional<Matched> matched;
  std::string token;
  const Grant* grant = nullptr;
  json records = json::array();
};

Reply Api::serve(const Call& call, const std::string& path) {
  const std::scoped_lock lock(state_.mutex);
  ++state_.requests;
  if (path == "/oauth/token" && call.method == "POST") return serve_token(call);
  if (auto reply = serve_oauth(call, path)) return std::move(*reply);
  Asked asked;
  asked.matched = routes_.match(call.method, path);
  asked.token = token_of(call);
  asked.grant = state_.tokens.find(asked.token);
  std::optional<Fault> fault;
  if (asked.matched) {
    ++state_.requests_by_operation[asked.matched->route->operation];
    fault = state_.faults.take(asked.matched->route->operation, path);
  }
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else if (const auto refused = refusal(call, asked, reply)) {
    put(*refused, reply);
  } else {
    Reply run_reply = run(call, asked, fault);
    run_reply.headers.insert(run_reply.headers.end(), reply.headers.begin(), reply.headers.end());
    reply = std::move(run_reply);
  }
  finish(call, asked, fault, reply);
  return reply;
}

Reply Api::serve_token(const Call& call) {
  ++state_.requests_by_operation["oauth_token"];
  const auto fault = state_.faults.take("oauth_token", "/oauth/token");
  std::map<std::string, std::string> form;
  for (auto& [name, value] : parse_query(call.body)) form[name] = value;
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else {
    const ExchangeReply exchanged = state_.tokens.exchange(form, state_.clock.now());
    reply.status = exchanged.status;
    reply.body = exchanged.body;
    if (fault) spoil_wire(*fault, reply);
  }
  const std::string refresh = form.contains("refresh_token") ? form["refresh_token"] : "";
  reply.log_type = "request";
  reply.log_line = {
      {"operation", "oauth_token"},
      {"method", call.method},
      {"path", call.path},
      {"query", call.query},
      {"grant_type", form.contains("grant_type") ? form["grant_type"] : ""},
      {"client_id", form.contains("client_id") ? form["client_id"] : ""},
      {"authorization", refresh.substr(refresh.size() - std::min<std::size_t>(6, refresh.size()))},
      {"status", reply.status},
      {"fault", fault ? json(name_of(fault->kind)) : json()},
      {"records", json::array()}};
  return reply;
}

void note_wait(Reply& reply) {
  for (const auto& [name, value] : reply.headers) {
    if (name == "Retry-After") reply.log_line["retry_after"] = value;
  }
}

Answer too_many_requests(const RateVerdict& verdict, Reply& reply) {
  const Millis seconds = (verdict.wait + kSecond - 1) / kSecond;
  reply.headers.emplace_back("Retry-After", std::to_string(seconds));
  Answer answer = bad_request("Too Many Requests");
  answer.status = 429;
  answer.body["statusCode"] = 429;
  return answer;
}

void add_limit_headers(const RateVerdict& verdict, Reply& reply) {
  reply.headers.emplace_back("X-RateLimit-Max", std::to_string(RateLimit::kBurstMax));
  reply.headers.emplace_back("X-RateLimit-Remaining", std::to_string(verdict.remaining));
  reply.headers.emplace_back("X-RateLimit-Interval-Milliseconds",
                             std::to_string(RateLimit::kBurstWindow));
  reply.headers.emplace_back("X-RateLimit-Limit-Daily", std::to_string(RateLimit::kDailyMax));
  reply.headers.emplace_back("X-RateLimit-Daily-Remaining",
                             std::to_string(verdict.daily_remaining));
}

// Everything that is refused before the parameters are looked at, in the order of the real gateway.
std::optional<Answer> Api::refusal(const Call& call, const Asked& asked, Reply& reply) {
  if (!asked.matched) {
    Answer answer = not_found("Route");
    answer.body["message"] = "Cannot " + call.method + " " + call.path;
    return answer;
  }
  const Millis now = state_.clock.now();
  const Grant* grant = asked.grant;
  if (grant == nullptr || (grant->expires_at != 0 && grant->expires_at <= now)) {
    return unauthorized("Invalid JWT");
  }
  if (state_.settings.limits) {
    const RateVerdict verdict = state_.limits.take(grant->account(), now);
    add_limit_headers(verdict, reply);
    if (!verdict.allowed) return too_many_requests(verdict, reply);
  }
  const Route& route = *asked.matched->route;
  const std::string version = header(call, "version");
  if (version.empty()) return bad_request("version header was not found.");
  if (version != route.version) return bad_request("version header is invalid.");
  if ((route.level == TokenLevel::company && !grant->is_company()) ||
      (route.level == TokenLevel::location && grant->is_company())) {
    return unauthorized("The token is not authorized for this operation.");
  }
  if (!grant->scopes.empty() && !grant->scopes.contains(route.scope)) {
    return unauthorized("The token is not authorized for this scope.");
  }
  return std::nullopt;
}

Answer Api::answer(Visit& visit) {
  const auto problems = parameter_problems(visit);
  if (!problems.empty()) return unprocessable(problems);
  const std::string location = visit.location();
  const auto reachable = visit.reachable_locations();
  if (!location.empty() &&
      std::find(reachable.begin(), reachable.end(), location) == reachable.end()) {
    return forbidden("The token does not have access to this location.");
  }
  const std::string company =
      visit.path("companyId").empty() ? visit.text("companyId") : visit.path("companyId");
  if (!company.empty() && company != visit.company()) {
    return forbidden("The token does not have access to this company.");
  }
  state_.world.set_cause(visit.route().operation);
  Answer given = visit.route().answer(visit);
  state_.world.set_cause({});
  return given;
}

Reply Api::run(const Call& call, Asked& asked, const std::optional<Fault>& fault) {
  const Route& route = *asked.matched->route;
  json body = route.body_is_list ? json::array() : json::object();
  if (route.needs_body && call.body.empty()) {
    Reply reply;
    put(bad_request("A JSON body is required"), reply);
    return reply;
  }
  if (call.method != "GET" && !call.body.empty()) {
    body = json::parse(call.body, nullptr, false);
    Reply reply;
    if (!header(call, "content-type").starts_with("application/json")) {
      put(unsupported_media_type(), reply);
      return reply;
    }
    if (!(route.body_is_list ? body.is_array() : body.is_object())) {
      put(bad_request("Unexpected token in JSON"), reply);
      return reply;
    }
  }
  View view = View::now(state_.world);
  if (fault && fault->kind == FaultKind::stale) {
    view = View::before_last_change(state_.world);
  } else if (route.operation == "search_contacts" && state_.settings.search_lag > 0) {
    view = View::as_of(state_.world, state_.clock.now() - state_.settings.search_lag);
  }
  Visit visit({*asked.matched, parse_query(call.query), std::move(body), *asked.grant},
              state_.world, std::move(view), state_.random);
  const PageAsked page{&route, asked_parameters(visit)};
  const bool repeats = fault && fault->kind == FaultKind::repeat_cursor;
  const bool endless = fault && fault->kind == FaultKind::endless_cursor;
  if ((repeats && route.paging == Paging::offset) || endless) visit.forget_cursor();
  Answer result = answer(visit);
  say_absent(route, state_.settings.absent, result);
  Reply reply;
  const bool good_json = result.status < 300 && !result.is_bytes;
  if (fault && good_json) spoil_records(*fault, page, state_.random, result.body);
  asked.records = shown_states(visit, result);
  std::string tag;
  if (good_json && route.conditional) {
    tag = "\"" + state_of(result.body) + "\"";
    reply.headers.emplace_back("ETag", tag);
  }
  if (good_json && result.body.is_object()) result.body["traceId"] = state_.random.uuid();
  put(result, reply);
  if (fault && good_json) reply.body = spoil_text(*fault, route, state_.random, result.body);
  if (!tag.empty() && header(call, "if-none-match") == tag) {
    reply.status = 304;
    reply.body.clear();
    asked.records = json::array();
  }
  if (fault) spoil_wire(*fault, reply);
  return reply;
}

void Api::finish(const Call& call, const Asked& asked, const std::optional<Fault>& fault,
                 Reply& reply) {
  const bool packed = has_header(reply, "Content-Encoding");
  const bool accepts = header(call, "accept-encoding").find("gzip") != std::string::npos;
  if (accepts && !packed && reply.wire.mode == WireMode::whole && reply.body.size() >= kGzipFrom &&
      reply.content_type.starts_with("application/json")) {
    reply.body = gzip(reply.body);
    reply.headers.emplace_back("Content-Encoding", "gzip");
  }
  if (!has_header(reply, "Date")) {  // a fault may set its own
    reply.headers.emplace_back("Date", http_date(state_.clock.now()));
  }
  const std::string& token = asked.token;
  reply.log_type = "request";
  reply.log_line = {
      {"operation", asked.matched ? json(asked.matched->route->operation) : json()},
      {"method", call.method},
      {"path", call.path},
      {"query", call.query},
      {"body", call.body.substr(0, kLoggedBodyMax)},
      {"status", reply.status},
      {"fault", fault ? json(name_of(fault->kind)) : json()},
      {"authorization", token.substr(token.size() - std::min<std::size_t>(6, token.size()))},
      {"world", state_.log.last_seq()},
      {"records", asked.records}};
  note_wait(reply);
  if (asked.grant != nullptr) {
    reply.log_line[asked.grant->is_company() ? "company" : "location"] = asked.grant->account();
  }
}

}  // namespace triggerd::sandbox
