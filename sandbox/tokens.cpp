#include "tokens.h"

#include <nlohmann/json.hpp>

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

ExchangeReply refused(int status, const std::string& error, const std::string& description) {
  return {status, json{{"error", error}, {"error_description", description}}.dump()};
}

std::string scope_text(const std::set<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

std::string member(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

}  // namespace

std::string Tokens::issue(const Grant& grant) {
  std::string token = "pit-" + random_.uuid();
  access_[token] = grant;
  access_[token].expires_at = 0;
  return token;
}

OAuthPair Tokens::issue_pair(const Grant& grant, Millis now) {
  Random own(seed_from(seed_, "client " + grant.account()));
  OAuthPair pair;
  pair.client_id = own.hex(24) + "-" + own.hex(8);
  pair.client_secret = own.uuid();
  Grant granted = grant;
  granted.client = pair.client_id;
  clients_[pair.client_id] = {pair.client_secret, granted};
  const std::uint64_t family = ++last_family_;
  pair.access_token = add_access(granted, family, now);
  pair.refresh_token = add_refresh(pair.client_id, family);
  return pair;
}

std::string Tokens::issue_code(const std::string& client_id) {
  if (!clients_.contains(client_id)) return "";
  std::string code = random_.hex(40);
  codes_[code] = client_id;
  return code;
}

ExchangeReply Tokens::issue_location(const Grant& agency, const std::string& location, Millis now) {
  Grant grant = agency;
  grant.location = location;
  const json body = {{"access_token", add_access(grant, 0, now)},
                     {"token_type", "Bearer"},
                     {"expires_in", kAccessLife / kSecond},
                     {"scope", scope_text(grant.scopes)},
                     {"userType", "Location"},
                     {"companyId", grant.company},
                     {"userId", "usr" + grant.client.substr(0, 17)},
                     {"locationId", location}};
  return {201, body.dump()};
}

void Tokens::set_installed(const std::string& location, bool installed) {
  if (installed) {
    uninstalled_.erase(location);
    return;
  }
  uninstalled_.insert(location);
  std::erase_if(access_, [&](const auto& one) {
    return one.second.location == location && !one.second.client.empty();
  });
}

std::vector<std::pair<std::string, const Grant*>> Tokens::of_location(
    const std::string& location) const {
  std::vector<std::pair<std::string, const Grant*>> found;
  for (const auto& [token, grant] : access_) {
    if (grant.location == location) found.emplace_back(token, &grant);
  }
  return found;
}

const Grant* Tokens::find(const std::string& token) const {
  const auto found = access_.find(token);
  return found == access_.end() ? nullptr : &found->second;
}

std::string Tokens::add_access(const Grant& grant, std::uint64_t family, Millis now) {
  std::string token = "at-" + random_.id(40);
  access_[token] = grant;
  access_[token].expires_at = now + kAccessLife;
  if (family != 0) families_[token] = family;
  return token;
}

std::string Tokens::add_refresh(const std::string& client_id, std::uint64_t family) {
  std::string token = "rt-" + random_.id(40);
  refresh_[token] = {client_id, family, false};
  return token;
}

void Tokens::revoke(std::uint64_t family) {
  std::erase_if(refresh_, [&](const auto& one) { return one.second.family == family; });
  std::erase_if(families_, [&](const auto& one) {
    if (one.second != family) return false;
    access_.erase(one.first);
    return true;
  });
}

ExchangeReply Tokens::exchange(const std::map<std::string, std::string>& form, Millis now) {
  const std::string client_id = member(form, "client_id");
  const auto client = clients_.find(client_id);
  if (client == clients_.end() || client->second.secret != member(form, "client_secret")) {
    return refused(401, "invalid_client", "Invalid client: client credentials are invalid");
  }
  const std::string type = member(form, "grant_type");
  if (type == "authorization_code") {
    const auto code = codes_.find(member(form, "code"));
    if (code == codes_.end() || code->second != client_id) {
      return refused(400, "invalid_grant", "Invalid grant: authorization code is invalid");
    }
    codes_.erase(code);
    return fresh_pair(client_id, ++last_family_, now);
  }
  if (type == "refresh_token") {
    const auto old = refresh_.find(member(form, "refresh_token"));
    if (old == refresh_.end() || old->second.used || old->second.client_id != client_id) {
      if (old != refresh_.end() && old->second.used) revoke(old->second.family);
      return refused(400, "invalid_grant", "Invalid grant: refresh token is invalid");
    }
    old->second.used = true;
    return fresh_pair(client_id, old->second.family, now);
  }
  return refused(400, "unsupported_grant_type", "Unsupported grant type: grant_type is invalid");
}

ExchangeReply Tokens::fresh_pair(const std::string& client_id, std::uint64_t family, Millis now) {
  const Grant grant = clients_[client_id].grant;
  const std::string refresh = add_refresh(client_id, family);
  json body = {{"access_token", add_access(grant, family, now)},
               {"token_type", "Bearer"},
               {"expires_in", kAccessLife / kSecond},
               {"refresh_token", refresh},
               {"scope", scope_text(grant.scopes)},
               {"userType", grant.is_company() ? "Company" : "Location"},
               {"companyId", grant.company},
               {"userId", "usr" + client_id.substr(0, 17)}};
  if (!grant.is_company()) body["locationId"] = grant.location;
  return {200, body.dump()};
}

}  // namespace triggerd::sandbox
