// A clock that is moved by hand, for tests and scenarios: time passes only when it is told to.
#pragma once

#include "triggerd/clock.h"

namespace triggerd {

class SetClock : public Clock {
 public:
  explicit SetClock(WallTime start) : wall_(start) {}
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  std::chrono::microseconds real(Millis) const override { return std::chrono::microseconds{0}; }
  void pass(Millis duration) {
    wall_ += duration;
    steady_ += duration;
  }
  // The wall clock alone is stepped, as by NTP or an operator.
  void step_wall(Millis by) { wall_ += by; }

 private:
  WallTime wall_;
  SteadyTime steady_{Millis{1'000'000}};
};

}  // namespace triggerd
