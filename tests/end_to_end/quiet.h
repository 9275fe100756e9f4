// A sandbox that lives and a daemon on all 55 plain triggers; and the quiet phase at the end, after
// which everything that was shown must have been detected and delivered. Used by the life and kill
// tests.
#pragma once

#include <optional>

#include "end_to_end/processes.h"

namespace triggerd::end_to_end {

class LivingScene {
 public:
  LivingScene(const SandboxOptions& options, Wait life_most);

  // Until every stream has had its baseline.
  void wait_for_baselines();
  // Until the world has changed so many times, or fails.
  void wait_for_changes(std::int64_t changes);
  std::int64_t changes() const;
  void kill_and_restart();
  // The world stands still, faults are off: until each stream was polled some times more and
  // nothing waits.
  void become_quiet();
  // SIGTERM; its exit code.
  int stop();
  // Nothing missed, nothing invented, nothing twice; every trigger polled.
  void check_everything() const;

  const Sandbox& sandbox() const { return sandbox_; }
  const Triggerd& daemon() const { return daemon_; }

 private:
  std::string what_waits(std::int64_t polls_wanted) const;
  void wait_for_quiet() const;

  const Folder folder_;
  const Sandbox sandbox_;
  Triggerd daemon_;
  std::optional<Process> running_;
  const Wait most_;
};

}  // namespace triggerd::end_to_end
