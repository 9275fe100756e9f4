// Under which keys streams and the turn groups of fan-outs stand in the schedule. Used by the files
// of engine/poller; values only.
#pragma once

#include "engine/stream_table.h"
#include "triggerd/hash.h"
#include "triggerd/poll/schedule.h"

namespace triggerd {

// Schedule keys: a stream's own id, or this bit and a hash of a turn group's name, so that it keeps
// its place in time when the table is made anew.
inline constexpr ScheduleKey kGroupBit = ScheduleKey{1} << 62;

inline ScheduleKey key_of(StreamId id) { return static_cast<ScheduleKey>(id); }
inline ScheduleKey key_of_group(const TurnGroup& group) {
  return kGroupBit | (hash64(group.name) & (kGroupBit - 1));
}

}  // namespace triggerd
