// What may be deleted, in small steps that ride along with other commits: finished runs and events
// beyond `retention.events`, bodies (records, requests, answers) of finished ones beyond
// `retention.bodies`, tombstones beyond their life. Waiting, held and dead ones stay. Called by
// engine/ between turns.
#pragma once

#include "triggerd/config/config.h"
#include "triggerd/store/database.h"

namespace triggerd {

// Deletes at most `most` rows; returns how many, so that the caller knows whether to go on.
std::int64_t delete_expired(Database& database, const EngineSettings& settings, WallTime now,
                            std::int64_t most);

}  // namespace triggerd
