// One number for how a trigger's pages are asked for, cut and compared. A stream row keeps it, so
// that an edit of configuration or connector, or another version of the program, has the next sweep
// read in full although the app still gives the same bytes. Called by engine/stream_table; pure.
#pragma once

#include <cstdint>

#include "triggerd/catalog/catalog.h"
#include "triggerd/config/config.h"
#include "triggerd/detect/detect.h"

namespace triggerd {

std::uint64_t reading_hash(const Trigger& trigger, const DetectRules& rules,
                           const Catalog& catalog);  // never 0

}  // namespace triggerd
