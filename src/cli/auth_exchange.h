// The exchange of an authorization code for tokens, and a stored token as a row. For the commands
// `auth`; shares the store's lock with a running daemon and waits for it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "triggerd/account/token_store.h"
#include "triggerd/clock.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"

namespace triggerd {

struct CodeGiven {
  std::string code, redirect_uri, verifier;
};

struct AuthTrouble {
  int exit = 1;
  std::string what;
};

// Stores what the app gives; the row of token_row().
Result<nlohmann::json, AuthTrouble> exchange_code(const Account& account, TokenStore& store,
                                                  const CodeGiven& given, HttpClient& http,
                                                  const Clock& clock);

// state, valid_until, scopes, renewed, reason.
nlohmann::json token_row(const Account& account, const TokenState& state, WallTime now);

// Where the tokens of a state lie.
std::string tokens_directory(const std::string& state);

}  // namespace triggerd
