// May a request of this account go now? Answers with the wait instead of waiting, so that the
// schedule can use it. One gate per account, shared by its polls and its actions (failure-modes
// SCH-13, FET-14, DSP-19). Facts: HighLevel allows 100 requests per 10 s and 200,000 per day and
// location (docs/oauth/Authorization.md of the public API documents); both exhaustions answer 429.
// Loop thread only; time comes in as an argument.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/account/retry_after.h"
#include "triggerd/catalog/operation.h"
#include "triggerd/config/config.h"
#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr Millis kThrottleWaitMax{
    60'000};  // of our own back-off, when the app states no wait
inline constexpr Millis kConcurrencyWait{20};
inline constexpr double kStretchMax = 20;

enum class Claim { poll, action };

// What survives a restart (table `budgets`).
struct BudgetState {
  WallTime day_start{};  // start of the UTC day that day_used counts
  std::int64_t day_used = 0;
  std::optional<std::int64_t> day_remaining;  // as the app last said
  WallTime blocked_until{};                   // no request before it
  std::string blocked_reason;
  WallTime window_start{};  // of the last burst window
  std::int64_t window_used = 0;
};

class RateGate {
 public:
  RateGate(const std::vector<RateLimit>& limits, const RateHeaders& headers,
           std::int64_t concurrency);

  void restore(const BudgetState& state, WallTime wall, SteadyTime now);
  BudgetState state(WallTime wall) const;
  bool state_changed();  // since the last call; so that the table is written only when needed

  // Zero: go. Otherwise how long to wait at least. Polls leave kActionReserve of each limit to
  // actions, as far as actions use it; low priority stops first as the day's quota sinks.
  // `group`: the operation's, whose limits count as well.
  Millis wait_before_next(Claim claim, Priority priority, WallTime wall, SteadyTime now,
                          const std::string& group = {}) const;
  // The part of it that the group's own limits ask for.
  Millis group_wait(Claim claim, SteadyTime now, const std::string& group) const;
  void started(Claim claim, WallTime wall, SteadyTime now, const std::string& group = {});
  // The answer of a started request: budget headers, 429 and 503 with their waits.
  void finished(const HttpReply& reply, WallTime wall, SteadyTime now);
  void abandoned();  // a started request whose answer never comes (cancelled)
  // The account has no token to send: it waits at least so long before it asks again. Zero: it has
  // one.
  void hold(Millis wait);

  std::int64_t in_flight() const { return in_flight_; }
  // How much longer than configured an interval should be for this priority: 1 while the day's
  // quota suffices at today's pace.
  double stretch(Priority priority, WallTime wall) const;

 private:
  struct Day {
    std::int64_t limit = 0;  // 0: none
    std::int64_t left = 0;
    double rest = 1;  // share of the UTC day that is still to come
  };
  std::optional<Day> day(WallTime wall) const;
  // Starts of the requests that count in one limit, ascending.
  struct Starts {
    std::deque<SteadyTime> all, actions;
  };
  Millis burst_wait(Claim claim, SteadyTime now) const;
  static Millis wait_for(const RateLimit& limit, const Starts& starts, Claim claim, SteadyTime now);
  Millis day_wait(Claim claim, Priority priority, WallTime wall) const;
  void roll_day(WallTime wall);
  void read_budget_headers(const HttpReply& reply, SteadyTime now);
  void throttled(const HttpReply& reply, WallTime wall, SteadyTime now);
  void block(Millis wait, std::string reason, WallTime wall, SteadyTime now);
  void forget_before(SteadyTime now);
  std::size_t started_within(Millis per, SteadyTime now) const;
  std::int64_t day_limit() const;
  Millis shortest_window() const;
  Millis longest_window() const;

  std::vector<RateLimit> limits_;
  RateHeaders headers_;
  std::int64_t concurrency_ = 0;
  std::int64_t in_flight_ = 0;
  Starts recent_;                              // within the longest burst window
  std::map<std::string, Starts> of_groups_{};  // those of each group that has limits
  SteadyTime blocked_until_{};
  Millis told_window_{0};            // burst window as the app last said
  std::int64_t told_day_limit_ = 0;  // the day's quota as the app last said; 0: not said
  int throttled_in_a_row_ = 0;
  Millis held_{0};
  BudgetState state_;
  bool changed_ = false;
};

}  // namespace triggerd
