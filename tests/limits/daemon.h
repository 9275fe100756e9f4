// `triggerd run` against an upstream of a test, an hour to the minute, with what a test asks of it.
// Used by the tests of limits that start the program.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/state_reader.h"
#include "end_to_end/processes.h"
#include "limits/measuring.h"

namespace triggerd::limits {

using end_to_end::Folder;
using end_to_end::Process;
using end_to_end::read_text;
using end_to_end::Wait;
using end_to_end::wait_until;

#if defined(TRIGGERD_PROGRAM_PLAIN)
constexpr bool kJudgesMemory = true;
#else
constexpr bool kJudgesMemory = false;  // sanitizers need several times as much
#endif

inline std::string trigger_text(const std::string& name, const std::string& operation,
                                const std::string& account, const std::string& more = "") {
  return "  " + name + ":\n    poll: highlevel." + operation + "\n    account: " + account +
         "\n    every: 1m\n    detect: [new, changed, removed]\n" + more +
         "    do: [{action: log, with: {message: seen}}]\n";
}

// `triggerd run` on one state directory, over kills.
class Daemon {
 public:
  Daemon(std::string upstream, const std::string& config) : upstream_(std::move(upstream)) {
    folder_.write("triggers.yaml", config);
    start();
  }

  void start() {
    running_.emplace(std::vector<std::string>{TRIGGERD_PROGRAM, "run", "-c",
                                              folder_.at("triggers.yaml"), "--sandbox", upstream_,
                                              "--speed", "60", "--state", folder_.at("state")},
                     folder_.at(""), folder_.at("triggerd.log"));
    REQUIRE_MESSAGE(wait_until(Wait{60'000}, [&] { return streams() > 0; }), log());
  }
  void kill() {
    running_->kill_hard();
    running_.reset();
  }
  int stop() {
    running_->signal(SIGTERM);
    return running_->wait(Wait{60'000}).value_or(-1);
  }
  std::string status() {
    const std::string output = folder_.at("status.txt");
    std::ofstream{output};
    Process asks({TRIGGERD_PROGRAM, "status", "-c", folder_.at("triggers.yaml"), "--state",
                  folder_.at("state"), "--json", "big"},
                 folder_.at(""), output);
    asks.wait(Wait{60'000});
    return read_text(output);
  }
  std::int64_t streams() { return number("SELECT count(*) FROM streams"); }
  std::int64_t number(const std::string& sql) { return checker::query_number(database(), sql); }
  std::string text(const std::string& sql) { return checker::query_text(database(), sql); }
  std::string database() const { return folder_.at("state/triggerd.db"); }
  std::string log() const { return read_text(folder_.at("triggerd.log")); }
  double memory(const std::string& which) const {
    const std::string lock = read_text(folder_.at("state/lock"));
    return lock.size() > 4 ? memory_mb(std::stoi(lock.substr(4)), which) : 0;
  }

 private:
  const std::string upstream_;
  Folder folder_;
  std::optional<Process> running_;
};

inline constexpr double kLongEnough = 3;  // seconds

// `gaps`: milliseconds between the polls of streams that are due each second, sorted. What lasts
// less than three of their intervals may end between two polls.
inline void note_lateness(const std::vector<double>& gaps, const std::string& when,
                          double lasted_seconds) {
  const bool long_enough = lasted_seconds >= kLongEnough;
  CHECK_MESSAGE((!gaps.empty() || !long_enough), "no small stream was polled " << when);
  if (gaps.empty() && !long_enough) note_not_run("lateness " + when + ": it was over too soon");
  if (gaps.empty()) return;
  note_figure("polls of small streams " + when, static_cast<double>(gaps.size()), "polls");
  note_figure("  interval of 1000 ms, median", gaps[gaps.size() / 2], "ms");
  note_figure("  p99", gaps[gaps.size() * 99 / 100], "ms");
  note_figure("  longest", gaps.back(), "ms");
}

}  // namespace triggerd::limits
