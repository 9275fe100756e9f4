// doctest's command line, and our own: --seed N [--seeds COUNT] [--steps M] runs these lives alone,
// prints what happened in them and every problem, and ends with 1 if there was one.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "checker/database_rules.h"
#include "proof/proof_line.h"
#include "simulation/simulation.h"

namespace {

namespace proof = triggerd::proof;
using triggerd::simulation::Outcome;
using triggerd::simulation::Simulation;

std::int64_t number_after(int count, char** words, const char* option, std::int64_t otherwise) {
  for (int i = 1; i + 1 < count; ++i) {
    if (std::strcmp(words[i], option) == 0) return std::strtoll(words[i + 1], nullptr, 10);
  }
  return otherwise;
}

// A problem that names several invariants counts for each.
void note_problem(const std::string& problem) {
  const std::string line = problem.substr(0, problem.find('\n'));
  const auto names = [&line](std::initializer_list<const char*> invariants) {
    for (const char* name : invariants) {
      const std::size_t at = line.rfind(name);
      if (at != std::string::npos && std::isdigit(line[at + std::strlen(name)]) == 0) return true;
    }
    return false;
  };
  if (names({"I4", "I5", "I9", "I11", "I19", "I20"})) proof::count("lost");
  if (names({"I3", "I7", "I10"})) proof::count("invented");
  if (names({"I13", "I14"})) proof::count("unlabelled");
}

void note_sums(const std::map<std::string, std::int64_t>& total, std::int64_t lives) {
  proof::count("lives", lives);
  for (const auto& [what, times] : total) {
    std::string name = what;
    std::replace(name.begin(), name.end(), ' ', '_');
    if (name != "problems") proof::count(name, times);
  }
}

int run_seeds(std::int64_t first, std::int64_t count, std::int64_t steps) {
  const auto begun = std::chrono::steady_clock::now();
  std::map<std::string, std::int64_t> total;
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    // A failed check ends the program: the last line then says in which life.
    std::fprintf(stderr, "%s\n", triggerd::simulation::command_of(number, steps).c_str());
    Simulation simulation(number, steps);
    const Outcome outcome = simulation.run();
    for (const auto& [what, times] : outcome.counts) total[what] += times;
    for (const std::string& problem : outcome.problems) note_problem(problem);
    if (!outcome.problems.empty()) {
      std::printf("%s: %s\n", triggerd::simulation::command_of(number, steps).c_str(),
                  triggerd::checker::joined(outcome.problems, 5).c_str());
    }
  }
  std::printf("lives: %lld\n", static_cast<long long>(count));
  note_sums(total, count);
  proof::note_seeds(first, first + count - 1);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  proof::write_line("simulation", total["problems"], took.count(),
                    "tests_simulation --seed " + std::to_string(first) + " --seeds " +
                        std::to_string(count) + " --steps " + std::to_string(steps));
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
