// Sets what triggerd stored and sent against the truth log: each stream's detections against what
// the sandbox showed that stream, and each event against what arrived at the sink.
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

// Every event that is not held or dead arrived; each key with one body, attempt 1 at most once, no
// attempt that is not recorded; the events of a record in their order. Problems, one sentence each.
std::vector<std::string> compare_deliveries(const Truth& truth, const std::string& database);

// What must hold in any database at rest: integrity, numbering without gaps, one run per event.
std::vector<std::string> check_database(const std::string& database);

std::string joined(const std::vector<std::string>& lines, std::size_t most = 20);

}  // namespace triggerd::end_to_end
