#include "triggerd/poll/schedule.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "triggerd/hash.h"

using namespace triggerd;

namespace {

constexpr Millis kMinute{60'000};
const WallTime kWall = wall_from_ms(1'795'219'200'000 + 12'345);
const SteadyTime kStart{Millis{777'000}};

// A schedule with a clock that is moved by hand; one wall moment stays one steady moment.
struct Clocked {
  Schedule schedule{42};
  SteadyTime now = kStart;

  WallTime wall() const { return kWall + (now - kStart); }
  void add(ScheduleKey key, Millis every, std::optional<WallTime> last, Millis offset = Millis{0}) {
    schedule.add(key, every, offset, wall(), now, last);
  }
  std::vector<ScheduleKey> due() { return schedule.take_due(now, 1'000'000); }
  // Moves to the next due moment and takes what is due then.
  std::vector<ScheduleKey> next() {
    now = std::max(now, *schedule.next_due());
    return due();
  }
  std::int64_t until(ScheduleKey key) const { return (schedule.promised(key) - now).count(); }
};

}  // namespace

TEST_CASE("a stream polls at the same place of each interval, before and after a restart") {
  const Millis offset = stable_offset("hot-leads/dental", kMinute);
  CHECK(offset == stable_offset("hot-leads/dental", kMinute));
  CHECK(offset >= Millis{0});
  CHECK(offset < kMinute);
  Clocked one;
  one.add(1, kMinute, one.wall(), offset);
  const WallTime first = one.wall() + Millis{one.until(1)};
  CHECK(epoch_ms(first) % kMinute.count() == offset.count());

  Clocked restarted;
  restarted.now += Millis{20'000};
  restarted.add(1, kMinute, one.wall(), offset);
  const WallTime again = restarted.wall() + Millis{restarted.until(1)};
  CHECK(epoch_ms(again) % kMinute.count() == offset.count());
}

TEST_CASE("SCH-08 offsets of many streams spread evenly over the interval") {
  std::vector<int> tenths(10, 0);
  for (int i = 0; i < 10'000; ++i) {
    const Millis offset = stable_offset("stream-" + std::to_string(i), kMinute);
    ++tenths[static_cast<std::size_t>(offset / (kMinute / 10))];
  }
  for (const int count : tenths) {
    CHECK(count > 850);
    CHECK(count < 1'150);
  }
}

TEST_CASE("after a success a stream is due at the next point of its phase") {
  Clocked clock;
  clock.add(1, kMinute, clock.wall() - Millis{30'000}, Millis{0});
  REQUIRE(clock.next() == std::vector<ScheduleKey>{1});
  CHECK(epoch_ms(clock.wall()) % kMinute.count() == 0);
  clock.now += Millis{300};
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.until(1) == 59'700);
}

TEST_CASE(
    "SCH-07 a poll longer than its interval never overlaps itself, and missed turns are one") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  REQUIRE(clock.next().size() == 1);
  clock.now += kMinute * 3 + Millis{5'000};
  CHECK(clock.due().empty());
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.due().empty());
  CHECK(clock.until(1) > 0);
  CHECK(clock.until(1) <= kMinute.count());
  CHECK(clock.next().size() == 1);
}

TEST_CASE("SCH-04 a long stop costs one poll per stream") {
  Clocked clock;
  clock.add(1, kMinute, clock.wall());
  clock.now += Millis{10 * 3'600'000};
  CHECK(clock.due() == std::vector<ScheduleKey>{1});
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.due().empty());
}

TEST_CASE("SCH-08 downtime costs one catch-up poll per stream, spread and not all at once") {
  Clocked clock;
  const Millis every{5 * 60'000};
  for (ScheduleKey key = 0; key < 600; ++key) {
    clock.add(key, every, clock.wall() - Millis{86'400'000},
              stable_offset(std::to_string(key), every));
  }
  int most = 0;
  int sum = 0;
  for (int second = 0; second < 60; ++second) {
    clock.now += Millis{1'000};
    const int count = static_cast<int>(clock.due().size());
    most = std::max(most, count);
    sum += count;
  }
  CHECK(sum == 600);
  CHECK(most < 40);
}

TEST_CASE("SCH-08 a few new streams poll within a second, thousands do not come at once") {
  Clocked few;
  for (ScheduleKey key = 0; key < 5; ++key) few.add(key, kMinute, std::nullopt);
  few.now += Millis{1'000};
  CHECK(few.due().size() == 5);

  Clocked many;
  const Millis every{5 * 60'000};
  for (ScheduleKey key = 0; key < 30'000; ++key) many.add(key, every, std::nullopt);
  many.now += Millis{1'000};
  CHECK(many.due().size() < 5'000);
  many.now += Millis{60'000};
  many.due();
  CHECK_FALSE(many.schedule.next_due());
}

TEST_CASE(
    "SCH-01 SCH-02 the wall clock is read once; a last poll in its future is one of this moment") {
  for (const WallTime last :
       {kWall + Millis{1'000}, kWall + std::chrono::days(365), wall_from_ms(4'294'967'296'000)}) {
    Clocked clock;
    clock.add(1, kMinute, last);
    CHECK(clock.until(1) >= kMinute.count() / 2);
    CHECK(clock.until(1) < kMinute.count() * 3 / 2);
  }
  for (const std::int64_t ms : {0LL, (1LL << 31) * 1'000 - 1, (1LL << 31) * 1'000,
                                (1LL << 32) * 1'000, -62'135'596'800'000LL}) {
    CAPTURE(ms);
    Schedule schedule(1);
    schedule.add(1, kMinute, Millis{100}, wall_from_ms(ms), kStart, wall_from_ms(ms));
    CHECK(schedule.promised(1) >= kStart + kMinute / 2);
    CHECK(schedule.promised(1) < kStart + kMinute * 3 / 2);
  }
}

TEST_CASE("SCH-12 edges of narrow counters are ordinary moments") {
  for (const std::int64_t ms :
       {(1LL << 31) - 5'000, (1LL << 32) - 5'000, 9'223'372'036'854LL - 5'000}) {
    CAPTURE(ms);
    Clocked clock;
    clock.now = SteadyTime{Millis{ms}};
    clock.schedule.add(1, kMinute, Millis{0}, kWall, clock.now, kWall);
    for (int turn = 0; turn < 3; ++turn) {
      const SteadyTime before = clock.now;
      REQUIRE(clock.next().size() == 1);
      CHECK(clock.now - before <= kMinute * 2);
      clock.schedule.succeeded(1, clock.now, 1);
    }
  }
}

TEST_CASE("SCH-10 no stream starts twice within half its interval, whatever is asked for") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  REQUIRE(clock.next().size() == 1);
  const SteadyTime started = clock.now;
  SUBCASE("success") { clock.schedule.succeeded(1, clock.now, 1); }
  SUBCASE("failure") { clock.schedule.failed(1, clock.now, std::nullopt); }
  SUBCASE("a changed interval") {
    clock.schedule.succeeded(1, clock.now, 1);
    clock.schedule.change_interval(1, kMinute, Millis{1}, clock.wall(), clock.now);
  }
  CHECK(clock.schedule.promised(1) >= started + kMinute / 2);
  clock.now = started + kMinute / 2 - Millis{1};
  CHECK(clock.due().empty());
}

TEST_CASE("SCH-10 a restart keeps the floor too") {
  for (int ago = 0; ago < 60'000; ago += 777) {
    Clocked clock;
    clock.add(1, kMinute, clock.wall() - Millis{ago}, Millis{12'400});
    CHECK(clock.until(1) + ago >= 30'000);
  }
}

TEST_CASE("SCH-11 failures back off up to a quarter of an hour, and the first success resets") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  int polls = 0;
  const SteadyTime end = clock.now + Millis{24 * 3'600'000};
  while (*clock.schedule.next_due() < end) {
    REQUIRE(clock.next().size() == 1);
    ++polls;
    const SteadyTime due = clock.schedule.failed(1, clock.now, std::nullopt);
    CHECK(due - clock.now <= kBackoffMax);
  }
  CHECK(polls < 300);  // 1440 at full pace
  CHECK(polls > 90);
  CHECK(clock.schedule.failures(1) == polls);
  REQUIRE(clock.next().size() == 1);
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.schedule.failures(1) == 0);
  CHECK(clock.until(1) <= kMinute.count() * 3 / 2);
}

TEST_CASE("SCH-11 the back-off has full jitter between its floor and its doubled bound") {
  CHECK(backoff(1, kMinute, kBackoffMax, 0) == kBackoffMin);
  CHECK(backoff(1, kMinute, kBackoffMax, 0.5) == kMinute);
  CHECK(backoff(2, kMinute, kBackoffMax, 0.5) == kMinute * 2);
  CHECK(backoff(3, kMinute, kBackoffMax, 0.5) == kMinute * 4);
  CHECK(backoff(4, kMinute, kBackoffMax, 0.5) == kBackoffMax / 2);
  CHECK(backoff(2'000'000'000, kMinute, kBackoffMax, 1) == kBackoffMax);
  CHECK(backoff(-1, Millis::max(), kBackoffMax, 1) == kBackoffMax);
}

TEST_CASE("a stated wait is never undercut by the back-off") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  clock.next();
  const SteadyTime until = clock.now + Millis{3'600'000};
  CHECK(clock.schedule.failed(1, clock.now, until) == until);
  clock.schedule.change_interval(1, kMinute * 2, Millis{5}, clock.wall(), clock.now);
  CHECK(clock.schedule.promised(1) == until);
}

TEST_CASE("SCH-13 a stretched interval moves on to a later point of the phase") {
  Clocked clock;
  clock.add(1, kMinute, clock.wall() - Millis{30'000}, Millis{0});
  clock.next();
  clock.schedule.succeeded(1, clock.now, 3);
  CHECK(clock.until(1) == 3 * kMinute.count());
  clock.next();
  clock.schedule.succeeded(1, clock.now, 0.1);
  CHECK(clock.until(1) == kMinute.count());
}

TEST_CASE("a poll that was postponed has not started and has not failed") {
  Clocked clock;
  clock.add(1, kMinute, clock.wall() - kMinute);
  clock.next();
  clock.schedule.postpone(1, clock.now + Millis{20});
  CHECK(clock.schedule.failures(1) == 0);
  CHECK(clock.until(1) == 20);
  CHECK(clock.next() == std::vector<ScheduleKey>{1});
}

TEST_CASE("a person's wish to poll now is followed, also for a stream that runs") {
  Clocked clock;
  clock.add(1, kMinute * 15, std::nullopt);
  clock.next();
  clock.schedule.succeeded(1, clock.now, 1);
  clock.now += Millis{5'000};
  clock.schedule.poll_now(1, clock.now);
  REQUIRE(clock.due().size() == 1);
  clock.schedule.poll_now(1, clock.now);
  CHECK(clock.due().empty());
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.until(1) == kPollNowFloor.count());
  clock.next();
  clock.schedule.succeeded(1, clock.now, 1);
  CHECK(clock.until(1) >= kMinute.count() * 15 / 2);
}

TEST_CASE("due streams come oldest first, no more than asked for, each once") {
  Clocked clock;
  for (ScheduleKey key = 1; key <= 3; ++key) {
    clock.add(key, kMinute, clock.wall(), Millis{12'345 + 40'000 + static_cast<int>(key) * 100});
  }
  clock.now += kMinute;
  CHECK(clock.schedule.take_due(clock.now, 2) == std::vector<ScheduleKey>{1, 2});
  CHECK(clock.schedule.take_due(clock.now, 2) == std::vector<ScheduleKey>{3});
  CHECK(clock.due().empty());
}

TEST_CASE("a removed stream is due no more, and the end of its poll is ignored") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  clock.add(2, kMinute, std::nullopt);
  clock.now += Millis{1'000};
  REQUIRE(clock.due().size() == 2);
  clock.schedule.succeeded(2, clock.now, 1);
  clock.schedule.remove(1);
  clock.schedule.remove(2);
  clock.schedule.succeeded(1, clock.now, 1);
  clock.schedule.failed(1, clock.now, std::nullopt);
  clock.schedule.postpone(1, clock.now);
  CHECK(clock.schedule.size() == 0);
  CHECK_FALSE(clock.schedule.next_due());
}

TEST_CASE("every stream has a promised time, also while it runs") {
  Clocked clock;
  clock.add(1, kMinute, std::nullopt);
  clock.next();
  CHECK(clock.schedule.promised(1) >= clock.now + kMinute / 2);
  CHECK(clock.schedule.promised(1) <= clock.now + kMinute * 3 / 2);
}
