// The JSON Schema of triggers.yaml for editors, made from the tables that the checker uses and from
// the catalog. Printed by `triggerd schema`; schema/triggers.schema.json is compared with it by a
// test.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "triggerd/catalog/catalog.h"

namespace triggerd {

nlohmann::json triggers_json_schema(const Catalog& catalog);

}  // namespace triggerd
