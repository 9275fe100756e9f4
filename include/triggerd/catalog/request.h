// An operation and values for its parameters -> the request, without base URL and credentials. Used
// by poll/cycle (reads) and dispatch/render (writes). Pure; every value is encoded for its place
// here and nowhere else (S-17, S-26, S-28).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"

namespace triggerd {

// `values` is an object: parameter name -> value. An absent member takes the parameter's fallback;
// a member that is null is left out; a required one that is missing then is a failure. Values are
// brought to the declared type where nothing is lost ("5" for an integer, 5 for a text), else they
// are a failure. A list in a query repeats the parameter; a list or object in a path is refused.
// The URL is the path with query ("/contacts/?limit=20"); authorise_request() completes it.
Result<HttpRequest, std::string> build_request(const Operation& operation,
                                               const nlohmann::json& values);

// Checks one value against its parameter (type, choices, bounds); a sentence when it does not fit.
// Templates
// (`${{`) are not checked, since their type is known only per event.
std::string check_param_value(const Param& param, const nlohmann::json& value);

std::string percent_encode(std::string_view text);  // everything but unreserved characters

}  // namespace triggerd
