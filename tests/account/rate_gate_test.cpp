#include "triggerd/account/rate_gate.h"

#include <doctest/doctest.h>

using namespace triggerd;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// 2026-11-21 00:00 UTC.
constexpr std::int64_t kMidnightMs = 1'795'219'200'000;

RateHeaders usual_headers() {
  return {"X-RateLimit-Remaining", "X-RateLimit-Interval-Milliseconds",
          "X-RateLimit-Daily-Remaining", "X-RateLimit-Limit-Daily", "X-RateLimit-Reset"};
}

HttpReply reply_of(int status, std::vector<HttpHeader> headers = {}) {
  HttpReply reply;
  reply.status = status;
  reply.headers = std::move(headers);
  return reply;
}

// A gate with a clock of its own: noon of a day, moved by hand.
struct Gate {
  explicit Gate(std::vector<RateLimit> limits, std::int64_t concurrency = 0)
      : gate(limits, usual_headers(), concurrency) {}

  Millis wait(Claim claim = Claim::action, Priority priority = Priority::normal) const {
    return gate.wait_before_next(claim, priority, wall, now);
  }
  void request(Claim claim, HttpReply reply = reply_of(200)) {
    gate.started(claim, wall, now);
    gate.finished(reply, wall, now);
  }
  int requests_until_wait(Claim claim, int most = 1'000) {
    int count = 0;
    while (count < most && wait(claim) == Millis{0}) {
      request(claim);
      ++count;
    }
    return count;
  }
  void pass(Millis time) {
    wall += time;
    now += time;
  }

