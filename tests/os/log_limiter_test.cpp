#include "os/log_limiter.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("S-35 equal facts beyond a rate collapse into a count") {
  LogLimiter limiter;
  const SteadyTime start{Millis{1'000'000}};
  for (int i = 0; i < LogLimiter::kLinesMax; ++i) {
    CHECK(limiter.admit("poll failed", start + Millis{i}));
  }
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(limiter.admit("poll failed", start + Millis{100}));
  }
  CHECK(limiter.admit("other fact", start + Millis{100}));
  CHECK(limiter.over(start + LogLimiter::kSpan - Millis{1}).empty());
  const auto collapsed = limiter.over(start + LogLimiter::kSpan);
  REQUIRE(collapsed.size() == 1);
  CHECK(collapsed[0].fact == "poll failed");
  CHECK(collapsed[0].lines == 5);
  CHECK(limiter.admit("poll failed", start + LogLimiter::kSpan));
  CHECK(limiter.over(start + LogLimiter::kSpan).empty());
}
