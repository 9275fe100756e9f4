// What an answer of a token endpoint means (failure-modes AUT-06), and the request that leads to
// it. Used by account/tokens and by `auth login`. Pure. Reasons hold no secret.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

struct TokenGrant {
  Secret access;
  Secret refresh;              // empty: the answer brought none
  std::string scope;           // as the app says; empty: it does not
  std::optional<Millis> life;  // nothing: it is not known
};

enum class TokenVerdict {
  granted,
  lost,       // invalid_grant: neither this refresh token nor this code will ever work again
  refused,    // the client's id, secret or scopes: nothing helps but an edit
  temporary,  // asked in vain; the refresh token still holds
  not_sent,   // no byte of the request can have arrived
  unclear,    // it may have been exchanged, and the answer was lost or cannot be read
};
std::string_view to_text(TokenVerdict verdict);

struct TokenReply {
  TokenVerdict verdict = TokenVerdict::unclear;
  TokenGrant grant;            // of granted
  std::string reason;          // one line, of all others
  std::optional<Millis> wait;  // Retry-After
};

TokenReply read_token_reply(const HttpReply& reply, const Account& account);
// The token in a body that an app gave with a status of success; nothing when there is none.
std::optional<TokenGrant> read_grant(const TokenRequest& request, std::string_view body);

// Members of the request beside those of the connector: the grant type, a code, a refresh token.
using TokenMembers = std::vector<std::pair<std::string, std::string>>;

// `bearer`: the token of the account that asks, of kind derived. `keys`: what "{name}" may stand
// for besides the account's secrets and keys.
HttpRequest token_request(const Account& account, const TokenMembers& members,
                          const Secret& bearer = {},
                          const std::map<std::string, std::string>& keys = {});

// Names the client that a stored token belongs to; no secret.
std::string client_name(const Account& account);

}  // namespace triggerd
