// check: problems, and what the configuration costs in requests before it runs.
#include <cmath>
#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/table_text.h"
#include "os/system_clock.h"
#include "triggerd/config/budget_plan.h"
#include "triggerd/json_text.h"
#include "triggerd/store/database.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

// What earlier runs learned about pages and parents; nothing when there is no state yet.
std::map<std::string, StreamCounts> learned_counts(const std::string& directory) {
  std::map<std::string, StreamCounts> counts;
  try {
    DatabaseOptions how;
    how.read_only = true;
    Database database = Database::open(directory, how, SystemClock().wall());
    for (const StreamRow& row : load_streams(database)) {
      StreamCounts& count = counts[row.trigger + "\n" + row.account];
      if (row.parent) ++count.parents;
      if (row.polls > 0) {
        count.pages_per_poll = std::max(
            count.pages_per_poll, static_cast<double>(row.pages) / static_cast<double>(row.polls));
      }
    }
  } catch (const StoreFailure&) {
    counts.clear();  // not run yet, or not readable: `doctor` says more
  }
  return counts;
}

nlohmann::json plan_json(const AccountPlan& plan) {
  nlohmann::json triggers = nlohmann::json::array();
  for (const TriggerCost& cost : plan.triggers) {
    triggers.push_back({{"trigger", cost.trigger},
                        {"streams", cost.streams},
                        {"in_turns", cost.in_turns},
                        {"per_turn", cost.per_turn},
                        {"cover", format_duration(cost.cover)},
                        {"requests_per_day", std::llround(cost.requests_per_day)}});
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

void print_plan(const AccountPlan& plan) {
  std::cout << "account " << plan.account << ": " << share(plan.day_requests, plan.day_limit)
            << " requests a day";
  if (plan.burst_limit > 0) {
    std::cout << ", at most " << share(plan.burst_requests, plan.burst_limit) << " in "
              << format_duration(plan.burst_window);
  }
  std::cout << '\n';
  Listing rows;
  rows.columns = {"trigger", "streams", "a turn", "covered in", "requests a day"};
  for (const TriggerCost& cost : plan.triggers) {
    rows.rows.push_back({{"trigger", cost.trigger},
                         {"streams", cost.streams},
                         {"a turn", cost.in_turns ? std::to_string(cost.per_turn) : "all"},
                         {"covered in", format_duration(cost.cover)},
                         {"requests a day", std::llround(cost.requests_per_day)}});
  }
  std::cout << table_text(rows, {});
  for (const std::string& advice : plan.advice) {
    std::cout << coloured("warning: " + advice, 33) << '\n';
  }
}

}  // namespace

int command_check(const CommandOptions& options) {
  const Loaded loaded = load_for(options, false);
  if (loaded.config == nullptr) {
    if (options.json) std::cout << nlohmann::json{{"ok", false}}.dump() << '\n';
    return kExitConfiguration;
  }
  const Config& config = *loaded.config;
  const std::vector<AccountPlan> plans =
      plan_budget(config, learned_counts(state_directory(options, config)));
  if (options.json) {
    nlohmann::json accounts = nlohmann::json::array();
    for (const AccountPlan& plan : plans) accounts.push_back(plan_json(plan));
    std::cout << nlohmann::json{{"ok", true},
                                {"triggers", config.triggers.size()},
                                {"accounts", accounts}}
                     .dump(2)
              << '\n';
    return kExitOk;
  }
  std::cout << options.config << ": " << config.triggers.size() << " triggers, "
            << config.accounts.size() << " accounts, no problems\n";
  for (const AccountPlan& plan : plans) print_plan(plan);
  return kExitOk;
}

}  // namespace triggerd
