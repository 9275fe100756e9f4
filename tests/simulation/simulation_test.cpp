// The whole engine through many lives, each from a seed: what it detected and delivered must follow
// from what it was shown, whatever failed on the way.
#include "simulation/simulation.h"

#include <doctest/doctest.h>

#include "checker/database_rules.h"

namespace triggerd::simulation {
namespace {

constexpr std::int64_t kSteps = 120;

void check_seeds(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Simulation simulation(seed, kSteps);
    const Outcome outcome = simulation.run();
    CHECK_MESSAGE(outcome.problems.empty(), command_of(seed, kSteps), ": ",
                  checker::joined(outcome.problems, 5));
    CHECK(outcome.counts.at("detections") > 20);
    CHECK(outcome.counts.at("deliveries") > 20);
  }
}

TEST_CASE(
    "I1 to I15, I18 to I20: lives with faults, crashes, power cuts and edits, seeds 1 to 10") {
  check_seeds(1, 10);
}

}  // namespace
}  // namespace triggerd::simulation
