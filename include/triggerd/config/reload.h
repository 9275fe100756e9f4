// Two configurations -> what a reload does. Pure; the engine carries it out. An edit that would
// change what a stream means is refused unless the trigger says `on_change` (failure-modes REL-04,
// REL-05).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

struct ReloadPlan {
  std::vector<std::string> added;  // trigger ids
  std::vector<std::string> removed;
  std::vector<std::string> rebaselined;  // `on_change: rebaseline` with a changed source
  std::vector<std::string> changed;      // anything else that differs
  std::vector<std::pair<std::string, std::string>> renamed;  // formerly -> id
  std::vector<Problem> refused;                              // then nothing is applied
};

// What was stored for a trigger, so that the same rule holds over a restart.
struct StoredTrigger {
  std::string id;
  std::string operation;
  std::string source_hash;
  std::vector<std::string> accounts = {};  // whose streams are stored, sorted; empty: none yet
};

// What was stored of the configuration before.
struct StoredConfig {
  std::vector<StoredTrigger> triggers;
  std::map<std::string, std::string> identities;  // account -> account_identity() of that time
};

ReloadPlan plan_reload(const StoredConfig& stored, const Config& next, const std::string& file);

}  // namespace triggerd
