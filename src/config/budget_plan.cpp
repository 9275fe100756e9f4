#include "triggerd/config/budget_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace triggerd {
namespace {

constexpr double kDayMillis = 24.0 * 3600 * 1000;

// Offsets in the interval are hashes, so the polls of a window scatter like chance; three standard
// deviations above the mean are not passed in practice.
constexpr double kScatter = 3.0;

// A full turn over a parent's records that takes longer than this is worth a word.
constexpr Millis kLongCover{24LL * 3600 * 1000};

struct Limits {
  std::int64_t burst = 0, day = 0;
  Millis window{0};
};

Limits limits_of(const Connector& connector) {
  Limits limits;
  for (const RateLimit& limit : connector.limits) {
    if (limit.requests <= 0 || limit.per.count() <= 0 || !limit.group.empty()) continue;
    if (!limit.burst) {
      // A quota of another length counts by its share of a day.
      const double per_day =
          static_cast<double>(limit.requests) * kDayMillis / static_cast<double>(limit.per.count());
      limits.day = static_cast<std::int64_t>(per_day);
    } else if (limits.burst == 0) {
      limits.burst = limit.requests;
      limits.window = limit.per;
    }
  }
  return limits;
}

// Requests per millisecond that polling may use; infinite when the app states no limit.
double polling_rate(const Limits& limits) {
  double rate = HUGE_VAL;
  if (limits.burst > 0) {
    rate = static_cast<double>(limits.burst) / static_cast<double>(limits.window.count());
  }
  if (limits.day > 0) rate = std::min(rate, static_cast<double>(limits.day) / kDayMillis);
  return rate * (1.0 - kActionReserve);
}

std::int64_t fixed_streams(const Trigger& trigger) {
  std::int64_t streams = 1;
  for (const ForEach& each : trigger.for_each) {
    if (each.parent.empty()) streams *= static_cast<std::int64_t>(each.values.size());
  }
  return streams;
}

bool polls(const Trigger& trigger, const std::string& account) {
  return trigger.enabled &&
         std::binary_search(trigger.accounts.begin(), trigger.accounts.end(), account);
}

class AccountPricing {
 public:
  AccountPricing(const Config& config, const Account& account,
                 const std::map<std::string, StreamCounts>& counts)
      : config_(config), account_(account), counts_(counts) {
    limits_ = account.connector == nullptr ? Limits{} : limits_of(*account.connector);
  }

  AccountPlan run() {
    plan_.account = account_.name;
    plan_.burst_limit = limits_.burst;
    plan_.day_limit = limits_.day;
    plan_.burst_window = limits_.window;
    for (const Trigger& trigger : config_.triggers) {
      if (polls(trigger, account_.name)) price_fixed(trigger);
    }
    price_all_turns();
    sum_up();
    advise();
    return std::move(plan_);
  }

 private:
  StreamCounts counts_of(const Trigger& trigger) const {
    const auto found = counts_.find(trigger.id + "\n" + account_.name);
    StreamCounts counts = found == counts_.end() ? StreamCounts{} : found->second;
    counts.pages_per_poll = std::max(counts.pages_per_poll, 1.0);
    return counts;
  }

  void price_fixed(const Trigger& trigger) {
    TriggerCost cost;
    cost.trigger = trigger.id;
    cost.in_turns = trigger.follows_parent();
    if (!cost.in_turns) {
      const double pages = counts_of(trigger).pages_per_poll;
      cost.streams = fixed_streams(trigger);
      cost.cover = trigger.every;
      cost.requests_per_day = static_cast<double>(cost.streams) * pages * kDayMillis /
                              static_cast<double>(trigger.every.count());
      widest_poll_ = std::max(widest_poll_, pages);
      fixed_per_day_ += cost.requests_per_day;
    }
    plan_.triggers.push_back(std::move(cost));
  }

