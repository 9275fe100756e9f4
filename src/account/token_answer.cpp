#include "triggerd/account/token_answer.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "triggerd/account/retry_after.h"
#include "triggerd/catalog/request.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// Beyond it a stated life is no statement; a longer one is cut.
constexpr std::int64_t kLifeSecondsMax = 366LL * 24 * 3600;
constexpr std::int64_t kAnswerBytesMax = 24 * 1024;
constexpr std::size_t kReasonBytesMax = 200;
constexpr std::size_t kTokenBytesMax = 8 * 1024;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::optional<std::string> token_at(const json& body, const std::string& pointer) {
  const json* found = find_at(body, pointer);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  const std::string& text = found->get_ref<const std::string&>();
  // It becomes a header: anything else in it is no token (S-26).
  const bool sound =
      !text.empty() && text.size() <= kTokenBytesMax &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  return sound ? std::optional(text) : std::nullopt;
}

// Seconds as a number or a text; nothing for what is no life of a token.
std::optional<Millis> life_at(const TokenRequest& request, const json& body) {
  const json* found = find_at(body, request.life_at);
  double seconds = 0;
  if (found != nullptr && found->is_number()) seconds = found->get<double>();
  if (found != nullptr && found->is_string()) {
    const std::string text = found->get<std::string>();
    if (!text.empty() && text.size() < 16 &&
        text.find_first_not_of("0123456789") == std::string::npos) {
      seconds = static_cast<double>(std::stoll(text));
    }
  }
  if (std::isfinite(seconds) && seconds >= 1) {
    const double most = static_cast<double>(kLifeSecondsMax);
    return Millis{static_cast<std::int64_t>(std::min(seconds, most)) * 1'000};
  }
  if (request.life > Millis{0}) return request.life;
  return std::nullopt;
}

// What the app says of an error, in one line and without any secret that was sent.
std::string said_in(const json& body, const Account& account) {
  std::string text;
  for (const char* pointer : {"/error", "/error_description", "/message"}) {
    const json* found = find_at(body, pointer);
    if (found == nullptr) continue;
    const std::string part = found->is_string() ? found->get<std::string>() : compact_json(*found);
    if (part.empty() || part == "null") continue;
    text += (text.empty() ? "" : ": ") + part;
  }
  for (const auto& [field, secret] : account.secrets) {
    if (field == "client_id" || secret.reveal().size() < 4) continue;
    for (std::size_t at = 0; (at = text.find(secret.reveal(), at)) != std::string::npos; at += 3) {
      text.replace(at, secret.reveal().size(), "***");
    }
  }
  for (char& c : text) c = c < 32 || c > 126 ? ' ' : c;
  // A long word may be a token that is echoed.
  constexpr std::size_t kWordMax = 40;
  std::size_t word = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ' ') continue;
    if (i - word > kWordMax) {
      text.replace(word, i - word, "***");
      i = word + 3;
    }
    word = i + 1;
  }
  return text.substr(0, kReasonBytesMax);
}

// The connector's own rules, where they say that something passes: "Location is not active".
bool passes_by_rule(const HttpReply& reply, const json& body, const Connector& connector) {
  return std::any_of(connector.errors.begin(), connector.errors.end(), [&](const ErrorRule& rule) {
    const bool status =
        rule.statuses.empty() ||
        std::find(rule.statuses.begin(), rule.statuses.end(), reply.status) != rule.statuses.end();
    const bool passing = rule.means == ErrorClass::transient || rule.means == ErrorClass::throttled;
    if (!status || !passing) return false;
    if (rule.at.empty() && rule.contains.empty() && rule.equals.empty()) return true;
    const json* found = find_at(body, rule.at);
    const json* description = find_at(body, "/error_description");
    for (const json* text : {found, description}) {
      if (text == nullptr || !text->is_string()) continue;
      const std::string said = lower(text->get<std::string>());
      for (const std::string& part : rule.contains) {
        if (holds(said, lower(part))) return true;
      }
      for (const std::string& whole : rule.equals) {
        if (said == lower(whole)) return true;
      }
    }
    return false;
  });
}

TokenReply verdict_of(const HttpReply& reply, const json& body, const Account& account) {
  const std::string said = said_in(body, account);
  TokenReply result;
  result.reason = "HTTP " + std::to_string(reply.status) + (said.empty() ? "" : ": " + said);
  result.wait = retry_after(reply);
  const std::string low = lower(said);
  if (reply.status == 429 || reply.status == 408 || reply.status == 425 ||
      passes_by_rule(reply, body, *account.connector)) {
    result.verdict = TokenVerdict::temporary;
  } else if (reply.status >= 500) {
    // A gateway that gave up does not know what became of the exchange behind it.
    result.verdict = TokenVerdict::unclear;
  } else if (reply.status == 400 || reply.status == 401) {
    if (holds(low, "invalid_grant") || holds(low, "invalid grant")) {
      result.verdict = TokenVerdict::lost;
    } else if (holds(low, "invalid_client") || holds(low, "unauthorized_client") ||
               holds(low, "invalid_scope") || holds(low, "unsupported_grant_type")) {
      result.verdict = TokenVerdict::refused;
    } else {
      result.verdict = TokenVerdict::temporary;  // unknown words: slowly tried again
    }
  } else {
    result.verdict = TokenVerdict::temporary;
  }
  return result;
}

