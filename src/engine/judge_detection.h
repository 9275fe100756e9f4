// The verdict on a detection: the trigger's filter, and whether it is our own write coming back.
// Called by page_step.cpp for each detection of a page; reads the database only.
#pragma once

#include "engine/stream.h"
#include "triggerd/detect/event.h"
#include "triggerd/store/database.h"
#include "triggerd/store/page_commit.h"

namespace triggerd {

DetectionRow judge_detection(Database& database, const EventPlace& place, const Stream& stream,
                             const Config& config, const Detection& detection);

}  // namespace triggerd
