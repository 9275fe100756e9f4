// Due times. The phase of a stream is a stable hash of its name, so restarts and reloads neither
// bunch nor shift polls; missed turns coalesce to one; nothing overlaps itself; failures back off
// with full jitter. Keys are whatever the engine schedules: streams, or turns of a fan-out. Steady
// time only, so wall-clock steps have no effect (failure-modes SCH-01, 02, 04, 07, 08, 10, 11, 12).
// Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "triggerd/time.h"

namespace triggerd {

using ScheduleKey = std::uint64_t;

// Where in its interval a stream polls: 0 <= offset < every.
Millis stable_offset(std::string_view stream_name, Millis every);

inline constexpr Millis kBackoffMin{1'000};
inline constexpr Millis kBackoffMax{15 * 60'000};
inline constexpr Millis kCatchUpSpreadMax{60'000};
// A person's request to poll now is followed, but no closer than this to the last start.
inline constexpr Millis kPollNowFloor{1'000};

// The hard floor between two starts of one stream (SCH-10); half the interval, since a catch-up may
// fall anywhere between two points of its phase.
constexpr Millis poll_floor(Millis every) { return every / 2; }

// The wait after the failures-th failure in a row: full jitter in [0, min(cap, every *
// 2^failures)], but never less than kBackoffMin. `random` in [0, 1).
Millis backoff(int failures, Millis every, Millis cap, double random);

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed);

  // `wall` and `now` name the same moment: the phase is counted on the wall clock once, here, and
  // followed on the steady clock from then on. `last_poll`: when it polled last (missed: one
  // catch-up, spread over min(every, kCatchUpSpreadMax)); nothing: new, polls within a second while
  // streams are few, later the more there are.
  void add(ScheduleKey key, Millis every, Millis offset, WallTime wall, SteadyTime now,
           std::optional<WallTime> last_poll);
  // Its poll has begun already: as if take_due() had just given it.
  void start(ScheduleKey key, SteadyTime now);
  void remove(ScheduleKey key);
  bool has(ScheduleKey key) const;
  void change_interval(ScheduleKey key, Millis every, Millis offset, WallTime wall, SteadyTime now);

  // Keys whose time has come, oldest first, each at most once until finished() is called for it.
  std::vector<ScheduleKey> take_due(SteadyTime now, std::size_t most);
  // Success: the next point of its phase after now; `stretch` times as far away (1 or more). Never
  // sooner than poll_floor() after its start. A key that was removed meanwhile is ignored, here and
  // below.
  void succeeded(ScheduleKey key, SteadyTime now, double stretch);
  // Failure: backoff, and not before `not_before`. Returns the next time.
  SteadyTime failed(ScheduleKey key, SteadyTime now, std::optional<SteadyTime> not_before);
  // Not started after all (budget, concurrency): due again at `when`, no failure.
  void postpone(ScheduleKey key, SteadyTime when);
  void poll_now(ScheduleKey key, SteadyTime now);

  std::optional<SteadyTime> next_due() const;
  SteadyTime promised(ScheduleKey key) const;  // when it will poll next, or should have
  int failures(ScheduleKey key) const;
  Millis interval(ScheduleKey key) const;  // of one that is there
  std::size_t size() const { return entries_.size(); }
  std::vector<ScheduleKey> keys() const;  // in no order

 private:
  struct Entry {
    Millis every{0};
    SteadyTime phase{};  // a moment at which it is due by its phase
    SteadyTime due{};
    std::optional<SteadyTime> started;         // last start
    std::optional<SteadyTime> started_before;  // the one before, for postpone()
    int failures = 0;
    bool running = false;
    bool asked = false;  // poll_now()
  };
  static void begin(Entry& entry, SteadyTime now);
  static SteadyTime phase_after(const Entry& entry, SteadyTime moment);
  static SteadyTime earliest(const Entry& entry);
  Entry* running_entry(ScheduleKey key);
  void set_due(ScheduleKey key, Entry& entry, SteadyTime due);

  std::unordered_map<ScheduleKey, Entry> entries_;
  std::set<std::pair<SteadyTime, ScheduleKey>> due_;  // entries that do not run
  std::mt19937_64 random_;
};

}  // namespace triggerd