TokenReply failed_reply(const HttpReply& reply) {
  TokenReply result;
  result.reason = std::string(to_text(reply.failure));
  if (!reply.reason.empty()) result.reason += ": " + reply.reason;
  switch (reply.failure) {
    case HttpFailure::refused_url:
    case HttpFailure::resolve:
    case HttpFailure::connect:
    case HttpFailure::tls:
      result.verdict = TokenVerdict::not_sent;
      break;
    case HttpFailure::none:
    case HttpFailure::timeout:
    case HttpFailure::too_large:
    case HttpFailure::cut_short:
    case HttpFailure::broken:
      result.verdict = TokenVerdict::unclear;
      break;
  }
  return result;
}

std::string filled(const std::string& text, const Account& account,
                   const std::map<std::string, std::string>& keys) {
  if (!text.starts_with('{') || !text.ends_with('}')) return text;
  const std::string name = text.substr(1, text.size() - 2);
  if (const auto secret = account.secrets.find(name); secret != account.secrets.end()) {
    return secret->second.reveal();
  }
  if (const auto key = account.keys.find(name); key != account.keys.end()) return key->second;
  const auto other = keys.find(name);
  return other == keys.end() ? std::string{} : other->second;
}

std::string form_of(const json& members) {
  std::string text;
  for (const auto& [name, value] : members.items()) {
    text +=
        (text.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(plain_text(value));
  }
  return text;
}

const std::string& field(const Account& account, std::size_t index) {
  static const std::string none;
  const auto found = index < account.auth->fields.size()
                         ? account.secrets.find(account.auth->fields[index])
                         : account.secrets.end();
  return found == account.secrets.end() ? none : found->second.reveal();
}

}  // namespace

std::string_view to_text(TokenVerdict verdict) {
  switch (verdict) {
    case TokenVerdict::granted:
      return "granted";
    case TokenVerdict::lost:
      return "lost";
    case TokenVerdict::refused:
      return "refused";
    case TokenVerdict::temporary:
      return "temporary";
    case TokenVerdict::not_sent:
      return "not sent";
    case TokenVerdict::unclear:
      return "unclear";
  }
  return {};
}

std::optional<TokenGrant> read_grant(const TokenRequest& request, std::string_view body) {
  const auto parsed = parse_json(body);
  if (!parsed) return std::nullopt;
  std::optional<std::string> access = token_at(*parsed, request.token_at);
  if (!access) return std::nullopt;
  TokenGrant grant;
  grant.access = Secret(std::move(*access));
  if (auto refresh = token_at(*parsed, request.refresh_at)) {
    grant.refresh = Secret(std::move(*refresh));
  }
  if (const json* scope = find_at(*parsed, "/scope"); scope != nullptr && scope->is_string()) {
    grant.scope = scope->get<std::string>();
  }
  grant.life = life_at(request, *parsed);
  return grant;
}

TokenReply read_token_reply(const HttpReply& reply, const Account& account) {
  if (reply.failure != HttpFailure::none) return failed_reply(reply);
  TokenReply result;
  if (reply.status >= 200 && reply.status < 300) {
    std::optional<TokenGrant> grant = read_grant(account.sign_in->request, reply.body);
    if (grant) {
      result.verdict = TokenVerdict::granted;
      result.grant = std::move(*grant);
      return result;
    }
    result.reason = "HTTP " + std::to_string(reply.status) + " without a token";
    return result;
  }
  const auto body = parse_json(reply.body);
  return verdict_of(reply, body ? *body : json(), account);
}

HttpRequest token_request(const Account& account, const TokenMembers& members, const Secret& bearer,
                          const std::map<std::string, std::string>& keys) {
  const TokenRequest& how = account.sign_in->request;
  HttpRequest request;
  request.method = how.method;
  const bool refresh = std::any_of(members.begin(), members.end(), [](const auto& member) {
    return member.first == "refresh_token";
  });
  request.url = refresh && !how.refresh_url.empty() ? how.refresh_url : how.url;
  request.limits.total = std::chrono::milliseconds{30'000};
  request.limits.body_bytes_max = kAnswerBytesMax;
  request.pool = account.pool + " token";
  for (const auto& [name, value] : how.headers) request.headers.push_back({name, value, false});
  json body = json::object();
  if (how.send.is_object()) {
    for (const auto& [name, value] : how.send.items()) {
      body[name] = filled(plain_text(value), account, keys);
    }
  }
  for (const auto& [name, value] : members) body[name] = value;
  const bool client =
      account.auth->kind == AuthKind::oauth2_code || account.auth->kind == AuthKind::oauth2_client;
  if (client && how.client_as_basic) {
    request.headers.push_back({"Authorization",
                               "Basic " + to_base64(percent_encode(field(account, 0)) + ":" +
                                                    percent_encode(field(account, 1))),
                               true});
  } else if (client) {
    body["client_id"] = field(account, 0);
    body["client_secret"] = field(account, 1);
  }
  if (!bearer.empty()) {
    request.headers.push_back({"Authorization", "Bearer " + bearer.reveal(), true});
  }
  if (how.method == "GET") {
    // Of a login alone, whose members are fields of the account.
    request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + form_of(body);
    request.headers.push_back({"Accept", "application/json", false});
    return request;
  }
  const bool form = how.body != BodyKind::json;
  request.headers.push_back(
      {"Content-Type", form ? "application/x-www-form-urlencoded" : "application/json", false});
  request.headers.push_back({"Accept", "application/json", false});
  request.body = form ? form_of(body) : compact_json(body);
  return request;
}

std::string client_name(const Account& account) {
  const std::string id = account.auth->fields.empty() ? "" : field(account, 0);
  return hash128_hex(account_identity(account) + "\n" + account.auth->name + "\n" + id);
}

}  // namespace triggerd
