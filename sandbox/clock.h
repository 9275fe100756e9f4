// The clock of the sandbox: wall time that runs `speed` times as fast as real time from the start
// instant, and can be moved forward by hand. Everything the world stamps and limits reads it.
// Thread-safe. A speed of 0 stands still, for tests.
#pragma once

#include <atomic>
#include <chrono>

#include "instant.h"

namespace triggerd::sandbox {

class SandboxClock {
 public:
  SandboxClock(Millis start, double speed);

  Millis now() const;
  Millis start() const { return start_; }
  double speed() const { return speed_; }
  void advance(Millis by);

 private:
  const Millis start_;
  const double speed_;
  const std::chrono::steady_clock::time_point real_start_;
  std::atomic<Millis> advanced_{0};
};

// Real wall time, for the start instant of a program run.
Millis real_wall_time();

}  // namespace triggerd::sandbox
