// What must hold in any database of triggerd at rest: integrity, numbering without gaps, one run
// per event. Knows nothing of what was polled.
#pragma once

#include <string>
#include <vector>

namespace triggerd::checker {

// Problems, one sentence each; each names its invariant.
std::vector<std::string> check_database(const std::string& database);

std::string joined(const std::vector<std::string>& lines, std::size_t most = 20);

}  // namespace triggerd::checker
