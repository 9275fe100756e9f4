// check: problems, and what the configuration costs in requests before it runs.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>

#include "cli/check_online.h"
#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "cli/table_text.h"
#include "os/system_clock.h"
#include "triggerd/config/budget_plan.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"
#include "triggerd/store/database.h"
#include "triggerd/store/stored_config.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

struct StateSeen {
  std::map<std::string, StreamCounts> counts;  // as plan_budget() takes them
  std::set<std::string> polled;                // of the same keys, those with a finished poll
  std::optional<StoredConfig> stored;
};

// What earlier runs learned about pages and parents, and which configuration they ran; nothing when
// there is no state yet.
StateSeen look_at_state(const std::string& directory) {
  StateSeen seen;
  try {
    DatabaseOptions how;
    how.read_only = true;
    Database database = Database::open(directory, how, SystemClock().wall());
    seen.stored = read_stored_config(database);
    for (const StreamRow& row : load_streams(database)) {
      StreamCounts& count = seen.counts[row.trigger + "\n" + row.account];
      if (row.parent) ++count.parents;
      if (row.last_success) seen.polled.insert(row.trigger + "\n" + row.account);
      if (row.polls > 0) {
        count.pages_per_poll = std::max(
            count.pages_per_poll, static_cast<double>(row.pages) / static_cast<double>(row.polls));
      }
    }
  } catch (const StoreFailure&) {
    return {};  // not run yet, or not readable: `doctor` says more
  }
  return seen;
}

// Fan-outs over another trigger that has not been polled yet: how many records it has is not known.
struct Unknown {
  double per_record = 0;  // requests a day of one record
  double at_most = 0;     // requests a day that its turns keep to
};
using Unknowns = std::map<std::string, Unknown>;  // by trigger id + "\n" + account

constexpr std::int64_t kMoreThanFit = 1'000'000'000;

Unknowns find_unknowns(const Config& config, const StateSeen& seen) {
  std::map<std::string, StreamCounts> full = seen.counts;
  Unknowns unknowns;
  for (const Trigger& trigger : config.triggers) {
    if (!trigger.enabled || !trigger.follows_parent()) continue;
    std::string parent;
    for (const ForEach& by : trigger.for_each) parent = by.parent.empty() ? parent : by.parent;
    for (const std::string& account : trigger.accounts) {
      // Streams of the parent stand in the state as soon as it was loaded once; only a poll tells.
      if (seen.polled.contains(parent + "\n" + account)) continue;
      full[trigger.id + "\n" + account].parents = kMoreThanFit;
      unknowns[trigger.id + "\n" + account] = {};
    }
  }
  for (const AccountPlan& plan : plan_budget(config, full)) {
    for (const TriggerCost& cost : plan.triggers) {
      const auto found = unknowns.find(cost.trigger + "\n" + plan.account);
      if (found == unknowns.end()) continue;
      found->second.at_most = cost.requests_per_day;
      found->second.per_record =
          cost.requests_per_day / static_cast<double>(std::max<std::int64_t>(1, cost.per_turn));
    }
  }
  return unknowns;
}

nlohmann::json plan_json(const AccountPlan& plan, const Unknowns& unknowns) {
  nlohmann::json triggers = nlohmann::json::array();
  for (const TriggerCost& cost : plan.triggers) {
    nlohmann::json row = {{"trigger", cost.trigger},
                          {"streams", cost.streams},
                          {"in_turns", cost.in_turns},
                          {"per_turn", cost.per_turn},
                          {"cover", format_duration(cost.cover)},
                          {"requests_per_day", std::llround(cost.requests_per_day)}};
    const auto unknown = unknowns.find(cost.trigger + "\n" + plan.account);
    if (unknown != unknowns.end()) {
      for (const char* name : {"streams", "per_turn", "cover", "requests_per_day"}) {
        row[name] = nullptr;
      }
      row["requests_per_day_and_record"] = std::llround(unknown->second.per_record);
      row["requests_per_day_at_most"] = std::llround(unknown->second.at_most);
    }
    triggers.push_back(std::move(row));
  }
  return {{"account", plan.account},
          {"burst_requests", std::llround(plan.burst_requests)},
          {"burst_limit", plan.burst_limit},
          {"burst_window", format_duration(plan.burst_window)},
          {"day_requests", std::llround(plan.day_requests)},
          {"day_limit", plan.day_limit},
          {"triggers", triggers},
          {"advice", plan.advice}};
}

std::string share(double part, std::int64_t limit) {
  if (limit <= 0) return "no limit";
  return std::to_string(std::llround(part)) + " of " + std::to_string(limit) + " (" +
         std::to_string(std::llround(100.0 * part / static_cast<double>(limit))) + " %)";
}

std::string unknown_text(const Unknown& unknown) {
  return std::to_string(std::llround(unknown.per_record)) + " a record, at most " +
         std::to_string(std::llround(unknown.at_most));
}

