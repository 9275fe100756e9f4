// Standard Webhooks (standardwebhooks.com, specification 1.0.0): headers webhook-id,
// webhook-timestamp, webhook-signature over "id.timestamp.body" with HMAC-SHA256. Secrets are
// base64 with the prefix `whsec_`, or plain text. Called by dispatch/ for each attempt, over the
// very bytes that are sent. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "triggerd/http_client.h"
#include "triggerd/secret.h"
#include "triggerd/time.h"

namespace triggerd {

// "v1,<base64>". Several secrets (a space between them in the configuration) give several
// signatures, so that a receiver can change from one to the other.
std::string webhook_signature(std::string_view id, WallTime at, std::string_view body,
                              const Secret& secret);
// What keeps a secret from signing ("is not base64 behind whsec_"); empty: nothing.
std::string signing_problem(const Secret& secret);

// webhook-id, webhook-timestamp, webhook-signature (with a secret only), Idempotency-Key and
// X-Triggerd-Attempt.
std::vector<HttpHeader> webhook_headers(std::string_view id, WallTime at, std::string_view body,
                                        const Secret& secret, int attempt);

}  // namespace triggerd
