// The rest of HighLevel's OAuth: the consent page, which consents at once; tokens of locations that
// an agency's token asks for; the locations where the app is installed.
#include <algorithm>
#include <set>

#include "api.h"
#include "fields.h"

namespace triggerd::sandbox {

using nlohmann::json;

namespace {

std::string header(const Call& call, const std::string& name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? "" : found->second;
}

std::string value_of(const QueryList& list, std::string_view name) {
  for (const auto& [key, value] : list) {
    if (key == name) return value;
  }
  return "";
}

std::string encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '_' || c == '.') {
      result += c;
    } else {
      result += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return result;
}

void put_json(const Answer& answer, Reply& reply) {
  reply.status = answer.status;
  reply.body = answer.body.dump();
}

Reply reply_with(const Answer& answer) {
  Reply reply;
  put_json(answer, reply);
  return reply;
}

// A person who consents: the browser is sent back with a code.
Reply consent(State& state, const Call& call) {
  const QueryList query = parse_query(call.query);
  const std::string back = value_of(query, "redirect_uri");
  const std::string code = state.tokens.issue_code(value_of(query, "client_id"));
  if (value_of(query, "response_type") != "code" || back.empty() || code.empty()) {
    return reply_with(bad_request("response_type, client_id or redirect_uri is invalid"));
  }
  Reply reply;
  reply.status = 302;
  std::string place = back + (back.find('?') == std::string::npos ? '?' : '&') + "code=" + code;
  if (const std::string own = value_of(query, "state"); !own.empty()) {
    place += "&state=" + encoded(own);
  }
  reply.headers.emplace_back("Location", place);
  return reply;
}

// What is wrong with the members, all in one list; `known` are those that may be given, the first
// `required` of them must.
std::vector<std::string> member_problems(const QueryList& given,
                                         const std::vector<std::string_view>& known,
                                         std::size_t required) {
  std::vector<std::string> problems;
  std::set<std::string> met;
  for (const auto& [name, value] : given) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      problems.push_back("property " + name + " should not exist");
    } else if (!met.insert(name).second) {
      problems.push_back(name + " must not be given twice");
    }
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (value_of(given, known[i]).empty()) {
      problems.push_back(std::string(known[i]) + " should not be empty");
    }
  }
  return problems;
}

Answer location_token(State& state, const Call& call, const Grant& agency) {
  if (!header(call, "content-type").starts_with("application/x-www-form-urlencoded")) {
    return unsupported_media_type();
  }
  const QueryList form = parse_query(call.body);
  const auto problems = member_problems(form, {"companyId", "locationId"}, 2);
  if (!problems.empty()) return unprocessable(problems);
  const std::string location = value_of(form, "locationId");
  if (value_of(form, "companyId") != agency.company ||
      state.world.owner_of("locations", location) != agency.company ||
      !state.tokens.is_installed(location)) {
    return bad_request("Location not found");
  }
  const ExchangeReply given = state.tokens.issue_location(agency, location, state.clock.now());
  Answer answer = ok(json::parse(given.body));
  answer.status = given.status;
  return answer;
}

// Digits, as the documents type skip and limit as texts; nothing: they are none.
std::optional<std::size_t> digits_of(const QueryList& query, std::string_view name,
                                     std::size_t fallback) {
  const std::string text = value_of(query, name);
  if (text.empty()) return fallback;
  if (text.size() > 6 || text.find_first_not_of("0123456789") != std::string::npos) return {};
  return static_cast<std::size_t>(std::stoul(text));
}

std::vector<std::string> listing_problems(const QueryList& query, const Grant& agency) {
  std::vector<std::string> problems = member_problems(
      query, {"companyId", "appId", "skip", "limit", "query", "isInstalled", "locationId"}, 2);
  const std::string installed = value_of(query, "isInstalled");
  if (!installed.empty() && installed != "true" && installed != "false") {
    problems.emplace_back("isInstalled must be a boolean value");
  }
  for (const char* name : {"skip", "limit"}) {
    if (!digits_of(query, name, 0)) problems.push_back(std::string(name) + " must be a number");
  }
  if (value_of(query, "companyId") != agency.company) {
    problems.emplace_back("companyId must be the token's company");
  }
  if (value_of(query, "appId") != agency.client.substr(0, agency.client.find('-'))) {
    problems.emplace_back("appId must be the token's app");
  }
  return problems;
}

