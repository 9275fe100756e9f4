#include "dispatch/endpoints.h"

#include <algorithm>
#include <cmath>

#include "triggerd/dispatch/dispatcher.h"

namespace triggerd {
namespace {

constexpr std::size_t kEndpointsMax = 4096;
constexpr double kTookMinMs = 1, kTookMaxMs = 30'000;
constexpr double kTookWeight = 0.2;

Millis failure_pause(int failures) {
  const int doublings = std::min(failures - kFailuresUntilPause, 6);
  return std::min(kFailurePauseMax, Millis{1000LL << doublings});
}

}  // namespace

std::optional<WallTime> Endpoints::put_off(const std::string& endpoint, WallTime now) {
  Endpoint& one = find(endpoint);
  if (now < one.paused_until) return behind_queue(one, one.paused_until, now);
  if (one.in_flight < one.allowed) return std::nullopt;
  const WallTime until = behind_queue(one, now, now);
  places_until_ = std::max(places_until_, until);
  return until;
}

WallTime Endpoints::put_off_by(const std::string& endpoint, Millis wait, WallTime now) {
  const WallTime until = behind_queue(find(endpoint), now + wait, now);
  if (wait <= kPutOffMax) places_until_ = std::max(places_until_, until);
  return until;
}

std::optional<WallTime> Endpoints::claim_retry(WallTime now) {
  const auto passed = std::clamp(now - retries_at_, Millis{0}, Millis{60'000});
  retries_at_ = now;
  retries_ += static_cast<double>(passed.count()) / 1000 * kRetriesPerSecond;
  retries_ = std::min(retries_, kRetriesSavedMax);
  if (retries_ >= 1) {
    retries_ -= 1;
    return std::nullopt;
  }
  const auto step = Millis{static_cast<std::int64_t>(1000 / kRetriesPerSecond)};
  retry_queue_end_ = std::max(retry_queue_end_, now) + step;
  if (retry_queue_end_ > now + kPutOffMax) retry_queue_end_ = now + step;
  return retry_queue_end_;
}

void Endpoints::started(const std::string& endpoint, bool first_attempt) {
  ++find(endpoint).in_flight;
  if (first_attempt) retries_ = std::min(retries_ + kRetriesPerSend, kRetriesSavedMax);
}

void Endpoints::ended(const std::string& endpoint, const SendEnd& end, Millis took, WallTime now) {
  Endpoint& one = find(endpoint);
  if (one.in_flight > 0) --one.in_flight;
  const double ms = std::clamp(static_cast<double>(took.count()), kTookMinMs, kTookMaxMs);
  one.took_ms += kTookWeight * (ms - one.took_ms);
  if (end.wait) one.paused_until = std::max(one.paused_until, now + *end.wait);
  switch (end.end) {
    case SendClass::succeeded:
      one.failures = 0;
      one.allowed = std::min(one.allowed + 1, kSendsPerEndpointMax);
      return;
    case SendClass::transient:
    case SendClass::throttled:
      one.allowed = std::max<std::size_t>(one.allowed / 2, 1);
      if (++one.failures >= kFailuresUntilPause) {
        one.paused_until = std::max(one.paused_until, now + failure_pause(one.failures));
      }
      return;
    case SendClass::gone:
      one.paused_until = std::max(one.paused_until, now + kGonePause);
      return;
    case SendClass::auth:
    case SendClass::permanent:
      // About this credential or this record; the endpoint is alive.
      one.failures = 0;
      return;
  }
}

void Endpoints::abandoned(const std::string& endpoint) {
  Endpoint& one = find(endpoint);
  if (one.in_flight > 0) --one.in_flight;
}

void Endpoints::forget_pauses() {
  for (auto& [name, one] : endpoints_) {
    one.paused_until = {};
    one.queue_end = {};
    one.failures = 0;
  }
}

Endpoints::Endpoint& Endpoints::find(const std::string& endpoint) {
  const auto found = endpoints_.find(endpoint);
  if (found != endpoints_.end()) return found->second;
  if (endpoints_.size() >= kEndpointsMax) drop_idle(retries_at_);
  Endpoint& one = endpoints_[endpoint];
  one.allowed = kSendsPerEndpointMax;
  return one;
}

WallTime Endpoints::behind_queue(Endpoint& endpoint, WallTime at, WallTime now) const {
  const double apart = std::ceil(endpoint.took_ms / static_cast<double>(endpoint.allowed));
  WallTime& end = endpoint.queue_end;
  // A queue that reaches too far starts again at its front: the estimate may have been wrong.
  if (end < at || end > std::max(at, now) + kPutOffMax) end = at;
  end += Millis{static_cast<std::int64_t>(apart)};
  return end;
}

void Endpoints::shift(Millis by) {
  for (auto& [name, endpoint] : endpoints_) {
    endpoint.paused_until += by;
    endpoint.queue_end += by;
  }
  places_until_ += by;
  retries_at_ += by;
  retry_queue_end_ += by;
}

void Endpoints::drop_idle(WallTime now) {
  std::erase_if(endpoints_, [&](const auto& entry) {
    return entry.second.in_flight == 0 && entry.second.paused_until <= now;
  });
}

}  // namespace triggerd
