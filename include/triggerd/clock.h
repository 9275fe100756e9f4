// SEAM: the clock. Read only by engine/engine.cpp and cli/; everything below takes `now` as an
// argument. Implementations: os/system_clock.h (scaled by --speed) and engine/set_clock.h (moved by
// hand).
#pragma once

#include "triggerd/time.h"

namespace triggerd {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
  // How long a wait of `duration` on this clock lasts for sockets and processes (shorter with
  // --speed).
  virtual std::chrono::microseconds real(Millis duration) const = 0;
};

}  // namespace triggerd
