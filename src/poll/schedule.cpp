#include "triggerd/poll/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "triggerd/check.h"
#include "triggerd/hash.h"

namespace triggerd {
namespace {

constexpr int kDoublingsMax = 20;
constexpr double kStretchLimit = 1'000;
constexpr Millis kNewSpreadMin{1'000};
constexpr std::int64_t kNewStreamsPerSecond = 500;

std::uint64_t stable_number(ScheduleKey key, std::uint64_t purpose) {
  return hash64({reinterpret_cast<const char*>(&key), sizeof key}, purpose);
}

Millis spread(ScheduleKey key, std::uint64_t purpose, Millis within) {
  if (within <= Millis{0}) return Millis{0};
  return Millis{static_cast<std::int64_t>(stable_number(key, purpose) %
                                          static_cast<std::uint64_t>(within.count()))};
}

constexpr std::uint64_t kCatchUp = 1;
constexpr std::uint64_t kFirstPoll = 2;

// How long a stream has to wait for the next point of its phase on the wall clock; less than
// `every`.
Millis until_phase(WallTime wall, Millis every, Millis offset) {
  const std::int64_t step = every.count();
  const std::int64_t gone = (((epoch_ms(wall) - offset.count()) % step) + step) % step;
  return Millis{gone == 0 ? 0 : step - gone};
}

}  // namespace

Millis stable_offset(std::string_view stream_name, Millis every) {
  TRIGGERD_CHECK(every > Millis{0});
  return Millis{
      static_cast<std::int64_t>(hash64(stream_name) % static_cast<std::uint64_t>(every.count()))};
}

Millis backoff(int failures, Millis every, Millis cap, double random) {
  const int doublings = std::clamp(failures, 0, kDoublingsMax);
  // Divided instead of multiplied, so that no interval can overflow.
  const std::int64_t factor = std::int64_t{1} << doublings;
  const Millis most = every > cap / factor ? cap : Millis{every * factor};
  const double wait = static_cast<double>(most.count()) * std::clamp(random, 0.0, 1.0);
  return std::max(kBackoffMin, Millis{static_cast<std::int64_t>(wait)});
}

Schedule::Schedule(std::uint64_t seed) : random_(seed) {}

void Schedule::add(ScheduleKey key, Millis every, Millis offset, WallTime wall, SteadyTime now,
                   std::optional<WallTime> last_poll) {
  TRIGGERD_CHECK(every > Millis{0});
  TRIGGERD_CHECK(!has(key));
  Entry& entry = entries_[key];
  entry.every = every;
  entry.phase = now + until_phase(wall, every, offset);
  if (!last_poll) {
    const auto streams = static_cast<std::int64_t>(entries_.size());
    const Millis within = std::max(kNewSpreadMin, Millis{streams * 1'000 / kNewStreamsPerSecond});
    set_due(key, entry, now + spread(key, kFirstPoll, std::min(within, poll_floor(every))));
    return;
  }
  // A last poll in the future means that the wall clock jumped back; it counts as one of this
  // moment.
  const Millis ago = std::max(Millis{0}, wall - *last_poll);
  if (ago < every) {
    entry.started = now - ago;
    set_due(key, entry, phase_after(entry, std::max(now, earliest(entry))));
    return;
  }
  const Millis catch_up = spread(key, kCatchUp, std::min(every, kCatchUpSpreadMax));
  set_due(key, entry, std::min(now + catch_up, phase_after(entry, now)));
}

void Schedule::start(ScheduleKey key, SteadyTime now) {
  const auto found = entries_.find(key);
  TRIGGERD_CHECK(found != entries_.end() && !found->second.running);
  due_.erase({found->second.due, key});
  begin(found->second, now);
}

void Schedule::begin(Entry& entry, SteadyTime now) {
  entry.started_before = std::exchange(entry.started, now);
  entry.running = true;
  entry.asked = false;
}

std::vector<ScheduleKey> Schedule::keys() const {
  std::vector<ScheduleKey> keys;
  keys.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  return keys;
}

void Schedule::remove(ScheduleKey key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  due_.erase({found->second.due, key});
  entries_.erase(found);
}

bool Schedule::has(ScheduleKey key) const { return entries_.contains(key); }

void Schedule::change_interval(ScheduleKey key, Millis every, Millis offset, WallTime wall,
                               SteadyTime now) {
  TRIGGERD_CHECK(every > Millis{0});
  const auto found = entries_.find(key);
  TRIGGERD_CHECK(found != entries_.end());
  Entry& entry = found->second;
  entry.every = every;
  entry.phase = now + until_phase(wall, every, offset);
  if (entry.running) return;
  const SteadyTime next = phase_after(entry, std::max(now, earliest(entry)));
  // A back-off or a stated wait stays in force.
  const bool waits = entry.failures > 0 && entry.due > now;
  set_due(key, entry, waits || entry.asked ? entry.due : next);
}

std::vector<ScheduleKey> Schedule::take_due(SteadyTime now, std::size_t most) {
  std::vector<ScheduleKey> keys;
  while (keys.size() < most && !due_.empty() && due_.begin()->first <= now) {
    const ScheduleKey key = due_.begin()->second;
    due_.erase(due_.begin());
    Entry& entry = entries_.at(key);
    // A stream whose next time was not moved on would spin here.
    TRIGGERD_CHECK(!entry.running && now >= earliest(entry));
    begin(entry, now);
    keys.push_back(key);
  }
  return keys;
}

void Schedule::succeeded(ScheduleKey key, SteadyTime now, double stretch) {
  Entry* entry = running_entry(key);
  if (entry == nullptr) return;
  entry->failures = 0;
  const double factor = std::clamp(stretch, 1.0, kStretchLimit);
  const double more = static_cast<double>(entry->every.count()) * (factor - 1);
  const SteadyTime from = earliest(*entry) + Millis{static_cast<std::int64_t>(more)};
  set_due(key, *entry, entry->asked ? now : phase_after(*entry, std::max(now + Millis{1}, from)));
}

SteadyTime Schedule::failed(ScheduleKey key, SteadyTime now, std::optional<SteadyTime> not_before) {
  Entry* entry = running_entry(key);
  if (entry == nullptr) return now;
  entry->failures = std::min(entry->failures + 1, std::numeric_limits<int>::max() - 1);
  const double random = std::uniform_real_distribution<double>(0, 1)(random_);
  const Millis wait = backoff(entry->failures, entry->every, kBackoffMax, random);
  set_due(key, *entry, std::max(now + wait, not_before.value_or(now)));
  return entry->due;
}

void Schedule::postpone(ScheduleKey key, SteadyTime when) {
  Entry* entry = running_entry(key);
  if (entry == nullptr) return;
  entry->started = entry->started_before;
  set_due(key, *entry, when);
}

void Schedule::poll_now(ScheduleKey key, SteadyTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.asked = true;
  if (!entry.running) set_due(key, entry, now);
}

std::optional<SteadyTime> Schedule::next_due() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

SteadyTime Schedule::promised(ScheduleKey key) const {
  const auto found = entries_.find(key);
  TRIGGERD_CHECK(found != entries_.end());
  const Entry& entry = found->second;
  return entry.running ? phase_after(entry, earliest(entry)) : entry.due;
}

Millis Schedule::interval(ScheduleKey key) const {
  const auto found = entries_.find(key);
  TRIGGERD_CHECK(found != entries_.end());
  return found->second.every;
}

int Schedule::failures(ScheduleKey key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.failures;
}

// The first point of the phase at or after `moment`.
SteadyTime Schedule::phase_after(const Entry& entry, SteadyTime moment) {
  const std::int64_t step = entry.every.count();
  const std::int64_t gone = ((((moment - entry.phase).count()) % step) + step) % step;
  return gone == 0 ? moment : moment + Millis{step - gone};
}

// The one place of the floor between two polls.
SteadyTime Schedule::earliest(const Entry& entry) {
  if (!entry.started) return SteadyTime::min();
  const Millis floor = poll_floor(entry.every);
  return *entry.started + (entry.asked ? std::min(kPollNowFloor, floor) : floor);
}

// Ends the run; null for a key that was removed while it ran.
Schedule::Entry* Schedule::running_entry(ScheduleKey key) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.running) return nullptr;
  found->second.running = false;
  return &found->second;
}

void Schedule::set_due(ScheduleKey key, Entry& entry, SteadyTime due) {
  due_.erase({entry.due, key});
  entry.due = std::max(due, earliest(entry));
  due_.emplace(entry.due, key);
}

}  // namespace triggerd
