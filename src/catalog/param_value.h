// One value of a parameter: brought to its declared type, and as plain text for URL, header and
// form. Called by request.cpp; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "triggerd/catalog/operation.h"
#include "triggerd/result.h"

namespace triggerd {

std::string_view to_text(ParamType type);  // "text", "integer", ... as in connector files

// The value in the parameter's type, where nothing is lost by it; else what is wrong ("must be a
// whole number").
Result<nlohmann::json, std::string> to_param_type(const Param& param, nlohmann::json value);

// What is wrong with a value that to_param_type() gave: not one of the choices, beyond a bound;
// empty: nothing.
std::string check_sent_value(const Param& param, const nlohmann::json& typed);

}  // namespace triggerd
