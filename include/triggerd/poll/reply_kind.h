// What an HTTP answer means, before anyone looks for records. Used by poll/cycle and by dispatch
// for steps of operations. Pure. Order: transport failure, the operation's error rules, the
// connector's, the status.
#pragma once

#include <optional>
#include <string>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

enum class ReplyKind {
  page,            // 2xx with a body to read
  not_modified,    // 304 to a conditional request
  absent,          // the app says that the object does not exist
  throttled,       // 429, or what the connector calls so
  unauthorised,    // 401: the credential is not accepted
  refused,         // permanent for this configuration: 400, 403, 404, 405, 410, 422 ...
  transient,       // network, 408, 425, 5xx
  not_understood,  // 2xx that is no answer of this operation: HTML, cut JSON, missing members
};
std::string_view to_text(ReplyKind kind);

struct ReplyMeaning {
  ReplyKind kind = ReplyKind::not_understood;
  std::string reason;          // one line, redacted, at most 512 bytes; empty for page
  std::optional<Millis> wait;  // Retry-After, when stated
};

ReplyMeaning read_reply(const HttpReply& reply, const Operation& operation,
                        const Connector& connector);

}  // namespace triggerd
