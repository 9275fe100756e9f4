// What the database remembers of the configuration that ran last, in the form that
// config/reload.h compares with the next one. Read by the engine before it applies a file and by
// `triggerd check`, so that both come to the same verdict.
#pragma once

#include "triggerd/config/reload.h"
#include "triggerd/store/database.h"

namespace triggerd {

StoredConfig read_stored_config(Database& database);

}  // namespace triggerd
