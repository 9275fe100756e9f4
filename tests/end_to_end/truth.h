// The sandbox's truth log as values: what it showed to whom, what changed in its world, what
// arrived at its sink. Reads the file format of sandbox/README.md; knows nothing of triggerd.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/deliveries.h"

namespace triggerd::end_to_end {

struct Shown {
  std::string id;
  std::string state;
};

// One answer of the API.
struct Answer {
  std::int64_t seq = 0;
  std::int64_t world = 0;  // the log's length when the answer was made
  std::string at;          // sandbox time, ISO 8601
  std::string operation, path;
  std::map<std::string, std::string> query;
  nlohmann::json body;
  int status = 0;
  bool complete = false;
  bool fault = false;
  std::string token;  // last letters; another one for each start of triggerd
  std::vector<Shown> shown;
};

struct Mutation {
  std::int64_t seq = 0;
  std::string collection, id, op;
  std::vector<std::string> changed;  // pointers
  bool flagged = false;              // the record says of itself that it is deleted
  nlohmann::json record;             // after it; before it when it is a delete
  std::string by;                    // operation of the API that made it; empty: none did
};

struct Truth {
  std::vector<Answer> answers;
  std::vector<Mutation> mutations;
  std::vector<checker::Arrival> arrivals;
};
Truth read_truth(const std::string& path);

// What the log calls a record's state.
std::string state_of(nlohmann::json record);

}  // namespace triggerd::end_to_end
