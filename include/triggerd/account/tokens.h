// Tokens: keeps the accounts signed in whose tokens expire. Says which token requests are to be
// sent, takes their answers, puts the token of the moment into SignIn::now, and says which accounts
// have none and why. One exchange at a time per credential, in all processes; at half of a token's
// life, and when the app refuses it, but not again within kRefreshApart. Driven by the engine,
// which sends the requests. Never waits. Loop thread; time comes in as an argument.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

// A token that was asked for because of a refusal, and is refused although it is newer than this,
// is not what is wrong (AUT-07).
inline constexpr Millis kRefreshApart{10 * 60'000};

// How long before a sign-in ends by itself that is told (AUT-11).
inline constexpr Millis kSignInEndTold{30LL * 24 * 3600 * 1000};

struct TokenCall {
  std::string account;
  HttpRequest request;
  std::string budget = {};  // the account whose budget has counted it; empty: none
};

// May a request go with the token of this account, within its budget? Zero: it goes, and is
// counted. Otherwise how long to wait at least.
using TakeTurn = std::function<Millis(const std::string& account)>;

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
  // `take_turn` is asked before an agency's token asks for another; empty: it always may.
  std::vector<TokenCall> due(WallTime wall, SteadyTime now, bool draining,
                             const TakeTurn& take_turn = {});
  void answered(const std::string& account, const HttpReply& reply, WallTime wall, SteadyTime now);

  // The app refused a request that carried this token (LiveToken::number). True: there is another
  // one, or will be, and the request is worth repeating once the account's hold is over.
  bool refused(const std::string& account, std::int64_t number, SteadyTime now);

  // Since the last call.
  std::vector<TokenStanding> changed(SteadyTime now);
  std::optional<SteadyTime> next_wake() const { return wake_; }
  // Why the account has no token, as changed() last said; empty: it has, or will in a moment.
  std::string trouble_of(const std::string& account) const;
  // When an account must be signed in again unless it is renewed before, as far as that is known.
  std::map<std::string, WallTime> sign_in_ends() const;
  // No answer is awaited, and each that came is on the disk.
  bool settled() const;

 private:
  void open(const Account& account, WallTime wall, SteadyTime now);
  struct Moment {
    WallTime wall{};
    SteadyTime steady{};
    bool draining = false;
    const TakeTurn& take_turn;
  };
  std::optional<TokenCall> next_call(Credential& one, const Moment& now);
  std::optional<TokenCall> derived_call(Credential& one, const Moment& now);
  Credential* find(const std::string& account) const;

  const std::string directory_;
  std::shared_ptr<const Config> config_;
  std::map<std::string, std::unique_ptr<Credential>> credentials_;  // by account
  std::map<std::string, TokenStanding> told_;
  std::optional<SteadyTime> wake_;  // when due() has something to do
  bool moved_ = true;               // changed() has something to look at
};

}  // namespace triggerd
