// What is kept of one record, taken away: remembered values, bodies of events, requests and answers
// of steps, odd records. Its fingerprint and numbers stay, so that it does not fire again. Called
// by engine/operator_command inside its transaction, and by cli/ for what there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "triggerd/store/database.h"

namespace triggerd {

struct Forgotten {
  std::int64_t records = 0;    // whose remembered values went, one for each stream
  std::int64_t events = 0;     // whose bodies went
  std::int64_t dropped = 0;    // of them, not finished: nothing of them is sent any more
  std::int64_t odd = 0;        // odd records
  std::int64_t in_flight = 0;  // being sent at this moment: nothing of them went
};

// `trigger` empty: in all of them.
Forgotten forget_record(Database& database, const std::string& key, const std::string& trigger,
                        WallTime now);

// The triggers that know a record of this key; sorted.
std::vector<std::string> triggers_knowing(Database& database, const std::string& key);

}  // namespace triggerd
