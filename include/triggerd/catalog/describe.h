// Operations as text and JSON for `triggerd catalog` and the JSON Schema of triggers.yaml. Called
// by cli/ and config/.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "triggerd/catalog/catalog.h"

namespace triggerd {

// At least name, kind ("read"/"write"), method, path, with {param} placeholders as documented.
nlohmann::json describe_operation(const Operation& operation);
std::string describe_operation_text(const Operation& operation);
nlohmann::json param_json_schema(const Param& param);

}  // namespace triggerd
