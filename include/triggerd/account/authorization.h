// Completes a request with base URL, fixed headers and the account's credentials; the only place
// that reads a Secret for HTTP. Called by engine/ for polls and by dispatch/ for steps, right
// before sending.
#pragma once

#include "triggerd/config/config.h"
#include "triggerd/http_client.h"

namespace triggerd {

// request.url is a path with query, as made by build_request(); becomes absolute.
void authorise_request(HttpRequest& request, const Account& account, const Operation& operation);

}  // namespace triggerd
