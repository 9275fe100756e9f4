// Sorts the truth log's answers by triggerd's streams and turns them into sights of records. For
// the plain configuration. Used by comparison.cpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "checker/replay.h"
#include "end_to_end/processes.h"
#include "end_to_end/truth.h"

namespace triggerd::end_to_end {

using checker::ReplayRules;
using checker::Sight;

struct StoredStream {
  std::int64_t id = 0;
  std::string operation;
  json item;
  bool ended = false;
  bool made_by_event = false;  // it came with a record that the stream above it found new
};

// The answers of one stream in order.
using StreamAnswers = std::vector<const Answer*>;

struct Sorted {
  std::map<std::int64_t, StreamAnswers> by_stream;
  std::vector<std::string> problems;  // answers that belong to no stream
};
Sorted sort_answers(const Truth& truth, const std::vector<StoredStream>& streams,
                    const json& routes);

// What the log's mutations say about ids, over all collections.
struct Lives {
  std::set<std::string> made, deleted;
  std::vector<const Mutation*> all;
};
Lives lives_of(const Truth& truth);

struct RecordSights {
  std::vector<Sight> sights;
  std::map<std::string, std::string> same_as;  // states that differ in nothing that counts
};
// By the id of the truth log.
std::map<std::string, RecordSights> sights_of(const StoredStream& stream,
                                              const StreamAnswers& answers, const Lives& lives);

bool is_list(const std::string& operation);
// Operations that also confirm removals for another one.
bool confirms_others(const std::string& operation);

}  // namespace triggerd::end_to_end
