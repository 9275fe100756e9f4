// What a program of proofs did and found: counted while it runs, printed at its end, and written as
// one line of JSON behind the file that TRIGGERD_PROOF_LOG names, for scripts/prove to add up.
// Used by the simulation and by the tests of kills, limits and hostile answers. One thread.
#pragma once

#include <cstdint>
#include <string>

namespace triggerd::proof {

// A number from the environment: seeds, sizes, lengths.
std::int64_t setting(const char* variable, std::int64_t otherwise);

// Sums, which may be added over runs. `lost`, `invented` and `unlabelled` are told apart.
void count(const std::string& what, std::int64_t times = 1);
std::int64_t counted(const std::string& what);
// The seeds that this run used.
void note_seeds(std::int64_t first, std::int64_t last);
// Told on the screen and kept for the line. The bound is judged by the test itself.
void note_limit(const std::string& name, double value, const std::string& unit, double bound);
// A figure without a bound.
void note_figure(const std::string& name, double value, const std::string& unit);
// A story, or a part of one, whose means this machine or build refuses: not run is not passed.
void note_not_run(const std::string& what);

// `part`: "simulation", "kill"; `problems`: failed checks; `repeat`: what to type to see it again.
void write_line(const std::string& part, std::int64_t problems, double seconds,
                const std::string& repeat);

}  // namespace triggerd::proof
