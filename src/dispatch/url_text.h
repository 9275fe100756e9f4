// The URL of a webhook: scheme, host and port are the operator's literal text; what an expression
// gives stands in path or query only, percent-encoded. Called by render_webhook and by dispatcher
// (which endpoint is it). Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/result.h"

namespace triggerd {

// "https://example.com:8443" of a URL, templates in its path or not; empty when it has no such
// beginning (another scheme, user information, a backslash, an expression in front of the path).
std::string url_origin(std::string_view url);

// The URL with every `${{ ... }}` replaced. `expressions` are the texts of its expressions in
// order, `value` gives the plain text of one by its number. A path segment that an expression makes
// empty, "." or ".." is a failure.
Result<std::string, std::string> fill_url(
    std::string_view written, const std::vector<std::string>& expressions,
    const std::function<Result<std::string, std::string>(std::size_t)>& value);

// Where the sandbox takes webhooks: <sandbox>/sink/<host><path and query>.
std::string sink_url(std::string_view sandbox, std::string_view url);

}  // namespace triggerd
