#include "rate_limit.h"

namespace triggerd::sandbox {

RateVerdict RateLimit::take(const std::string& account, Millis now) {
  Window& window = windows_[account];
  if (now - window.start >= kBurstWindow) {
    window.start = now;
    window.used = 0;
  }
  if (day_number(now) != window.day) {
    window.day = day_number(now);
    window.used_today = 0;
  }
  RateVerdict verdict;
  if (window.used_today >= kDailyMax) {
    verdict.allowed = false;
    verdict.wait = (window.day + 1) * kDay - now;
  } else if (window.used >= kBurstMax) {
    verdict.allowed = false;
    verdict.wait = window.start + kBurstWindow - now;
  } else {
    ++window.used;
    ++window.used_today;
  }
  verdict.remaining = kBurstMax - window.used;
  verdict.daily_remaining = kDailyMax - window.used_today;
  return verdict;
}

}  // namespace triggerd::sandbox
