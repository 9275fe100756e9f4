// Finished events once more: each gets a new event and run, with keys of its own, so that a
// receiver takes it for what it is: asked for anew. The event's object says which one it repeats
// (.event.replay_of). Called by engine/operator_command inside its transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/store/database.h"

namespace triggerd {

// One call looks at so many events and makes so many runs at most, since the loop waits for it.
inline constexpr std::int64_t kReplayLookedAtMax = 20'000;
inline constexpr std::int64_t kReplayRunsMax = 500;

struct ReplayWish {
  std::string trigger;
  std::string event_id;           // this one alone; empty: all finished ones
  std::optional<WallTime> since;  // detected then or later
  std::int64_t after = 0;         // where the call before ended
  std::int64_t until = 0;         // newest event when the first call was made; 0: this is it
  std::string steps_hash;         // today's steps, which the new runs walk
  std::vector<std::string> step_ids;
  bool ordered = true;
};

struct ReplayDone {
  std::int64_t runs = 0;
  std::int64_t without_body = 0;  // of which nothing is left to be sent
  std::int64_t after = 0, until = 0;
  bool more = false;
};

ReplayDone replay_events(Database& database, const ReplayWish& wish, WallTime now);

// The state of an event's run and its trigger; nothing when there is no such event.
struct EventState {
  std::string trigger, state;
};
std::optional<EventState> event_state(Database& database, const std::string& event_id);

}  // namespace triggerd
