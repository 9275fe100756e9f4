// How many runs are in which state, for monitoring. Each count stops at a bound, since the loop
// waits for it. Called by engine/ every few seconds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "triggerd/store/database.h"

namespace triggerd {

inline constexpr std::int64_t kRunsCountedMax = 200'000;    // of each state
inline constexpr std::int64_t kRunsTakenApartMax = 20'000;  // of held and dead ones, by stream

struct RunsOfTrigger {
  std::string trigger, account, state;  // held or dead
  std::int64_t runs = 0;
};

struct RunCounts {
  std::int64_t open = 0, waiting = 0, held = 0, dead = 0;
  std::vector<RunsOfTrigger> needing_attention;  // sorted by trigger and account
};
RunCounts count_runs(Database& database);

}  // namespace triggerd
