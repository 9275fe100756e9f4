// One request and its answer, for commands that have nothing else to wait for.
#pragma once

#include "triggerd/http_client.h"

namespace triggerd {

// Waits for as long as the request's own deadline lasts, and a minute at most.
HttpReply one_answer(HttpClient& http, HttpRequest request);

}  // namespace triggerd
