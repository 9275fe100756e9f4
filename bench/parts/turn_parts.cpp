// A turn of the engine over 30,000 streams on a set clock, and the schedule alone.
#include <benchmark/benchmark.h>

#include "triggerd/poll/schedule.h"
#include "world.h"

namespace triggerd::bench {
namespace {

constexpr std::int64_t kStreams = 30'000;
constexpr Millis kEvery{60'000};
constexpr Millis kHundredth = kEvery / 100;

RunningEngine& running() {
  static RunningEngine made(kStreams);
  return made;
}

void turn_with_nothing_due(benchmark::State& state) {
  RunningEngine& all = running();
  all.pass(Millis{0});
  std::int64_t polls = 0;
  for (auto _ : state) polls += all.pass(Millis{0});
  if (polls != 0) state.SkipWithError("polls were due");
}
BENCHMARK(turn_with_nothing_due);

// Items are polls; each iteration is all turns until those that became due are taken.
void turns_with_one_in_a_hundred_due(benchmark::State& state) {
  RunningEngine& all = running();
  std::int64_t polls = 0;
  for (auto _ : state) polls += all.pass(kHundredth);
  state.SetItemsProcessed(polls);
  state.counters["polls"] =
      benchmark::Counter(static_cast<double>(polls), benchmark::Counter::kAvgIterations);
}
BENCHMARK(turns_with_one_in_a_hundred_due)->Unit(benchmark::kMicrosecond);

void schedule_one_in_a_hundred(benchmark::State& state) {
  Schedule schedule(1);
  const WallTime wall = *parse_iso8601("2026-03-01T09:30:00Z");
  SteadyTime now{Millis{1'000'000}};
  for (std::int64_t i = 0; i < kStreams; ++i) {
    const Millis offset = stable_offset("t\nbench\n" + std::to_string(i), kEvery);
    schedule.add(static_cast<ScheduleKey>(i), kEvery, offset, wall, now, wall);
  }
  std::int64_t polls = 0;
  for (auto _ : state) {
    now += kHundredth;
    for (const ScheduleKey key : schedule.take_due(now, kStreams)) {
      schedule.succeeded(key, now, 1);
      ++polls;
    }
  }
  state.SetItemsProcessed(polls);
}
BENCHMARK(schedule_one_in_a_hundred);

}  // namespace
}  // namespace triggerd::bench
