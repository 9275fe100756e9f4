#include "triggerd/dispatch/retry.h"

#include <doctest/doctest.h>

namespace triggerd {
namespace {

const WallTime kStart = wall_from_ms(1'790'000'000'000);

SendEnd ended(SendClass end, std::optional<Millis> wait = {}) {
  SendEnd made;
  made.end = end;
  made.wait = wait;
  return made;
}

std::optional<Millis> wait_after(const SendEnd& end, int attempts, const Retry& retry = {},
                                 double random = 0, Millis tried_for = Millis{0}) {
  const WallTime now = kStart + tried_for;
  const auto next = next_attempt_at(end, attempts, retry, kStart, now, random);
  if (!next) return std::nullopt;
  return *next - now;
}

TEST_CASE("a transient end is tried again with growing waits, half of each by chance (DSP-03)") {
  const SendEnd end = ended(SendClass::transient);
  CHECK(wait_after(end, 1) == Millis{2'500});
  CHECK(wait_after(end, 1, {}, 0.999).value() < Millis{5'000});
  CHECK(wait_after(end, 2) == Millis{5'000});
  CHECK(wait_after(end, 5) == Millis{40'000});
  CHECK(wait_after(end, 60) == Millis{3 * 3600 * 1000});  // half of six hours
}

TEST_CASE("a transient end is tried for 72 hours and not once longer") {
  const SendEnd end = ended(SendClass::transient);
  CHECK(wait_after(end, 20, {}, 0, kRetryHorizon - Millis{1}).has_value());
  CHECK_FALSE(wait_after(end, 20, {}, 0, kRetryHorizon).has_value());
}

TEST_CASE("within 72 hours the waits leave room for at least a dozen tries") {
  Millis passed{0};
  int attempts = 0;
  while (attempts < 1000) {
    ++attempts;
    const auto wait = wait_after(ended(SendClass::transient), attempts, {}, 0.999, passed);
    if (!wait) break;
    passed += *wait;
  }
  CHECK(passed >= kRetryHorizon);
  CHECK(attempts >= 12);
  CHECK(attempts <= 40);
}

TEST_CASE("`retry.attempts` takes the place of the horizon") {
  const Retry four{.attempts = 4, .min = Millis{1000}, .max = Millis{4000}};
  const SendEnd end = ended(SendClass::transient);
  CHECK(wait_after(end, 3, four, 0, kRetryHorizon * 2) == Millis{2000});
  CHECK_FALSE(wait_after(end, 4, four).has_value());
}

TEST_CASE("a permanent end is tried three times, or less when the step says so (DSP-07)") {
  const SendEnd end = ended(SendClass::permanent);
  CHECK(wait_after(end, 2).has_value());
  CHECK_FALSE(wait_after(end, 3).has_value());
  CHECK_FALSE(wait_after(end, 1, Retry{.attempts = 1}).has_value());
  CHECK_FALSE(wait_after(end, 3, Retry{.attempts = 10}).has_value());
}

TEST_CASE("a wait that the other side stated is kept to the end (DSP-09)") {
  CHECK(wait_after(ended(SendClass::throttled, Millis{90'000}), 1, {}, 0.999) == Millis{90'000});
  // A short one never makes the wait shorter than our own.
  CHECK(wait_after(ended(SendClass::transient, Millis{1}), 5) == Millis{40'000});
}

TEST_CASE("a refused credential is tried again, but slowly (DSP-07)") {
  CHECK(wait_after(ended(SendClass::auth), 1) == Millis{30'000});
}

TEST_CASE("what is gone or done is not tried again (DSP-08)") {
  CHECK_FALSE(wait_after(ended(SendClass::gone), 1).has_value());
  CHECK_FALSE(wait_after(ended(SendClass::succeeded), 1).has_value());
}

}  // namespace
}  // namespace triggerd
