// The rest of HighLevel's OAuth: the consent page, which consents at once; tokens of locations that
// an agency's token asks for; the locations where the app is installed.
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

Reply reply_with(const Answer& answer) {
  Reply reply;
  reply.status = answer.status;
  reply.body = answer.body.dump();
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

Answer location_token(State& state, const Call& call, const Grant& agency) {
  const QueryList form = parse_query(call.body);
  const std::string location = value_of(form, "locationId");
  if (value_of(form, "companyId") != agency.company ||
      state.world.owner_of("locations", location) != agency.company) {
    return bad_request("Location not found");
  }
  const ExchangeReply given = state.tokens.issue_location(agency, location, state.clock.now());
  Answer answer = ok(json::parse(given.body));
  answer.status = given.status;
  return answer;
}

Answer installed_locations(State& state, const Call& call, const Grant& agency) {
  if (value_of(parse_query(call.query), "companyId") != agency.company) {
    return unprocessable({"companyId must be the token's company"});
  }
  json list = json::array();
  for (const auto& [id, row] : state.world.rows(agency.company, "locations")) {
    list.push_back({{"_id", id},
                    {"name", text_of(row.record, "name")},
                    {"address", text_of(row.record, "address")},
                    {"isInstalled", true}});
  }
  return ok({{"count", list.size()}, {"locations", list}});
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
  const bool alive = grant != nullptr && !grant->client.empty() && grant->is_company() &&
                     (grant->expires_at == 0 || grant->expires_at > state_.clock.now());
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else if (header(call, "version") != kGeneral) {
    reply = reply_with(bad_request("version header is invalid."));
  } else if (!alive) {
    reply = reply_with(unauthorized("Invalid JWT"));
  } else {
    const Grant agency = *grant;
    reply = reply_with(mints ? location_token(state_, call, agency)
                             : installed_locations(state_, call, agency));
    if (fault) spoil_wire(*fault, reply);
  }
  reply.log_type = "request";
  reply.log_line = {
      {"operation", operation},  {"method", call.method},
      {"path", call.path},       {"query", call.query},
      {"status", reply.status},  {"fault", fault ? json(name_of(fault->kind)) : json()},
      {"records", json::array()}};
  return reply;
}

}  // namespace triggerd::sandbox