void print_plan(const AccountPlan& plan, const Unknowns& unknowns) {
  std::cout << "account " << plan.account << ": " << share(plan.day_requests, plan.day_limit)
            << " requests a day";
  if (plan.burst_limit > 0) {
    std::cout << ", at most " << share(plan.burst_requests, plan.burst_limit) << " in "
              << format_duration(plan.burst_window);
  }
  std::cout << '\n';
  Listing rows;
  rows.columns = {"trigger", "streams", "a turn", "covered in", "requests a day"};
  double at_most = 0;
  for (const TriggerCost& cost : plan.triggers) {
    const auto unknown = unknowns.find(cost.trigger + "\n" + plan.account);
    if (unknown != unknowns.end()) {
      at_most += unknown->second.at_most;
      rows.rows.push_back({{"trigger", cost.trigger},
                           {"streams", "unknown"},
                           {"a turn", "-"},
                           {"covered in", "-"},
                           {"requests a day", unknown_text(unknown->second)}});
      continue;
    }
    rows.rows.push_back({{"trigger", cost.trigger},
                         {"streams", cost.streams},
                         {"a turn", cost.in_turns ? std::to_string(cost.per_turn) : "all"},
                         {"covered in", format_duration(cost.cover)},
                         {"requests a day", std::llround(cost.requests_per_day)}});
  }
  std::cout << table_text(rows, {});
  if (at_most > 0) {
    std::cout << "unknown: how many records the trigger above has is known after its first poll; "
                 "turns keep all of these to "
              << std::llround(at_most) << " requests a day\n";
  }
  for (const std::string& advice : plan.advice) {
    std::cout << coloured("warning: " + advice, 33) << '\n';
  }
}

// Accounts that an agency lists cost alike: the dearest of each stands for them.
void print_plans(const Config& whole, const Config& file, const std::vector<AccountPlan>& plans,
                 const Unknowns& unknowns) {
  std::map<std::string, std::pair<const AccountPlan*, std::size_t>> found;  // by agency
  for (const AccountPlan& plan : plans) {
    if (file.account(plan.account) != nullptr) {
      print_plan(plan, unknowns);
      continue;
    }
    auto& [dearest, count] = found[whole.account(plan.account)->sign_in->agency];
    if (dearest == nullptr || plan.day_requests > dearest->day_requests) dearest = &plan;
    ++count;
  }
  for (const auto& [agency, followed] : file.followed) {
    const auto& [dearest, count] = found[agency];
    std::cout << "agency " << agency << ": " << count
              << (count == 0 ? " accounts found so far; `triggerd run` reads its list\n"
                             : " accounts found; the dearest of them:\n");
    if (dearest != nullptr) print_plan(*dearest, unknowns);
  }
}

// What the next start or reload would refuse, as it is now.
std::vector<Problem> refused_edits(const StateSeen& seen, const Config& whole, const Loaded& loaded,
                                   const CommandOptions& options) {
  if (!seen.stored) return {};
  std::vector<Problem> refused = plan_reload(*seen.stored, whole, options.config).refused;
  place_problems(refused, loaded.text);
  return refused;
}

}  // namespace

int command_check(const CommandOptions& options) {
  const Loaded loaded = load_for(options, false);
  if (loaded.config == nullptr) return kExitConfiguration;
  const Config& config = *loaded.config;
  const std::string state = state_directory(options, config);
  const auto whole = with_stored_accounts(loaded.config, state);
  const StateSeen seen = look_at_state(state);
  const std::vector<Problem> refused = refused_edits(seen, *whole, loaded, options);
  if (!refused.empty()) {
    const int code = fail_problems(options, refused, {{options.config, loaded.text}});
    if (options.json) return code;
    std::cerr << "triggerd: refused: a reload or start with this file would change nothing\n";
    return code;
  }
  const std::vector<AccountPlan> plans = plan_budget(*whole, seen.counts);
  const Unknowns unknowns = find_unknowns(*whole, seen);
  std::vector<OnlineResult> online;
  if (options.online) {
    auto asked = check_online(options, config);
    if (!asked) return fail(options, kExitFailed, asked.error());
    online = std::move(*asked);
  }
  const bool refused_online = std::any_of(
      online.begin(), online.end(), [](const OnlineResult& one) { return one.result != "ok"; });
  if (options.json) {
    nlohmann::json outcome{{"ok", !refused_online},
                           {"triggers", config.triggers.size()},
                           {"accounts", nlohmann::json::array()}};
    for (const AccountPlan& plan : plans) outcome["accounts"].push_back(plan_json(plan, unknowns));
    if (options.online) outcome["online"] = online_json(online);
    std::cout << outcome.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    std::cout << options.config << ": " << config.triggers.size() << " triggers, "
              << config.accounts.size() << " accounts, no problems\n";
    print_plans(*whole, config, plans, unknowns);
    print_online(online);
  }
  return refused_online ? kExitFailed : kExitOk;
}

}  // namespace triggerd