  WallTime wall = wall_from_ms(kMidnightMs + 12 * kHourMs);
  SteadyTime now{Millis{5'000}};
  RateGate gate;
};

RateLimit burst(std::int64_t requests, std::int64_t ms) { return {requests, Millis{ms}, true}; }
RateLimit daily(std::int64_t requests) { return {requests, Millis{kDayMs}, false}; }

}  // namespace

TEST_CASE(
    "a burst window lets its number of requests through and no more until the oldest leaves") {
  Gate gate({burst(100, 10'000)});
  CHECK(gate.requests_until_wait(Claim::action) == 100);
  CHECK(gate.wait() == Millis{10'000});
  gate.pass(Millis{9'999});
  CHECK(gate.wait() == Millis{1});
  gate.pass(Millis{1});
  CHECK(gate.wait() == Millis{0});
}

TEST_CASE("of two windows the one that asks for the longer wait decides") {
  Gate gate({burst(3, 1'000), burst(4, 60'000)});
  CHECK(gate.requests_until_wait(Claim::action) == 3);
  CHECK(gate.wait() == Millis{1'000});
  gate.pass(Millis{1'000});
  gate.request(Claim::action);
  CHECK(gate.wait() == Millis{59'000});
}

TEST_CASE("DSP-19 polls leave a fifth of the window to actions, and actions may use all of it") {
  Gate gate({burst(100, 10'000)});
  CHECK(gate.requests_until_wait(Claim::poll) == 80);
  CHECK(gate.wait(Claim::poll) == Millis{10'000});
  CHECK(gate.requests_until_wait(Claim::action) == 20);
}

TEST_CASE("DSP-19 what actions use of their reserve is not taken from polls") {
  Gate gate({burst(100, 10'000)});
  for (int i = 0; i < 20; ++i) gate.request(Claim::action);
  CHECK(gate.requests_until_wait(Claim::poll) == 80);
  CHECK(gate.wait(Claim::action) > Millis{0});
}

TEST_CASE("a limit of one request still lets polls go") {
  Gate gate({burst(1, 1'000)});
  CHECK(gate.requests_until_wait(Claim::poll) == 1);
  CHECK(gate.wait(Claim::poll) == Millis{1'000});
}

TEST_CASE("requests in flight are limited, and an abandoned one makes room") {
  Gate gate({}, 2);
  gate.gate.started(Claim::poll, gate.wall, gate.now);
  CHECK(gate.wait() == Millis{0});
  gate.gate.started(Claim::poll, gate.wall, gate.now);
  CHECK(gate.wait() == kConcurrencyWait);
  gate.gate.abandoned();
  CHECK(gate.wait() == Millis{0});
  CHECK(gate.gate.in_flight() == 1);
}

TEST_CASE("FET-14 nothing goes before a stated wait is over, and everything does after it") {
  for (const int status : {429, 503}) {
    CAPTURE(status);
    Gate gate({burst(100, 10'000)});
    gate.request(Claim::poll, reply_of(status, {{"Retry-After", "30", false}}));
    CHECK(gate.wait() == Millis{30'000});
    gate.pass(Millis{29'999});
    CHECK(gate.wait(Claim::poll) == Millis{1});
    gate.pass(Millis{1});
    CHECK(gate.wait(Claim::poll) == Millis{0});
  }
}

TEST_CASE("FET-14 a shorter wait that is stated later does not end a longer one") {
  Gate gate({burst(100, 10'000)});
  gate.request(Claim::poll, reply_of(429, {{"Retry-After", "30", false}}));
  gate.request(Claim::poll, reply_of(429, {{"Retry-After", "5", false}}));
  CHECK(gate.wait() == Millis{30'000});
}

TEST_CASE(
    "FET-14 without a stated wait one window is waited, doubled up to a minute, and a success "
    "resets") {
  Gate gate({burst(100, 10'000)});
  for (const std::int64_t wait : {10'000, 20'000, 40'000, 60'000, 60'000}) {
    gate.request(Claim::poll, reply_of(429));
    CHECK(gate.wait() == Millis{wait});
    gate.request(Claim::poll, reply_of(429));  // was already on its way: says nothing new
    CHECK(gate.wait() == Millis{wait});
    gate.pass(Millis{wait});
  }
  gate.request(Claim::poll);
  gate.request(Claim::poll, reply_of(429));
  CHECK(gate.wait() == Millis{10'000});
}

TEST_CASE("FET-14 the interval header and the reset header take the place of a stated wait") {
  Gate gate({burst(100, 10'000)});
  SUBCASE("interval") {
    const auto reply = reply_of(429, {{"X-RateLimit-Interval-Milliseconds", "2500", false}});
    gate.request(Claim::poll, reply);
    CHECK(gate.wait() == Millis{2'500});
  }
  SUBCASE("reset") {
    gate.request(Claim::poll, reply_of(429, {{"Date", "Sat, 21 Nov 2026 10:00:00 GMT", false},
                                             {"X-RateLimit-Reset", "1795255225", false}}));
    CHECK(gate.wait() == Millis{25'000});
  }
  SUBCASE("garbage in both") {
    gate.request(Claim::poll, reply_of(429, {{"X-RateLimit-Interval-Milliseconds", "-1", false},
                                             {"X-RateLimit-Reset", "tomorrow", false}}));
    CHECK(gate.wait() == Millis{10'000});
  }
}

TEST_CASE("a budget that others use up is followed, one that is larger than ours is not") {
  Gate gate({burst(100, 10'000)});
  gate.request(Claim::action, reply_of(200, {{"X-RateLimit-Remaining", "3", false}}));
  CHECK(gate.requests_until_wait(Claim::action) == 3);
  Gate other({burst(100, 10'000)});
  other.request(Claim::action, reply_of(200, {{"X-RateLimit-Remaining", "5000", false}}));
  CHECK(other.requests_until_wait(Claim::action) == 99);
}

TEST_CASE("SCH-13 the day's last request ends the day for all until midnight UTC") {
  Gate gate({daily(10)});
  CHECK(gate.requests_until_wait(Claim::action) == 10);
  CHECK(gate.wait() == Millis{12 * kHourMs});
  gate.pass(Millis{12 * kHourMs - 1});
  CHECK(gate.wait() == Millis{1'000});
  gate.pass(Millis{1});
  CHECK(gate.wait() == Millis{0});
  CHECK(gate.requests_until_wait(Claim::action) == 10);
}

TEST_CASE(
    "SCH-13 a 429 with nothing left of the day blocks until midnight, longer than any stated "
    "wait") {
  Gate gate({burst(100, 10'000), daily(200'000)});
  gate.request(Claim::poll, reply_of(429, {{"X-RateLimit-Daily-Remaining", "0", false},
                                           {"Retry-After", "60", false}}));
  CHECK(gate.wait() == Millis{12 * kHourMs});
  CHECK(gate.gate.state(gate.wall).blocked_reason == "daily quota used up");
}

TEST_CASE("SCH-13 as the day's quota sinks low priority stops first, and actions last") {
  // Noon, so half a day is to come: an even pace would leave 500.
  struct Row {
    const char* left;
    bool low, normal, high;
  };
  for (const Row& row : {Row{"500", true, true, true}, Row{"226", true, true, true},
                         Row{"225", false, true, true}, Row{"101", false, true, true},
                         Row{"100", false, false, true}, Row{"50", false, false, false}}) {
    CAPTURE(row.left);
    Gate gate({daily(1'000)});
    gate.request(Claim::poll, reply_of(200, {{"X-RateLimit-Daily-Remaining", row.left, false}}));
    CHECK((gate.wait(Claim::poll, Priority::low) == Millis{0}) == row.low);
    CHECK((gate.wait(Claim::poll, Priority::normal) == Millis{0}) == row.normal);
    CHECK((gate.wait(Claim::poll, Priority::high) == Millis{0}) == row.high);
    CHECK(gate.wait(Claim::action) == Millis{0});
  }
}

TEST_CASE(
    "SCH-13 a poll that was stopped goes again when less must be kept for the rest of the day") {
  Gate gate({daily(1'000)});
  gate.request(Claim::poll, reply_of(200, {{"X-RateLimit-Daily-Remaining", "50", false}}));
  const Millis wait = gate.wait(Claim::poll);
  CHECK(wait == Millis{6 * kHourMs});  // a fifth of 1000, times a quarter of the day, is 50
  gate.pass(wait + Millis{1});
  CHECK(gate.wait(Claim::poll) == Millis{0});
}

TEST_CASE("SCH-13 intervals are stretched evenly when today's pace would not last") {
  Gate gate({daily(1'000)});
  CHECK(gate.gate.stretch(Priority::normal, gate.wall) == 1);
  gate.request(Claim::poll, reply_of(200, {{"X-RateLimit-Daily-Remaining", "400", false}}));
  // 600 are gone at noon, so 600 more would be wanted; 400 less the reserve of 100 are there.
  CHECK(gate.gate.stretch(Priority::normal, gate.wall) == doctest::Approx(2));
  CHECK(gate.gate.stretch(Priority::low, gate.wall) == doctest::Approx(4));
  CHECK(gate.gate.stretch(Priority::high, gate.wall) == doctest::Approx(1.5));
  gate.request(Claim::poll, reply_of(200, {{"X-RateLimit-Daily-Remaining", "0", false}}));
  CHECK(gate.gate.stretch(Priority::normal, gate.wall) == kStretchMax);
}

TEST_CASE("a stated wait and the counts outlive a restart") {
  Gate before({burst(100, 10'000), daily(1'000)});
  for (int i = 0; i < 50; ++i) before.request(Claim::action);
  before.request(Claim::poll, reply_of(429, {{"Retry-After", "30", false}}));
  CHECK(before.gate.state_changed());
  CHECK_FALSE(before.gate.state_changed());
  const BudgetState kept = before.gate.state(before.wall);
  CHECK(kept.day_used == 51);

  Gate after({burst(100, 10'000), daily(1'000)});
  after.now = SteadyTime{Millis{77}};
  after.pass(Millis{4'000});
  after.gate.restore(kept, after.wall, after.now);
  CHECK(after.wait() == Millis{26'000});
  after.pass(Millis{26'000});
  CHECK(after.wait() == Millis{0});

  Gate soon({burst(100, 10'000)});
  soon.pass(Millis{4'000});
  BudgetState unblocked = kept;
  unblocked.blocked_until = WallTime{};
  soon.gate.restore(unblocked, soon.wall, soon.now);
  CHECK(soon.requests_until_wait(Claim::action) == 49);
}

TEST_CASE("SCH-01 SCH-02 a jump of the wall clock gives no second quota and no endless block") {
  Gate gate({daily(10)});
  for (int i = 0; i < 6; ++i) gate.request(Claim::action);
  gate.wall -= std::chrono::days(1);
  CHECK(gate.requests_until_wait(Claim::action) == 4);
  gate.wall = wall_from_ms(4'294'967'296'000);  // 2106
  CHECK(gate.wait() == Millis{0});

  BudgetState far_away;
  far_away.blocked_until = wall_from_ms(4'294'967'296'000);
  Gate restored({daily(10)});
  restored.gate.restore(far_away, restored.wall, restored.now);
  CHECK(restored.wait() == Millis{kDayMs});
}

TEST_CASE("DSP-19 a group's limit counts the group alone, the others count all") {
  RateLimit slow = burst(2, 10'000);
  slow.group = "slow";
  Gate gate({burst(10, 10'000), slow});
  const auto wait = [&](const std::string& group) {
    return gate.gate.wait_before_next(Claim::action, Priority::normal, gate.wall, gate.now, group);
  };
  const auto request = [&](const std::string& group) {
    gate.gate.started(Claim::action, gate.wall, gate.now, group);
    gate.gate.finished(reply_of(200), gate.wall, gate.now);
  };
  request("slow");
  CHECK(wait("slow") == Millis{0});
  gate.pass(Millis{1'000});
  request("slow");
  CHECK(wait("slow") == Millis{9'000});
  CHECK(wait("") == Millis{0});
  CHECK(wait("unknown") == Millis{0});
  for (int i = 0; i < 8; ++i) request("");
  CHECK(wait("") == Millis{9'000});
  gate.pass(Millis{9'000});
  CHECK(wait("slow") == Millis{0});
}

TEST_CASE("after a restart a group may have used all that was counted") {
  RateLimit slow = burst(2, 10'000);
  slow.group = "slow";
  Gate before({burst(10, 10'000), slow});
  for (int i = 0; i < 3; ++i) before.request(Claim::action);
  Gate after({burst(10, 10'000), slow});
  after.gate.restore(before.gate.state(before.wall), after.wall, after.now);
  CHECK(after.gate.group_wait(Claim::action, after.now, "slow") > Millis{0});
}
