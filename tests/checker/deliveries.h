// Sets what arrived at the receivers of events against the outbox of the database: every event
// there, each key with one body, no attempt that is not recorded, the events of a record in their
// order, and a cause for each repeat. Reads the database after the engine is gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace triggerd::checker {

// One request that arrived at a receiver.
struct Arrival {
  // Rises with the moments at which they were answered; alike for two between which nothing was
  // written down.
  std::int64_t seq = 0;
  std::string key;  // header webhook-id
  std::int64_t attempt = 0;
  std::string path, body;
  int status = 0;
  bool complete = false;          // the answer was sent whole
  bool may_be_repeated = true;    // the answer was no success, or may not have been noted
  bool may_be_overtaken = false;  // a request that a kill left on its way may come after its repeat
  bool accepted() const { return complete && status / 100 == 2; }
};

// Problems, one sentence each; each names its invariant.
std::vector<std::string> check_deliveries(const std::vector<Arrival>& arrivals,
                                          const std::string& database);

}  // namespace triggerd::checker
