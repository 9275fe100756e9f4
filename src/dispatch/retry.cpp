#include "triggerd/dispatch/retry.h"

#include <algorithm>
#include <cmath>

namespace triggerd {
namespace {

constexpr int kDoublingsMax = 40;  // far above any `max`; keeps the power of two in range

// Whether another try may be made at all.
bool may_try_again(const SendEnd& end, int attempts, const Retry& retry, Millis tried_for) {
  switch (end.end) {
    case SendClass::succeeded:
    case SendClass::gone:
      return false;
    case SendClass::permanent:
      return attempts < kPermanentAttempts && (retry.attempts == 0 || attempts < retry.attempts);
    case SendClass::transient:
    case SendClass::throttled:
    case SendClass::auth:
      return retry.attempts > 0 ? attempts < retry.attempts : tried_for < kRetryHorizon;
  }
  return false;
}

}  // namespace

std::optional<WallTime> next_attempt_at(const SendEnd& end, int attempts, const Retry& retry,
                                        WallTime first_attempt, WallTime now, double random) {
  if (!may_try_again(end, attempts, retry, now - first_attempt)) return std::nullopt;
  Millis base = retry.min;
  if (end.end == SendClass::auth) base = std::max(base, kAuthRetryMin);
  const int doublings = std::clamp(attempts - 1, 0, kDoublingsMax);
  const double grown = std::ldexp(static_cast<double>(base.count()), doublings);
  const Millis longest = std::max(retry.max, base);
  const double capped = std::min(grown, static_cast<double>(longest.count()));
  // Half of the wait is certain, half is chance: retries spread, and none comes at once.
  const auto wait = Millis{static_cast<std::int64_t>(capped / 2 + capped / 2 * random)};
  return now + std::max(wait, end.wait.value_or(Millis{0}));
}

}  // namespace triggerd