  // What is left over is divided equally; what a trigger with few records does not use goes to the
  // others.
  void price_all_turns() {
    std::vector<std::pair<double, const Trigger*>> by_demand;
    for (const Trigger& trigger : config_.triggers) {
      if (!polls(trigger, account_.name) || !trigger.follows_parent()) continue;
      const StreamCounts counts = counts_of(trigger);
      by_demand.emplace_back(static_cast<double>(counts.parents * fixed_streams(trigger)) *
                                 counts.pages_per_poll / static_cast<double>(trigger.every.count()),
                             &trigger);
    }
    std::stable_sort(by_demand.begin(), by_demand.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    double left = std::max(polling_rate(limits_) - fixed_per_day_ / kDayMillis, 0.0);
    double waiting = static_cast<double>(by_demand.size());
    for (const auto& [demand, trigger] : by_demand) {
      left -= price_turns(*trigger, left / waiting) / kDayMillis;
      left = std::max(left, 0.0);
      waiting -= 1;
    }
  }

  // `share`: requests per millisecond that it may use. Returns the requests a day that it does.
  double price_turns(const Trigger& trigger, double share) {
    TriggerCost& cost =
        *std::find_if(plan_.triggers.begin(), plan_.triggers.end(),
                      [&](const TriggerCost& known) { return known.trigger == trigger.id; });
    const StreamCounts counts = counts_of(trigger);
    cost.streams = counts.parents * fixed_streams(trigger);
    const double fit = share * static_cast<double>(trigger.every.count()) / counts.pages_per_poll;
    const std::int64_t most = std::max<std::int64_t>(cost.streams, 1);
    // At least one per turn: a trigger that never polls would be lost without a word.
    cost.per_turn = fit >= static_cast<double>(most)
                        ? most
                        : std::max<std::int64_t>(1, static_cast<std::int64_t>(fit));
    const std::int64_t turns =
        std::max<std::int64_t>(1, (cost.streams + cost.per_turn - 1) / cost.per_turn);
    cost.cover = trigger.every * turns;
    const std::int64_t polled = std::min(cost.streams, cost.per_turn);
    cost.requests_per_day = static_cast<double>(polled) * counts.pages_per_poll * kDayMillis /
                            static_cast<double>(trigger.every.count());
    widest_poll_ = std::max(widest_poll_, counts.pages_per_poll);
    return cost.requests_per_day;
  }

  void sum_up() {
    for (const TriggerCost& cost : plan_.triggers) plan_.day_requests += cost.requests_per_day;
    if (limits_.window.count() == 0 || plan_.triggers.empty()) return;
    const double mean =
        plan_.day_requests * static_cast<double>(limits_.window.count()) / kDayMillis;
    plan_.burst_requests = std::max(mean + kScatter * std::sqrt(mean), widest_poll_);
  }

  void advise() {
    const double allowed_per_day = polling_rate(limits_) * kDayMillis;
    if (plan_.day_requests > allowed_per_day) advise_longer_interval(allowed_per_day);
    for (const TriggerCost& cost : plan_.triggers) {
      if (!cost.in_turns || cost.cover <= kLongCover) continue;
      plan_.advice.push_back("`" + cost.trigger + "` sees each of its " +
                             std::to_string(cost.streams) + " records once in " +
                             format_duration(cost.cover) + ": follow fewer records");
    }
  }

  // Names the costliest trigger with the shortest interval of whole minutes that makes all fit.
  void advise_longer_interval(double allowed_per_day) {
    const auto costliest = std::max_element(plan_.triggers.begin(), plan_.triggers.end(),
                                            [](const TriggerCost& a, const TriggerCost& b) {
                                              return a.requests_per_day < b.requests_per_day;
                                            });
    const Trigger* trigger = config_.trigger(costliest->trigger);
    const double others = plan_.day_requests - costliest->requests_per_day;
    for (Millis every = kIntervalMin; every <= kIntervalMax; every += kIntervalMin) {
      const double cost = costliest->requests_per_day *
                          static_cast<double>(trigger->every.count()) /
                          static_cast<double>(every.count());
      if (every <= trigger->every || others + cost > allowed_per_day) continue;
      plan_.advice.push_back("does not fit: raise `every` of " + costliest->trigger + " to " +
                             format_duration(every));
      return;
    }
    plan_.advice.push_back("does not fit, even with `every: 15m` for " + costliest->trigger +
                           ": poll less, or spread it over several accounts");
  }

  const Config& config_;
  const Account& account_;
  const std::map<std::string, StreamCounts>& counts_;
  Limits limits_;
  AccountPlan plan_;
  double fixed_per_day_ = 0;
  double widest_poll_ = 0;  // pages of the longest walk, which may come at once
};

}  // namespace

std::vector<AccountPlan> plan_budget(const Config& config,
                                     const std::map<std::string, StreamCounts>& counts) {
  std::vector<AccountPlan> plans;
  for (const auto& [name, account] : config.accounts) {
    plans.push_back(AccountPricing(config, account, counts).run());
  }
  return plans;
}

}  // namespace triggerd
