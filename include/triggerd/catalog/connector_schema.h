// The JSON Schema of connector files, for editors; `schema/connector.schema.json` is its text.
// Called by cli/schema. What it cannot say (pointers that name parameters, keys that belong to one
// kind) is checked when a file is loaded. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace triggerd {

nlohmann::json connector_json_schema();

}  // namespace triggerd
