// Sets what triggerd stored against the truth log: each stream's detections against what the
// sandbox showed that stream.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "end_to_end/processes.h"
#include "end_to_end/truth.h"

namespace triggerd::end_to_end {

struct Comparison {
  std::vector<std::string> problems;     // one sentence each
  std::map<std::string, int> confirmed;  // detections by trigger that the truth log bears out
  int records = 0;                       // records looked at
};

// `routes`: the answer of the sandbox's /control/operations. Only for the plain configuration
// (plain_config.h). What is long missing must have been removed, so the world must have stood still
// for some polls.
Comparison compare_detections(const Truth& truth, const std::string& database, const json& routes);

}  // namespace triggerd::end_to_end
