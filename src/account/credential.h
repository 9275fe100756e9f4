// One credential while the program runs: its token of the moment, the exchange in flight, and when
// the next one is due. The rules of AUT-01 to AUT-13 for one account; account/tokens holds them
// all. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "triggerd/account/token_store.h"
#include "triggerd/account/tokens.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {

struct Credential {
  enum class Phase { idle, asking, unsaved };

  Credential(std::shared_ptr<const Config> from, const Account& of, const std::string& directory);

  // What is on the disk, at the start. Finishes what a crash left.
  void open(WallTime wall, SteadyTime now);
  // The request for another token, where one can be asked for just now.
  std::optional<HttpRequest> begin(WallTime wall, SteadyTime now);
  void answered(const HttpReply& reply, WallTime wall, SteadyTime now);
  // An answer that could not be written is tried again.
  void save_again(WallTime wall, SteadyTime now);
  bool refused(std::int64_t number, SteadyTime now);
  // Without a token that holds: has somebody signed in meanwhile?
  void look_again(WallTime wall, SteadyTime now);

  bool usable(SteadyTime now) const;
  bool waits_for_person() const { return lost && phase == Phase::idle; }
  bool wants(SteadyTime now) const;
  bool is_kept() const { return store != nullptr; }
  bool same_as(const Account& other) const;
  TokenStanding standing(SteadyTime now) const;
  std::optional<SteadyTime> next_wake(SteadyTime now) const;
  // Puts the token into the account of another configuration.
  void move_to(std::shared_ptr<const Config> to, const Account& other);
  void adopt(TokenGrant grant, Millis age, SteadyTime now);

  std::shared_ptr<const Config> config;
  const Account* account;
  std::string client;
  std::unique_ptr<TokenStore> store;  // null: the token can be asked for anew at any time
  bool unkept = false;                // it would have to be kept, but there is no place

  TokenGrant grant;
  std::int64_t number = 0;      // of the token in `grant`; 0: there is none
  std::int64_t generation = 0;  // of the stored one
  std::optional<SteadyTime> ends{};
  std::optional<SteadyTime> refresh_at{};
  std::optional<SteadyTime> exchanged{};  // when the token was given
  bool app_refuses = false;               // the token, by a 401
  // It was asked for because the app had refused the one before; of a stored one that is not known.
  bool after_refusal = false;
  std::optional<WallTime> refresh_ends{};  // of the stored refresh token, while nobody uses it

  Phase phase = Phase::idle;
  bool wanted = false;
  bool lost = false;         // only a person can sign in again
  bool unreadable = false;   // because of the file
  bool maybe_ended = false;  // the token, by a wall clock that may be wrong
  bool leaving = false;
  bool sent_code = false;
  HttpReply unsaved;
  std::int64_t asked_with = 0;  // number of the parent's token, of derived
  SteadyTime not_before{};
  SteadyTime next_look{};
  int failures = 0;
  std::string trouble;

 private:
  std::optional<HttpRequest> begin_kept(WallTime wall, SteadyTime now);
  std::optional<HttpRequest> ask(const TokenState& state, WallTime wall, SteadyTime now);
  void settle(const HttpReply& reply, WallTime wall, SteadyTime now);
  void settle_granted(TokenReply reply, WallTime wall, SteadyTime now);
  void settle_lost(const TokenReply& reply, WallTime wall, SteadyTime now);
  bool adopt_stored(const TokenState& state, WallTime wall, SteadyTime now);
  void needs_person(const std::string& reason, SteadyTime now);
  void put_off(Millis first, Millis most, const TokenReply& reply, SteadyTime now);
  void cannot_write(const std::string& reason, SteadyTime now);
};

}  // namespace triggerd
