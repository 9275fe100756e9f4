// HighLevel's documented request limits, per location or company: 100 per 10 seconds and 200,000
// per day, on the sandbox clock. Called once per authorised request under the sandbox's mutex.
#pragma once

#include <map>
#include <string>

#include "instant.h"

namespace triggerd::sandbox {

struct RateVerdict {
  bool allowed = true;
  int remaining = 0;
  int daily_remaining = 0;
  Millis wait = 0;  // sandbox time until the next request may pass; 0 when allowed
};

class RateLimit {
 public:
  static constexpr int kBurstMax = 100;
  static constexpr Millis kBurstWindow = 10 * kSecond;
  static constexpr int kDailyMax = 200'000;

  RateVerdict take(const std::string& account, Millis now);

 private:
  struct Window {
    Millis start = 0;
    int used = 0;
    std::int64_t day = 0;
    int used_today = 0;
  };
  std::map<std::string, Window> windows_;
};

}  // namespace triggerd::sandbox
