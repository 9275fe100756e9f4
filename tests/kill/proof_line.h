// Sums over all stories of this program: what was done and what was found. Printed at the end, and
// written as one line of JSON behind the file that TRIGGERD_PROOF_LOG names. Used by fire.cpp and
// the stories.
#pragma once

#include <cstdint>
#include <string>

namespace triggerd::fire {

void count(const std::string& what, std::int64_t times = 1);
std::int64_t counted(const std::string& what);

// A story, or a part of one, whose means this machine or build refuses: printed, not passed.
void note_not_run(const std::string& what);

void note_limit(const std::string& name, double value, const std::string& unit, double bound);

// TRIGGERD_SEED and TRIGGERD_KILLS; without them, the short form.
std::uint32_t first_seed();
int kills_wanted(int otherwise);

}  // namespace triggerd::fire