Answer installed_locations(State& state, const Call& call, const Grant& agency) {
  const QueryList query = parse_query(call.query);
  const auto problems = listing_problems(query, agency);
  if (!problems.empty()) return unprocessable(problems);
  const std::string wanted = value_of(query, "isInstalled");
  const std::string only = value_of(query, "locationId");
  json all = json::array();
  for (const auto& [id, row] : state.world.rows(agency.company, "locations")) {
    const bool installed = state.tokens.is_installed(id);
    const std::string name = text_of(row.record, "name");
    if (!wanted.empty() && installed != (wanted == "true")) continue;
    if ((!only.empty() && only != id) || !contains_text(name, value_of(query, "query"))) continue;
    all.push_back({{"_id", id},
                   {"name", name},
                   {"address", text_of(row.record, "address")},
                   {"isInstalled", installed}});
  }
  const std::size_t skip = std::min(*digits_of(query, "skip", 0), all.size());
  const std::size_t most = *digits_of(query, "limit", 20);
  json page = json::array();
  for (std::size_t i = skip; i < all.size() && page.size() < most; ++i) page.push_back(all[i]);
  return ok({{"count", all.size()}, {"locations", page}, {"installToFutureLocations", false}});
}

// Token, limits, Version, level and scope, as for all other operations.
std::optional<Answer> oauth_refusal(State& state, const Call& call, const Grant* grant,
                                    const std::string& scope, Reply& reply) {
  const Millis now = state.clock.now();
  if (grant == nullptr || (grant->expires_at != 0 && grant->expires_at <= now)) {
    return unauthorized("Invalid JWT");
  }
  if (state.settings.limits) {
    const RateVerdict verdict = state.limits.take(grant->account(), now);
    add_limit_headers(verdict, reply);
    if (!verdict.allowed) return too_many_requests(verdict, reply);
  }
  if (header(call, "version") != kGeneral) return bad_request("version header is invalid.");
  if (!grant->is_company() || grant->client.empty()) {
    return unauthorized("The token is not authorized for this operation.");
  }
  if (!grant->scopes.empty() && !grant->scopes.contains(scope)) {
    return unauthorized("The token is not authorized for this scope.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> Api::serve_oauth(const Call& call, const std::string& path) {
  if (path == "/oauth/chooselocation" && call.method == "GET") return consent(state_, call);
  const bool mints = path == "/oauth/locationToken" && call.method == "POST";
  const bool lists = path == "/oauth/installedLocations" && call.method == "GET";
  if (!mints && !lists) return std::nullopt;
  const std::string operation = mints ? "oauth_location_token" : "oauth_installed_locations";
  ++state_.requests_by_operation[operation];
  const auto fault = state_.faults.take(operation, path);
  const std::string bearer = header(call, "authorization");
  const std::string token = bearer.starts_with("Bearer ") ? bearer.substr(7) : "";
  const Grant* grant = state_.tokens.find(token);
  const std::string asker = grant == nullptr ? "" : grant->account();
  const bool agency_asks = grant != nullptr && grant->is_company();
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else if (const auto refused = oauth_refusal(state_, call, grant,
                                                mints ? "oauth.write" : "oauth.readonly", reply)) {
    put_json(*refused, reply);
  } else {
    const Grant agency = *grant;
    put_json(
        mints ? location_token(state_, call, agency) : installed_locations(state_, call, agency),
        reply);
    if (fault) spoil_wire(*fault, reply);
  }
  reply.log_type = "request";
  reply.log_line = {{"operation", operation},
                    {"method", call.method},
                    {"path", call.path},
                    {"query", call.query},
                    {"status", reply.status},
                    {"fault", fault ? json(name_of(fault->kind)) : json()},
                    {"world", state_.log.last_seq()},
                    {"records", json::array()}};
  note_wait(reply);
  if (!asker.empty()) reply.log_line[agency_asks ? "company" : "location"] = asker;
  return reply;
}

}  // namespace triggerd::sandbox
