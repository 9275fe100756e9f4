#include "kill/proof_line.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace triggerd::fire {

namespace {

using nlohmann::json;

struct Sums {
  std::map<std::string, std::int64_t> counts;
  std::vector<std::string> not_run;
  json limits = json::array();
};

Sums& sums() {
  static Sums the_sums;
  return the_sums;
}

std::int64_t number_from(const char* variable, std::int64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

constexpr std::int64_t kSeed = 1;

// What the checker names by these invariants; all else counts among the problems alone.
constexpr const char* kOwnLines[] = {"lost", "invented", "unlabelled"};

class ProofLine : public doctest::IReporter {
 public:
  explicit ProofLine(const doctest::ContextOptions& options) : options_(options) {}

  void test_run_start() override { start_ = std::chrono::steady_clock::now(); }
  void test_case_start(const doctest::TestCaseData&) override { ++cases_; }
  void test_run_end(const doctest::TestRunStats& stats) override;

  void report_query(const doctest::QueryData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override { ++exceptions_; }
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  const doctest::ContextOptions& options_;
  std::chrono::steady_clock::time_point start_;
  int cases_ = 0, exceptions_ = 0;
};

REGISTER_LISTENER("proof_line", 1, ProofLine);

std::string repeat_command() {
  std::string command = "TRIGGERD_SEED=" + std::to_string(first_seed());
  if (const char* kills = std::getenv("TRIGGERD_KILLS")) {
    command += std::string(" TRIGGERD_KILLS=") + kills;
  }
  return command + " tests_kill";
}

void ProofLine::test_run_end(const doctest::TestRunStats& stats) {
  if (cases_ == 0 || options_.no_run) return;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
  std::map<std::string, std::int64_t>& counts = sums().counts;
  const std::int64_t seeds = std::max<std::int64_t>(counts["seeds"], 1);
  json line = {{"part", "kill"},
               {"seeds", {first_seed(), first_seed() + seeds - 1}},
               {"seconds", std::round(took.count() * 10) / 10},
               {"problems", stats.numAssertsFailed + exceptions_}};
  for (const char* name : kOwnLines) line[name] = counts[name];
  for (const auto& [name, times] : counts) {
    if (!line.contains(name) && name != "seeds") line["counts"][name] = times;
  }
  line["limits"] = sums().limits;
  line["not_run"] = sums().not_run;
  line["repeat"] = repeat_command();
  std::cout << "under fire: " << line.dump(2) << '\n';
  const std::int64_t points = counts["kill_points"];
  if (points > 0) {
    std::cout << static_cast<double>(points) / took.count() * 60 << " kill points a minute\n";
  }
  if (const char* file = std::getenv("TRIGGERD_PROOF_LOG")) {
    std::ofstream(file, std::ios::app) << line.dump() << '\n';
  }
}

}  // namespace

void count(const std::string& what, std::int64_t times) { sums().counts[what] += times; }

std::int64_t counted(const std::string& what) { return sums().counts[what]; }

void note_not_run(const std::string& what) {
  sums().not_run.push_back(what);
  std::cout << "not run: " << what << '\n';
}

void note_limit(const std::string& name, double value, const std::string& unit, double bound) {
  sums().limits.push_back({{"name", name}, {"value", value}, {"unit", unit}, {"bound", bound}});
}

std::uint32_t first_seed() {
  return static_cast<std::uint32_t>(number_from("TRIGGERD_SEED", kSeed));
}

int kills_wanted(int otherwise) {
  return static_cast<int>(number_from("TRIGGERD_KILLS", otherwise));
}

}  // namespace triggerd::fire
