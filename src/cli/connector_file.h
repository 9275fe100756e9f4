// The connector file that a command is about. Used by the commands `connector`; knows no state.
#pragma once

#include <vector>

#include "triggerd/catalog/catalog.h"

namespace triggerd {

// The connectors that the user's files describe or correct; those of the program are left out.
// `load.catalog` must be there; `path` is where they were read from.
std::vector<const Connector*> connectors_in(const CatalogLoad& load, const std::string& path);

}  // namespace triggerd
