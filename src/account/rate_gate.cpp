#include "triggerd/account/rate_gate.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "triggerd/config/budget_plan.h"

namespace triggerd {
namespace {

constexpr Millis kDay{24LL * 3600 * 1000};
constexpr Millis kDefaultWindow{10'000};
constexpr Millis kAlmostNoWait{1'000};
// A pace is not judged by less than this much of a day.
constexpr double kPaceHours = 1;
constexpr int kDoublingsMax = 10;

WallTime day_of(WallTime wall) { return std::chrono::floor<std::chrono::days>(wall); }

std::optional<std::int64_t> number_in(const HttpReply& reply, const std::string& header) {
  if (header.empty()) return std::nullopt;
  const std::string_view text = reply.header(header);
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number < 0 ? std::nullopt : std::optional(number);
}

std::int64_t reserve_of(std::int64_t requests) {
  // A limit of one or two requests has no room for a reserve; polls would never go.
  const auto reserve =
      static_cast<std::int64_t>(std::floor(static_cast<double>(requests) * kActionReserve));
  return std::min(reserve, requests - 1);
}

// What must be left of the day's quota for a poll to go, as a share of what an even pace would
// leave.
double day_threshold(Priority priority) {
  switch (priority) {
    case Priority::low:
      return kActionReserve + 0.25;
    case Priority::normal:
      return kActionReserve;
    case Priority::high:
      return kActionReserve / 2;
  }
  return kActionReserve;
}

std::size_t count_since(const std::deque<SteadyTime>& starts, Millis per, SteadyTime now) {
  const auto first = std::upper_bound(starts.begin(), starts.end(), now - per);
  return static_cast<std::size_t>(starts.end() - first);
}

}  // namespace

RateGate::RateGate(const std::vector<RateLimit>& limits, const RateHeaders& headers,
                   std::int64_t concurrency)
    : limits_(limits), headers_(headers), concurrency_(concurrency) {
  for (RateLimit& limit : limits_) {
    limit.requests = std::max<std::int64_t>(1, limit.requests);
    if (!limit.group.empty()) of_groups_[limit.group];
  }
}

// ---- what survives a restart

void RateGate::restore(const BudgetState& state, WallTime wall, SteadyTime now) {
  state_ = state;
  roll_day(wall);
  if (state_.blocked_until > wall) {
    // A clock that jumped back must not stretch a stated wait beyond the longest one there is.
    blocked_until_ = now + std::min(state_.blocked_until - wall, kDay);
  }
  const Millis ago = std::max(Millis{0}, wall - state_.window_start);
  if (ago >= longest_window()) return;
  // When within the window they started is not known; all as late as possible is the safe reading.
  const auto used = static_cast<std::size_t>(std::max<std::int64_t>(0, state_.window_used));
  recent_.all.assign(used, now - ago);
  // Nor which group they were of: each may have had them all.
  for (auto& [group, starts] : of_groups_) starts.all = recent_.all;
}

BudgetState RateGate::state(WallTime wall) const {
  BudgetState state = state_;
  if (state.blocked_until <= wall) {
    state.blocked_until = WallTime{};
    state.blocked_reason.clear();
  }
  return state;
}

bool RateGate::state_changed() { return std::exchange(changed_, false); }

// ---- asking

Millis RateGate::wait_before_next(Claim claim, Priority priority, WallTime wall, SteadyTime now,
                                  const std::string& group) const {
  if (now < blocked_until_) return std::max(held_, blocked_until_ - now);
  Millis wait = std::max({held_, burst_wait(claim, now), group_wait(claim, now, group),
                          day_wait(claim, priority, wall)});
  if (concurrency_ > 0 && in_flight_ >= concurrency_) wait = std::max(wait, kConcurrencyWait);
  return wait;
}

Millis RateGate::burst_wait(Claim claim, SteadyTime now) const {
  Millis longest{0};
  for (const RateLimit& limit : limits_) {
    if (limit.burst && limit.group.empty()) {
      longest = std::max(longest, wait_for(limit, recent_, claim, now));
    }
  }
  return longest;
}

Millis RateGate::group_wait(Claim claim, SteadyTime now, const std::string& group) const {
  const auto starts = of_groups_.find(group);
  Millis longest{0};
  for (const RateLimit& limit : limits_) {
    if (group.empty() || limit.group != group || starts == of_groups_.end()) continue;
    longest = std::max(longest, wait_for(limit, starts->second, claim, now));
  }
  return longest;
}

Millis RateGate::wait_for(const RateLimit& limit, const Starts& starts, Claim claim,
                          SteadyTime now) {
  const auto total = static_cast<std::int64_t>(count_since(starts.all, limit.per, now));
  std::int64_t over = total + 1 - limit.requests;
  if (claim == Claim::poll) {
    const auto actions = static_cast<std::int64_t>(count_since(starts.actions, limit.per, now));
    const std::int64_t reserve = reserve_of(limit.requests);
    over = std::max(over, total - std::min(actions, reserve) + 1 - (limit.requests - reserve));
  }
  if (over <= 0) return Millis{0};
  // The `over` oldest starts of the window must leave it first.
  const auto index = static_cast<std::ptrdiff_t>(starts.all.size()) - total + over - 1;
  return starts.all[static_cast<std::size_t>(index)] + limit.per - now;
}

Millis RateGate::day_wait(Claim claim, Priority priority, WallTime wall) const {
  const std::optional<Day> today = day(wall);
  if (!today) return Millis{0};
  const Millis to_midnight = std::max(kAlmostNoWait, day_of(wall) + kDay - wall);
  if (today->left <= 0) return to_midnight;
  if (claim == Claim::action) return Millis{0};
  const double even = day_threshold(priority) * static_cast<double>(today->limit);
  const auto left = static_cast<double>(today->left);
  if (left > even * today->rest) return Millis{0};
  // As the day goes on less must be kept for its rest, and at some moment this much is enough.
  const double until = (today->rest - left / even) * static_cast<double>(kDay.count());
  return std::clamp(Millis{static_cast<std::int64_t>(std::ceil(until))}, kAlmostNoWait,
                    to_midnight);
}

std::optional<RateGate::Day> RateGate::day(WallTime wall) const {
  const std::int64_t limit = day_limit();
  if (limit <= 0) return std::nullopt;
  const WallTime start = day_of(wall);
  Day today{.limit = limit, .left = limit};
  if (start <= state_.day_start) {
    const std::int64_t counted = limit - state_.day_used;
    today.left =
        std::max<std::int64_t>(0, std::min(counted, state_.day_remaining.value_or(counted)));
  }
  today.rest = 1 - static_cast<double>((wall - start).count()) / static_cast<double>(kDay.count());
  return today;
}

double RateGate::stretch(Priority priority, WallTime wall) const {
  const std::optional<Day> today = day(wall);
  if (!today) return 1;
  const double hours_gone = std::max(kPaceHours, (1 - today->rest) * 24);
  const auto used = static_cast<double>(today->limit - today->left);
  const double needed = used / hours_gone * (today->rest * 24);
  const double kept = kActionReserve * static_cast<double>(today->limit) * today->rest;
  const double usable = static_cast<double>(today->left) - kept;
  if (needed <= usable || needed <= 0) return 1;
  const double ratio = usable <= 0 ? kStretchMax : std::min(kStretchMax, needed / usable);
  switch (priority) {
    case Priority::low:
      return std::min(kStretchMax, ratio * 2);
    case Priority::normal:
      return ratio;
    case Priority::high:
      return 1 + (ratio - 1) / 2;
  }
  return ratio;
}

// ---- counting

void RateGate::started(Claim claim, WallTime wall, SteadyTime now, const std::string& group) {
  roll_day(wall);
  forget_before(now);
  const auto note = [&](Starts& starts) {
    starts.all.push_back(now);
    if (claim == Claim::action) starts.actions.push_back(now);
  };
  note(recent_);
  if (const auto starts = of_groups_.find(group); starts != of_groups_.end()) note(starts->second);
  ++in_flight_;
  ++state_.day_used;
  if (state_.day_remaining && *state_.day_remaining > 0) --*state_.day_remaining;
  state_.window_start = wall;
  state_.window_used = static_cast<std::int64_t>(started_within(longest_window(), now));
  changed_ = true;
}

void RateGate::finished(const HttpReply& reply, WallTime wall, SteadyTime now) {
  abandoned();
  roll_day(wall);
  if (reply.failure != HttpFailure::none) return;
  read_budget_headers(reply, now);
  if (reply.status == 429 || (reply.status == 503 && retry_after(reply))) {
    throttled(reply, wall, now);
  } else if (reply.status < 400) {
    throttled_in_a_row_ = 0;
  }
}

void RateGate::hold(Millis wait) {
  changed_ = changed_ || (held_ == Millis{0}) != (wait == Millis{0});
  held_ = wait;
}

void RateGate::abandoned() {
  // An account that was moved to another connector has a new gate, which did not see the start.
  if (in_flight_ > 0) --in_flight_;
}

void RateGate::roll_day(WallTime wall) {
  const WallTime today = day_of(wall);
  if (today == state_.day_start) return;
  // A clock that jumped back gives no second quota: the count goes on under the earlier date.
  if (today > state_.day_start) {
    state_.day_used = 0;
    state_.day_remaining.reset();
  }
  state_.day_start = today;
  changed_ = true;
}

void RateGate::read_budget_headers(const HttpReply& reply, SteadyTime now) {
  if (const auto limit = number_in(reply, headers_.day_limit); limit && *limit > 0) {
    told_day_limit_ = *limit;
  }
  if (const auto left = number_in(reply, headers_.day_remaining)) {
    changed_ = changed_ || state_.day_remaining != left;
    state_.day_remaining = left;
  }
  if (const auto window = number_in(reply, headers_.burst_interval_ms); window && *window > 0) {
    told_window_ = std::min(Millis{*window}, kThrottleWaitMax);
  }
  const auto burst_left = number_in(reply, headers_.burst_remaining);
  if (!burst_left) return;
  // Others may use the same credential. Their requests are counted as if they had started just now.
  for (const RateLimit& limit : limits_) {
    const bool told = limit.burst && limit.group.empty() && limit.per == shortest_window();
    if (!told) continue;
    const auto used = static_cast<std::int64_t>(started_within(limit.per, now));
    for (auto i = used; i < limit.requests - *burst_left; ++i) recent_.all.push_back(now);
  }
}

void RateGate::throttled(const HttpReply& reply, WallTime wall, SteadyTime now) {
  const bool day_used_up = reply.status == 429 && state_.day_remaining == 0;
  if (day_used_up) {
    block(std::max(kAlmostNoWait, day_of(wall) + kDay - wall), "daily quota used up", wall, now);
    return;
  }
  if (const auto wait = retry_after(reply)) {
    block(*wait, "the app asked to wait", wall, now);
    return;
  }
  if (const auto reset = number_in(reply, headers_.reset_epoch_s)) {
    const WallTime answered = parse_http_date(reply.header("Date")).value_or(wall);
    constexpr std::int64_t kFarAway = 253402300799;  // the year 9999, so that nothing overflows
    const Millis wait = wall_from_ms(std::min(*reset, kFarAway) * 1'000) - answered;
    if (wait > Millis{0}) {
      block(std::min(wait, kRetryAfterMax), "the app named the end of its window", wall, now);
      return;
    }
  }
  // Answers that were on their way when the block began say nothing new.
  if (now < blocked_until_) return;
  const Millis window = told_window_ > Millis{0} ? told_window_ : shortest_window();
  const Millis wait = window * (1LL << std::min(throttled_in_a_row_, kDoublingsMax));
  ++throttled_in_a_row_;
  block(std::min(wait, kThrottleWaitMax), "too many requests", wall, now);
}

void RateGate::block(Millis wait, std::string reason, WallTime wall, SteadyTime now) {
  if (now + wait <= blocked_until_) return;
  blocked_until_ = now + wait;
  state_.blocked_until = wall + wait;
  state_.blocked_reason = std::move(reason);
  changed_ = true;
}

void RateGate::forget_before(SteadyTime now) {
  const SteadyTime oldest = now - longest_window();
  const auto forget = [&](std::deque<SteadyTime>& starts) {
    while (!starts.empty() && starts.front() <= oldest) starts.pop_front();
  };
  forget(recent_.all);
  forget(recent_.actions);
  for (auto& [group, starts] : of_groups_) {
    forget(starts.all);
    forget(starts.actions);
  }
}

std::size_t RateGate::started_within(Millis per, SteadyTime now) const {
  return count_since(recent_.all, per, now);
}

std::int64_t RateGate::day_limit() const {
  for (const RateLimit& limit : limits_) {
    if (!limit.burst) return told_day_limit_ > 0 ? told_day_limit_ : limit.requests;
  }
  return told_day_limit_;
}

Millis RateGate::shortest_window() const {
  Millis shortest = kDay;
  for (const RateLimit& limit : limits_) {
    if (limit.burst && limit.group.empty()) shortest = std::min(shortest, limit.per);
  }
  return shortest == kDay ? kDefaultWindow : shortest;
}

Millis RateGate::longest_window() const {
  Millis longest{0};
  for (const RateLimit& limit : limits_) {
    if (limit.burst) longest = std::max(longest, limit.per);
  }
  return longest;
}

}  // namespace triggerd
