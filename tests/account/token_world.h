// Tokens on a set clock beside a token endpoint, for the tests of their lives.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "account/signed_in.h"
#include "triggerd/account/tokens.h"

namespace triggerd::testing {

inline constexpr Millis kSecond{1'000}, kMinute{60'000}, kHour{3'600'000};

// Tokens and a token endpoint that rotates refresh tokens and revokes a family when one is used
// twice.
struct World {
  explicit World(const std::vector<Account>& accounts, bool signed_in = true)
      : config(accounts_of(accounts)), tokens(std::make_unique<Tokens>(folder.tokens())) {
    if (signed_in) {
      for (const Account& account : accounts) {
        if (account.auth->kind != AuthKind::oauth2_code) continue;
        store_pair(folder, account, account.name + "0", wall - Millis{3'600'000});
        good[account.name] = "rt-" + account.name + "0";
      }
    }
    tokens->follow(config, wall, now);
  }

  std::string refresh_token_in(const HttpRequest& request) const {
    const std::size_t at = request.body.find("&refresh_token=");
    return at == std::string::npos ? "" : request.body.substr(at + 15);
  }

  HttpReply answer(const TokenCall& call) {
    ++asked[call.account];
    sent.push_back(call.request);
    if (!script.empty()) {
      const HttpReply reply = script.front();
      script.erase(script.begin());
      if (committed) rotate(call.account);
      return reply;
    }
    const std::string used = refresh_token_in(call.request);
    if (!used.empty() && used != good[call.account]) {
      good[call.account] = "revoked";
      return kInvalidGrant;
    }
    return reply_of(200, pair_of(rotate(call.account), life));
  }
  std::string rotate(const std::string& account) {
    const std::string name = account + std::to_string(++given);
    good[account] = "rt-" + name;
    return name;
  }

  void turn() {
    for (const TokenCall& call : tokens->due(wall, now, false)) {
      tokens->answered(call.account, answer(call), wall, now);
    }
    for (const TokenStanding& one : tokens->changed(now)) standing[one.account] = one;
  }
  void pass(Millis duration, Millis step = kMinute) {
    for (Millis done{0}; done < duration; done += step) {
      wall += step;
      now += step;
      turn();
    }
  }
  void restart(Millis away = Millis{0}) {
    tokens.reset();
    wall += away;
    now += away;
    tokens = std::make_unique<Tokens>(folder.tokens());
    tokens->follow(config, wall, now);
    standing.clear();
    turn();
  }
  const LiveToken& live(const std::string& account) const {
    return config->account(account)->sign_in->now;
  }
  std::string access(const std::string& account) const { return live(account).access.reveal(); }

  TokenFolder folder;
  WallTime wall = *parse_iso8601("2026-03-01T09:30:00Z");
  SteadyTime now{Millis{1'000'000}};
  std::shared_ptr<const Config> config;
  std::unique_ptr<Tokens> tokens;
  std::map<std::string, std::string> good;  // the refresh token that holds
  std::map<std::string, int> asked;
  std::map<std::string, TokenStanding> standing;
  std::vector<HttpRequest> sent;
  std::vector<HttpReply> script;  // answered first
  bool committed = false;         // what is scripted was exchanged all the same
  int given = 0;
  std::int64_t life = 86'400;
};

}  // namespace triggerd::testing
