// Tokens: keeps the accounts signed in whose tokens expire. Says which token requests are to be
// sent, takes their answers, puts the token of the moment into SignIn::now, and says which accounts
// have none and why. One exchange at a time per credential, in all processes; at half of a token's
// life, and when the app refuses it, but not again within kRefreshApart. Driven by the engine,
// which sends the requests. Never waits. Loop thread; time comes in as an argument.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

// A token that is refused although it is newer than this is not what is wrong (AUT-07).
inline constexpr Millis kRefreshApart{10 * 60'000};

struct TokenCall {
  std::string account;
  HttpRequest request;
};

// What has changed for an account's requests.
struct TokenStanding {
  std::string account;
  Millis hold{0};      // zero: its requests may go
  std::string reason;  // why it cannot be used; empty: it can, or will in a moment
  bool operator==(const TokenStanding&) const = default;
};

struct Credential;

class Tokens {
 public:
  // `directory`: where tokens are kept; empty: accounts whose tokens must be kept cannot be used.
  explicit Tokens(std::string directory);
  ~Tokens();

  // A configuration is in force; what was known of its credentials stays known.
  void follow(std::shared_ptr<const Config> config, WallTime wall, SteadyTime now);
  // The requests to be sent now. With `draining`, only what is begun is brought to its end.
  std::vector<TokenCall> due(WallTime wall, SteadyTime now, bool draining);
  void answered(const std::string& account, const HttpReply& reply, WallTime wall, SteadyTime now);

  // The app refused a request that carried this token (LiveToken::number). True: there is another
  // one, or will be, and the request is worth repeating once the account's hold is over.
  bool refused(const std::string& account, std::int64_t number, SteadyTime now);

  // Since the last call.
  std::vector<TokenStanding> changed(SteadyTime now);
  std::optional<SteadyTime> next_wake() const { return wake_; }
  // No answer is awaited, and each that came is on the disk.
  bool settled() const;

 private:
  void open(const Account& account, WallTime wall, SteadyTime now);
  std::optional<TokenCall> next_call(Credential& one, WallTime wall, SteadyTime now, bool draining);
  std::optional<TokenCall> derived_call(Credential& one, SteadyTime now);
  Credential* find(const std::string& account) const;

  const std::string directory_;
  std::shared_ptr<const Config> config_;
  std::map<std::string, std::unique_ptr<Credential>> credentials_;  // by account
  std::map<std::string, TokenStanding> told_;
  std::optional<SteadyTime> wake_;  // when due() has something to do
  bool moved_ = true;               // changed() has something to look at
};

}  // namespace triggerd
