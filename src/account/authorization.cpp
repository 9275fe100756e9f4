#include "triggerd/account/authorization.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

bool has_header(const HttpRequest& request, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HttpHeader& header) {
    return std::equal(header.name.begin(), header.name.end(), name.begin(), name.end(), same);
  });
}

// The secret behind the n-th field of the rule; the configuration was refused without it.
const std::string& secret_at(const Account& account, std::size_t index) {
  static const std::string none;
  const AuthRule& rule = *account.auth;
  if (index >= rule.fields.size()) return none;
  const auto found = account.secrets.find(rule.fields[index]);
  return found == account.secrets.end() ? none : found->second.reveal();
}

std::string bearer_prefix(const AuthRule& rule) {
  return rule.prefix.empty() ? "Bearer " : rule.prefix;
}

void add_to_body(HttpRequest& request, const AuthRule& rule, const std::string& secret,
                 BodyKind kind) {
  if (kind == BodyKind::form) {
    request.body += (request.body.empty() ? "" : "&") + percent_encode(rule.body_at.substr(1)) +
                    "=" + percent_encode(secret);
    return;
  }
  // Without parameters of its own the request has no body yet.
  const bool empty = request.body.empty();
  if (empty) request.headers.push_back({"Content-Type", "application/json", false});
  Result<nlohmann::json, JsonProblem> body = parse_json(empty ? "{}" : request.body);
  if (body && set_at(*body, rule.body_at, secret)) request.body = compact_json(*body);
}

void add_credentials(HttpRequest& request, const Account& account, BodyKind body) {
  const AuthRule& rule = *account.auth;
  const std::string header = rule.header.empty() ? "Authorization" : rule.header;
  switch (rule.kind) {
    case AuthKind::none:
      return;
    case AuthKind::basic:
      request.headers.push_back(
          {header, "Basic " + to_base64(secret_at(account, 0) + ":" + secret_at(account, 1)),
           true});
      return;
    case AuthKind::bearer:
      request.headers.push_back({header, bearer_prefix(rule) + secret_at(account, 0), true});
      return;
    case AuthKind::header_key:
      request.headers.push_back({header, rule.prefix + secret_at(account, 0), true});
      return;
    case AuthKind::oauth2_code:
    case AuthKind::oauth2_client:
    case AuthKind::login:
    case AuthKind::derived:
      // Without one, the app says so; the gate lets hardly any such request pass.
      if (account.sign_in == nullptr || account.sign_in->now.access.empty()) return;
      request.headers.push_back(
          {header, bearer_prefix(rule) + account.sign_in->now.access.reveal(), true});
      return;
    case AuthKind::body_key:
      return add_to_body(request, rule, secret_at(account, 0), body);
    case AuthKind::query_key:
      request.url += request.url.find('?') == std::string::npos ? '?' : '&';
      request.url += percent_encode(rule.query) + "=" + percent_encode(secret_at(account, 0));
      return;
  }
}

}  // namespace

void authorise_request(HttpRequest& request, const Account& account, const Operation& operation) {
  std::string url = account.base_url;
  while (url.ends_with('/')) url.pop_back();
  if (!request.url.starts_with('/')) url += '/';
  request.url = url + request.url;
  for (const auto& [name, value] : operation.headers) {
    if (!has_header(request, name)) request.headers.push_back({name, value, false});
  }
  if (account.auth != nullptr) {
    add_credentials(request, account, operation.body);
    for (const auto& [header, field] : account.auth->also) {
      const auto secret = account.secrets.find(field);
      if (secret == account.secrets.end()) continue;
      request.headers.push_back({header, secret->second.reveal(), true});
    }
  }
  request.pool = account.pool;
}

}  // namespace triggerd
