// What an event says of the place where it was found: instance, trigger, account, fan-out item and
// the record above. Called by engine/page_step for each page; reads the parent's row. Loop thread.
#pragma once

#include "engine/stream.h"
#include "triggerd/detect/event.h"
#include "triggerd/store/database.h"

namespace triggerd {

EventPlace event_place(Database& database, const Stream& stream, WallTime now);

}  // namespace triggerd
