// Access and refresh tokens of the sandbox: throw-away private integration tokens and OAuth pairs
// with rotation. Called under the sandbox's mutex by the control endpoint (issue), by the token
// route (exchange) and by every request (find). Tokens are random text and open nothing real.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "instant.h"
#include "random.h"

namespace triggerd::sandbox {

struct Grant {
  std::string location;  // empty for a company token
  std::string company;
  std::set<std::string> scopes;  // empty: all
  Millis expires_at = 0;         // 0: never
  std::string client = {};       // of an OAuth token

  bool is_company() const { return location.empty(); }
  const std::string& account() const { return is_company() ? company : location; }
};

struct OAuthPair {
  std::string access_token;
  std::string refresh_token;
  std::string client_id;
  std::string client_secret;
};

struct ExchangeReply {
  int status = 200;
  std::string body;  // JSON text
};

class Tokens {
 public:
  static constexpr Millis kAccessLife = 86'399 * kSecond;

  explicit Tokens(std::uint64_t seed) : seed_(seed), random_(seed) {}

  std::string issue(const Grant& grant);  // a private integration token
  // Its client is the same for each pair of one account, and in each sandbox with the same seed.
  OAuthPair issue_pair(const Grant& grant, Millis now);
  // An authorization code for a client, as after a person's consent; empty for an unknown client.
  std::string issue_code(const std::string& client_id);
  // A token of a location that the agency's token asks for; it has no refresh token.
  ExchangeReply issue_location(const Grant& agency, const std::string& location, Millis now);
  // Whether an agency's app is installed in the location; it is, until somebody says otherwise. Its
  // tokens end with that.
  bool is_installed(const std::string& location) const { return !uninstalled_.contains(location); }
  void set_installed(const std::string& location, bool installed);
  // Nothing for an unknown token; an expired one is found, its `expires_at` tells.
  const Grant* find(const std::string& token) const;
  // All that were given out for a location.
  std::vector<std::pair<std::string, const Grant*>> of_location(const std::string& location) const;

  // POST /oauth/token. A refresh token that is used twice ends everything that came from its first
  // pair, as servers do that follow RFC 9700. `form` holds the decoded form members.
  ExchangeReply exchange(const std::map<std::string, std::string>& form, Millis now);

 private:
  struct Client {
    std::string secret;
    Grant grant;
  };
  struct Refresh {
    std::string client_id;
    std::uint64_t family = 0;
    bool used = false;
  };
  ExchangeReply fresh_pair(const std::string& client_id, std::uint64_t family, Millis now);
  std::string add_access(const Grant& grant, std::uint64_t family, Millis now);
  std::string add_refresh(const std::string& client_id, std::uint64_t family);
  void revoke(std::uint64_t family);

  const std::uint64_t seed_;
  Random random_;
  std::uint64_t last_family_ = 0;
  std::map<std::string, std::uint64_t> families_;  // of access tokens
  std::map<std::string, Grant> access_;
  std::map<std::string, Refresh> refresh_;
  std::map<std::string, std::string> codes_;  // code -> client id
  std::map<std::string, Client> clients_;
  std::set<std::string> uninstalled_;  // locations
};

}  // namespace triggerd::sandbox
