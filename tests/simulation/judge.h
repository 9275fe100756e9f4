// The end of a simulation: sets what the streams were shown against what the database says was
// detected, and the database against what arrived. Tells the story of each record that does not
// fit. Reads the database after the engine is gone.
#pragma once

#include <string>
#include <vector>

#include "simulation/observer.h"
#include "simulation/receiver.h"
#include "simulation/world.h"

namespace triggerd::simulation {

struct Verdicts {
  std::vector<std::string> problems;
  std::int64_t records = 0, detections = 0;
};

struct Quiet {
  std::int64_t now = 0;  // its end, of the app
  std::int64_t minutes = 0;
};
Verdicts judge(const Observer& observer, const World& world, const Receiver& receiver,
               const std::string& database, const Quiet& quiet);

}  // namespace triggerd::simulation
