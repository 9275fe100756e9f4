// What a configuration costs: requests per 10 s and per day and account, before it runs. Used by
// `triggerd check`, and by the schedule to know how many fan-out streams fit in a turn. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "triggerd/config/config.h"

namespace triggerd {

// Counts learned so far (from the database); absent ones are taken as 1 page and 0 parents.
struct StreamCounts {
  double pages_per_poll = 1;
  std::int64_t parents = 0;  // records that a parent trigger tracks for this account
};

struct TriggerCost {
  std::string trigger;
  std::int64_t streams = 0;   // fixed streams of this account
  bool in_turns = false;      // fan-out over a parent's records
  std::int64_t per_turn = 0;  // streams polled each turn (in_turns)
  Millis cover{0};            // promised: every stream polled at least once in this time
  double requests_per_day = 0;
};

struct AccountPlan {
  std::string account;
  double burst_requests = 0;  // highest expected per burst window
  double day_requests = 0;
  std::int64_t burst_limit = 0, day_limit = 0;  // 0: none
  Millis burst_window{0};
  std::vector<TriggerCost> triggers;
  std::vector<std::string> advice;  // "does not fit: raise `every` of hot-leads to 3m"
};

inline constexpr double kActionReserve = 0.2;  // share of each limit kept for actions

// counts: key is trigger id + "\n" + account name.
std::vector<AccountPlan> plan_budget(const Config& config,
                                     const std::map<std::string, StreamCounts>& counts);

}  // namespace triggerd
