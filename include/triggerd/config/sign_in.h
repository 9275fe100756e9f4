// SignIn: how an account gets its tokens, for the kinds of auth whose credentials are not sent as
// they are. Made by config/, moved to a sandbox by cli/; `now` is changed by account/tokens alone
// and read where a request is sent. Loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/secret.h"

namespace triggerd {

struct LiveToken {
  Secret access;            // empty: there is none
  std::int64_t number = 0;  // rises with each other one, so that a refusal is matched to its token
};

struct SignIn {
  TokenRequest request;       // the connector's; a sandbox puts its own addresses in
  std::string authorize_url;  // of oauth2_code
  std::vector<std::string> scopes;
  std::string redirect_uri;  // empty: a listener on this machine
  std::string agency;        // of derived: the account whose token asks
  // An authorization code that may be exchanged without a person. A sandbox gives one.
  Secret code;
  bool given = false;  // `now` was put in from outside and stays
  LiveToken now;
};

}  // namespace triggerd
