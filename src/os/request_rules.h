// What a request must be like to be sent at all: where it may go, which headers it may carry. Asked
// by the HTTP client before anything leaves. Pure functions; URLs are taken apart by libcurl, which
// also opens the connection, so that both see the same host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "triggerd/http_client.h"

namespace triggerd {

// Why the request is not sent at all; nothing when it may be. No query and no header value is in
// it.
std::optional<std::string> refused_request(const HttpRequest& request);

// "https://host:port" of a request that was not refused.
std::string origin_of(const std::string& url);

bool is_token(std::string_view text);  // a header name or a method, RFC 9110
std::string lower_text(std::string_view text);

}  // namespace triggerd
