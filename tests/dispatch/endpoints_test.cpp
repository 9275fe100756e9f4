#include "dispatch/endpoints.h"

#include <doctest/doctest.h>

#include "triggerd/dispatch/dispatcher.h"

namespace triggerd {
namespace {

const WallTime kNow = wall_from_ms(1'790'000'000'000);
const std::string kSlow = "https://slow.example", kFine = "https://fine.example";

SendEnd ended(SendClass end, std::optional<Millis> wait = {}) {
  SendEnd made;
  made.end = end;
  made.wait = wait;
  return made;
}

TEST_CASE("one endpoint takes at most its share; the others go on (DSP-09)") {
  Endpoints endpoints;
  for (std::size_t i = 0; i < kSendsPerEndpointMax; ++i) {
    REQUIRE_FALSE(endpoints.put_off(kSlow, kNow).has_value());
    endpoints.started(kSlow, true);
  }
  CHECK(endpoints.put_off(kSlow, kNow).has_value());
  CHECK_FALSE(endpoints.put_off(kFine, kNow).has_value());
  endpoints.ended(kSlow, ended(SendClass::succeeded), Millis{5}, kNow);
  CHECK_FALSE(endpoints.put_off(kSlow, kNow).has_value());
}

TEST_CASE("a stated wait is kept to the millisecond, for that endpoint alone (DSP-09)") {
  Endpoints endpoints;
  endpoints.started(kSlow, true);
  endpoints.ended(kSlow, ended(SendClass::throttled, Millis{30'000}), Millis{5}, kNow);
  CHECK(endpoints.put_off(kSlow, kNow).value() >= kNow + Millis{30'000});
  CHECK(endpoints.put_off(kSlow, kNow + Millis{29'999}).has_value());
  CHECK_FALSE(endpoints.put_off(kSlow, kNow + Millis{30'000}).has_value());
  CHECK_FALSE(endpoints.put_off(kFine, kNow).has_value());
}

TEST_CASE("runs that wait for one endpoint are put off one behind the other (DSP-10)") {
  Endpoints endpoints;
  endpoints.started(kSlow, true);
  endpoints.ended(kSlow, ended(SendClass::throttled, Millis{30'000}), Millis{8'000}, kNow);
  const WallTime first = *endpoints.put_off(kSlow, kNow);
  const WallTime second = *endpoints.put_off(kSlow, kNow);
  CHECK(second > first);
  for (int i = 0; i < 10'000; ++i) {
    CHECK(*endpoints.put_off(kSlow, kNow) <= kNow + Millis{30'000} + kPutOffMax + Millis{8'000});
  }
}

TEST_CASE("an endpoint that keeps failing is probed with one send and growing pauses (DSP-10)") {
  Endpoints endpoints;
  WallTime now = kNow;
  for (int i = 0; i < kFailuresUntilPause; ++i) {
    CHECK_FALSE(endpoints.put_off(kSlow, now).has_value());
    endpoints.started(kSlow, true);
    endpoints.ended(kSlow, ended(SendClass::transient), Millis{1}, now);
  }
  CHECK(endpoints.put_off(kSlow, now).has_value());
  now += Millis{1000};
  REQUIRE_FALSE(endpoints.put_off(kSlow, now).has_value());
  endpoints.started(kSlow, false);
  CHECK(endpoints.put_off(kSlow, now).has_value());  // the probe is alone
  endpoints.ended(kSlow, ended(SendClass::transient), Millis{1}, now);
  CHECK(endpoints.put_off(kSlow, now + Millis{1999}).has_value());
  // Back again: one success more, one send more.
  now += Millis{2000};
  endpoints.started(kSlow, false);
  endpoints.ended(kSlow, ended(SendClass::succeeded), Millis{1}, now);
  endpoints.started(kSlow, false);
  CHECK_FALSE(endpoints.put_off(kSlow, now).has_value());
  endpoints.started(kSlow, false);
  CHECK(endpoints.put_off(kSlow, now).has_value());
}

TEST_CASE("an endpoint that is gone is left alone for an hour, or until a reload (DSP-08)") {
  Endpoints endpoints;
  endpoints.started(kSlow, true);
  endpoints.ended(kSlow, ended(SendClass::gone), Millis{1}, kNow);
  CHECK(endpoints.put_off(kSlow, kNow + kGonePause - Millis{1}).has_value());
  CHECK_FALSE(endpoints.put_off(kSlow, kNow + kGonePause).has_value());
  endpoints.forget_pauses();
  CHECK_FALSE(endpoints.put_off(kSlow, kNow).has_value());
}

TEST_CASE("a refusal of one record leaves the endpoint open for the others (DSP-12)") {
  Endpoints endpoints;
  for (int i = 0; i < 50; ++i) {
    endpoints.started(kSlow, true);
    endpoints.ended(kSlow, ended(SendClass::permanent), Millis{1}, kNow);
  }
  CHECK_FALSE(endpoints.put_off(kSlow, kNow).has_value());
}

TEST_CASE("retries are limited to a tenth of the sends above a floor of five a second (DSP-23)") {
  Endpoints endpoints;
  const auto drain = [&](WallTime now) {
    int claimed = 0;
    while (!endpoints.claim_retry(now).has_value() && claimed < 1000) ++claimed;
    return claimed;
  };
  drain(kNow);  // what was saved up
  CHECK(drain(kNow) == 0);
  CHECK(drain(kNow + Millis{1000}) == 5);
  for (int i = 0; i < 200; ++i) {
    endpoints.started(kFine, true);
    endpoints.ended(kFine, ended(SendClass::succeeded), Millis{1}, kNow);
  }
  CHECK(drain(kNow + Millis{1000}) == 20);
  // A retry adds nothing to the budget, however many there are.
  for (int i = 0; i < 200; ++i) endpoints.started(kFine, false);
  CHECK(drain(kNow + Millis{1000}) == 0);
  // Those without a token are spread over the next seconds, not sent back to the same instant.
  const WallTime first = *endpoints.claim_retry(kNow + Millis{1000});
  CHECK(*endpoints.claim_retry(kNow + Millis{1000}) > first);
}

TEST_CASE("a send that never left gives its place back") {
  Endpoints endpoints;
  for (std::size_t i = 0; i < kSendsPerEndpointMax; ++i) endpoints.started(kSlow, true);
  endpoints.abandoned(kSlow);
  CHECK_FALSE(endpoints.put_off(kSlow, kNow).has_value());
}

}  // namespace
}  // namespace triggerd
