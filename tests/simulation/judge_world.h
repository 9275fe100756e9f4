// The world at the end of a simulation against what the database knows of it, without what was
// shown in between: a second look that shares no reasoning with judge.cpp, which calls it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace triggerd::simulation {

// `now`: the app's time. Appends to `problems`.
void judge_world(std::vector<std::string>& problems, const World& world,
                 const std::string& database, std::int64_t now);

}  // namespace triggerd::simulation
