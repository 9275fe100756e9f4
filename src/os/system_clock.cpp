#include "os/system_clock.h"

#include "triggerd/check.h"

namespace triggerd {
namespace {

WallTime machine_wall() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

}  // namespace

SystemClock::SystemClock(double speed)
    : speed_(speed), start_wall_(machine_wall()), start_steady_(std::chrono::steady_clock::now()) {
  TRIGGERD_CHECK(speed > 0);
}

void SystemClock::set_wall(WallTime now) {
  start_wall_ = now - (steady() - std::chrono::floor<Millis>(start_steady_));
  is_set_ = true;
}

WallTime SystemClock::wall() const {
  if (speed_ == 1 && !is_set_) {
    return machine_wall();
  }
  return start_wall_ + (steady() - std::chrono::floor<Millis>(start_steady_));
}

SteadyTime SystemClock::steady() const {
  const auto now = std::chrono::steady_clock::now();
  if (speed_ == 1) {
    return std::chrono::floor<Millis>(now);
  }
  const std::chrono::duration<double, std::milli> scaled = (now - start_steady_) * speed_;
  return std::chrono::floor<Millis>(start_steady_) + std::chrono::floor<Millis>(scaled);
}

std::chrono::microseconds SystemClock::real(Millis duration) const {
  const std::chrono::duration<double, std::micro> shorter =
      std::chrono::duration<double, std::micro>(duration) / speed_;
  return std::chrono::ceil<std::chrono::microseconds>(shorter);
}

}  // namespace triggerd
