// The whole engine through many lives, each from a seed: what it detected and delivered must follow
// from what it was shown, whatever failed on the way.
#include "simulation/simulation.h"

#include <doctest/doctest.h>

#include "checker/database_rules.h"

namespace triggerd::simulation {
namespace {

constexpr std::int64_t kSteps = 120;

void check_life(std::uint64_t seed, std::int64_t steps) {
  INFO(command_of(seed, steps));  // also when a failed check ends the program
  Simulation simulation(seed, steps);
  const Outcome outcome = simulation.run();
  CHECK_MESSAGE(outcome.problems.empty(), command_of(seed, steps), ": ",
                checker::joined(outcome.problems, 5));
  CHECK(outcome.counts.at("detections") > 20);
  CHECK(outcome.counts.at("deliveries") > 20);
}

TEST_CASE(
    "COM-01, COM-02, COM-16, I1 to I15, I19, I20: lives with faults, crashes, power cuts and "
    "edits") {
  for (const std::uint64_t seed : {1, 2, 3, 5, 6, 7}) check_life(seed, kSteps);
}

TEST_CASE("a life in which many records change at once") { check_life(4, kSteps / 5); }

TEST_CASE("P13: the checker notices a disk that forgets what it was told to keep") {
  Simulation simulation(1, kSteps);
  simulation.lying_disk = true;
  CHECK_FALSE(simulation.run().problems.empty());
}

TEST_CASE("a life is the same each time, so that its seed is enough to see it again") {
  const Outcome one = Simulation(3, 40).run();
  const Outcome other = Simulation(3, 40).run();
  CHECK(one.counts == other.counts);
  CHECK(one.counts.at("requests") > 100);
}

}  // namespace
}  // namespace triggerd::simulation
