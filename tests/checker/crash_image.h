// Judges the database that a crash would leave: it opens, keeps its own rules, and knows every
// attempt that has left. Called by the simulation at many points of each life.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checker/deliveries.h"

namespace triggerd::checker {

// Of `arrivals`, the first `count` had come when the image was made. Writes to the image: it is
// recovered as a start would. Problems, one sentence each; each names its invariant.
std::vector<std::string> check_crash_image(const std::string& database,
                                           const std::vector<Arrival>& arrivals, std::size_t count);

}  // namespace triggerd::checker
