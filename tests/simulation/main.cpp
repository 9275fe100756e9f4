// doctest's command line, and our own: --seed N [--seeds COUNT] [--steps M] runs these lives alone,
// prints what happened in them and every problem, and ends with 1 if there was one.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "checker/database_rules.h"
#include "simulation/simulation.h"

namespace {

using triggerd::simulation::Outcome;
using triggerd::simulation::Simulation;

std::int64_t number_after(int count, char** words, const char* option, std::int64_t otherwise) {
  for (int i = 1; i + 1 < count; ++i) {
    if (std::strcmp(words[i], option) == 0) return std::strtoll(words[i + 1], nullptr, 10);
  }
  return otherwise;
}

int run_seeds(std::int64_t first, std::int64_t count, std::int64_t steps) {
  std::map<std::string, std::int64_t> total;
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    // A failed check ends the program: the last line then says in which life.
    std::fprintf(stderr, "%s\n", triggerd::simulation::command_of(number, steps).c_str());
    Simulation simulation(number, steps);
    const Outcome outcome = simulation.run();
    for (const auto& [what, times] : outcome.counts) total[what] += times;
    if (!outcome.problems.empty()) {
      std::printf("%s: %s\n", triggerd::simulation::command_of(number, steps).c_str(),
                  triggerd::checker::joined(outcome.problems, 5).c_str());
    }
  }
  std::printf("seeds: %lld\n", static_cast<long long>(count));
  for (const auto& [what, times] : total) {
    std::printf("%s: %lld\n", what.c_str(), static_cast<long long>(times));
  }
  return total["problems"] == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const std::int64_t seed = number_after(count, words, "--seed", 0);
  if (seed > 0) {
    return run_seeds(seed, number_after(count, words, "--seeds", 1),
                     number_after(count, words, "--steps", 200));
  }
  doctest::Context context(count, words);
  return context.run();
}
