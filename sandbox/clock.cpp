#include "clock.h"

namespace triggerd::sandbox {

SandboxClock::SandboxClock(Millis start, double speed)
    : start_(start), speed_(speed), real_start_(std::chrono::steady_clock::now()) {}

Millis SandboxClock::now() const {
  const std::chrono::duration<double, std::milli> passed =
      std::chrono::steady_clock::now() - real_start_;
  return start_ + static_cast<Millis>(passed.count() * speed_) + advanced_.load();
}

void SandboxClock::advance(Millis by) { advanced_.fetch_add(by); }

Millis real_wall_time() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace triggerd::sandbox
