// SystemClock: the clock of the running daemon. With a speed above 1 (`--speed`, sandbox only) both
// kinds of time run faster from the moment it is made; with 1 the wall time is the machine's at
// each reading, steps and all, unless it was set. Made by cli/, read by the engine. Any thread.
#pragma once

#include "triggerd/clock.h"

namespace triggerd {

class SystemClock : public Clock {
 public:
  explicit SystemClock(double speed = 1);  // above 0

  // Wall time goes on from `now`. For the sandbox, whose time runs on while this program is
  // stopped: without it each start would go back to the machine's time. Before anyone reads the
  // clock.
  void set_wall(WallTime now);

  WallTime wall() const override;
  SteadyTime steady() const override;
  std::chrono::microseconds real(Millis duration) const override;

 private:
  const double speed_;
  WallTime start_wall_;
  bool is_set_ = false;
  const std::chrono::steady_clock::time_point start_steady_;
};

}  // namespace triggerd
