// For programs of doctest: writes the line when the run ends, however it ends. Linked in by
// programs that define what they are called and how they are repeated.
#include "proof/run_listener.h"

#include <doctest/doctest.h>

#include <chrono>

#include "proof/proof_line.h"

namespace triggerd::proof {

namespace {

class RunListener : public doctest::IReporter {
 public:
  explicit RunListener(const doctest::ContextOptions&) {}
  void test_run_start() override { start_ = std::chrono::steady_clock::now(); }
  void test_run_end(const doctest::TestRunStats& stats) override {
    if (stats.numTestCasesPassingFilters == 0) return;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
    write_line(part_name(), stats.numTestCasesFailed, took.count(), repeat_command());
  }
  void report_query(const doctest::QueryData&) override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::chrono::steady_clock::time_point start_;
};
REGISTER_LISTENER("proof line", 1, RunListener);

}  // namespace

}  // namespace triggerd::proof
