// Whether the app does what a walk for changes asks of it. One that ignores the order or the filter
// would be read as a whole with each poll, or hide what changed: such a walk ends, and a sweep
// takes its place. Called by engine/poller_take for each page that was read. Loop thread.
#pragma once

#include "engine/stream.h"
#include "triggerd/store/database.h"

namespace triggerd {

// May cut the walk, ask for a sweep (at most one per hour and stream) and say so in
// Stream::since_trouble.
void check_since(Database& database, Stream& stream, PageRead& read, WallTime now);

}  // namespace triggerd
