// A configuration is applied by difference: at start against what the database remembers, at reload
// against the one before.
#include <algorithm>

#include "engine/config_notes.h"
#include "engine/engine_parts.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"
#include "triggerd/store/stored_config.h"

namespace triggerd {

namespace {

std::string steps_definition(const Trigger& trigger) {
  nlohmann::json list = nlohmann::json::array();
  for (const Step& step : trigger.steps) list.push_back(step_to_json(step));
  return list.dump();
}

// Everything a user can edit in a trigger, so that a reload can say which ones it touched.
std::string whole_text(const Trigger& trigger) {
  nlohmann::json fan_out = nlohmann::json::array();
  for (const ForEach& by : trigger.for_each) {
    fan_out.push_back({by.param, by.values, by.parent, by.parent_value});
  }
  nlohmann::json whole = {trigger.source_hash,
                          trigger.watch_hash,
                          trigger.steps_hash,
                          trigger.accounts,
                          trigger.every.count(),
                          fan_out,
                          {trigger.detect_new, trigger.detect_changed, trigger.detect_removed},
                          trigger.when_text,
                          static_cast<int>(trigger.start),
                          trigger.backfill_limit,
                          trigger.hold_above,
                          static_cast<int>(trigger.priority),
                          static_cast<int>(trigger.ordering),
                          trigger.enabled};
  if (trigger.transition) {
    whole.push_back({trigger.transition->field, trigger.transition->from.value_or(nullptr),
                     trigger.transition->to.value_or(nullptr)});
  }
  return compact_json(whole);
}

// Names joined by commas; a long list is cut, since a log line is no report.
std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) {
    text += (i == 0 ? "" : ",") + names[i];
  }
  if (names.size() > kShown) text += ",... (" + std::to_string(names.size()) + " in all)";
  return text.empty() ? "-" : text;
}

std::vector<std::string> changed_triggers(const Config& before, const Config& after,
                                          const ReloadPlan& plan) {
  std::vector<std::string> names;
  for (const Trigger& trigger : after.triggers) {
    std::string known_as = trigger.id;
    for (const auto& [from, to] : plan.renamed) known_as = to == trigger.id ? from : known_as;
    const Trigger* old = before.trigger(known_as);
    if (old != nullptr && whole_text(*old) != whole_text(trigger)) names.push_back(trigger.id);
  }
  return names;
}

bool same_secrets(const Account& a, const Account& b) {
  return std::equal(a.secrets.begin(), a.secrets.end(), b.secrets.begin(), b.secrets.end(),
                    [](const auto& one, const auto& other) {
                      return one.first == other.first &&
                             one.second.reveal() == other.second.reveal();
                    });
}

// In a sandbox, each load brings new throw-away credentials, which is no edit.
std::vector<std::string> changed_accounts(const Config& before, const Config& after,
                                          bool in_sandbox) {
  std::vector<std::string> names;
  for (const auto& [name, account] : after.accounts) {
    const Account* old = before.account(name);
    const bool same = old != nullptr && account_identity(*old) == account_identity(account) &&
                      old->keys == account.keys && old->labels == account.labels &&
                      (in_sandbox || same_secrets(*old, account));
    if (!same) names.push_back(name);
  }
  for (const auto& [name, account] : before.accounts) {
    if (after.account(name) == nullptr) names.push_back(name);
  }
  return names;
}

void log_start(const Config& config, std::size_t streams) {
  log(LogLevel::info, "configuration is loaded",
      {{"triggers", config.triggers.size()},
       {"accounts", config.accounts.size()},
       {"streams", streams}});
}

void log_reload(const Config& before, const Config& after, const ReloadPlan& plan,
                const std::vector<std::string>& accounts, std::size_t streams) {
  std::vector<std::string> renamed;
  for (const auto& [from, to] : plan.renamed) renamed.push_back(from + "->" + to);
  log(LogLevel::info, "configuration is reloaded",
      {{"triggers", after.triggers.size()},
       {"accounts", after.accounts.size()},
       {"streams", streams},
       {"added", names_text(plan.added)},
       {"removed", names_text(plan.removed)},
       {"renamed", names_text(renamed)},
       {"rebaselined", names_text(plan.rebaselined)},
       {"changed", names_text(changed_triggers(before, after, plan))},
       {"accounts_changed", names_text(accounts)}});
  if (before.engine.state != after.engine.state) {
    log(LogLevel::warning, "an edit of engine.state has no effect before a restart",
        {{"state", before.engine.state}, {"edited_to", after.engine.state}});
  }
}

}  // namespace

std::vector<Problem> Engine::Parts::apply(std::shared_ptr<const Config> next) {
  if (storage_down) {
    apply_later(std::move(next));
    return {};
  }
  const std::shared_ptr<const Config> before = config;
  try {
    return apply_now(next);
  } catch (const StoreFailure& failure) {
    if (before == nullptr) throw;
    config = before;
    storage_failed(failure);
    apply_later(std::move(next));
    return {};
  }
}

void Engine::Parts::apply_later(std::shared_ptr<const Config> next) {
  waiting_config = std::move(next);
  log(LogLevel::warning, "the configuration is applied as soon as the state can be written", {});
}

std::vector<Problem> Engine::Parts::apply_now(std::shared_ptr<const Config> file) {
  const TurnTime time = now();
  if (config == nullptr) agencies.restore(read_agency_lists(database));
  std::shared_ptr<const Config> next = with_found_accounts(file, polled_in(agencies.lists()));
  const ReloadPlan plan = plan_reload(read_stored_config(database), *next, options.file);
  if (!plan.refused.empty()) return plan.refused;
  database.begin();
  keep_agency_lists();
  poller.save_notes(database, SIZE_MAX);
  for (const std::string& id : plan.removed) poller.close_walks(database, id, time.wall);
  for (const std::string& id : plan.rebaselined) poller.close_walks(database, id, time.wall);
  std::unordered_set<std::string> reset;
  const std::shared_ptr<const Config> before = std::exchange(config, std::move(next));
  apply_rows(plan, reset, time.wall);
  for (const std::string& trigger : reset) {
    if (before != nullptr) poller.forget_walks(trigger);
  }
  make_gates(*config, time);
  table.apply(config, database, reset, time.wall);
  begin_as_asked();
  note_applied(database, options.file, *config, time.wall);
  database.commit();
  dispatcher.use_config(config);
  meter.follow(*config);
  poller.follow(table, gates, time);
  file_config = std::move(file);
  tokens.follow(config, time.wall, time.steady);
  agencies.follow(config, time.steady);
  work_tokens(time);
  runs_changed = true;
  if (before == nullptr) {
    log_start(*config, table.all().size());
    return {};
  }
  const auto accounts = changed_accounts(*before, *config, !options.sandbox_url.empty());
  if (before->file_hash == config->file_hash && accounts.empty()) {
    log(LogLevel::info, "the configuration is as it was");
  } else {
    log_reload(*before, *config, plan, accounts, table.all().size());
  }
  return {};
}

void Engine::Parts::apply_rows(const ReloadPlan& plan, std::unordered_set<std::string>& reset,
                               WallTime now) {
  for (const auto& [from, to] : plan.renamed) rename_trigger(database, from, to);
  for (const std::string& id : plan.removed) {
    remove_trigger(database, id, now);
    reset.insert(id);
  }
  std::map<std::string, TriggerRow> rows;
  for (TriggerRow& row : load_triggers(database)) rows.emplace(row.id, std::move(row));
  for (const Trigger& trigger : config->triggers) {
    TriggerRow& row = rows[trigger.id];
    const bool source_moved = !row.id.empty() && row.source_hash != trigger.source_hash;
    const bool watch_moved = !row.id.empty() && row.watch_hash != trigger.watch_hash;
    if (source_moved) reset.insert(trigger.id);
    row.id = trigger.id;
    row.operation = trigger.operation->full_name;
    row.source_hash = trigger.source_hash;
    row.watch_hash = trigger.watch_hash;
    save_trigger(database, row, now);
    save_steps(database, trigger.steps_hash, steps_definition(trigger), now);
    if (!source_moved && !watch_moved) continue;
    // Bodies that were equal under the old rules must be looked at again under the new ones.
    for (StreamRow& stream : load_streams(database)) {
      if (stream.trigger != trigger.id) continue;
      stream.content_hash = 0;
      stream.etag.clear();
      stream.last_modified.clear();
      save_stream(database, stream);
    }
  }
  for (const auto& [name, account] : config->accounts) {
    save_identity(database, name, account_identity(account));
  }
  for (const std::string& id : plan.rebaselined) {
    reset.insert(id);
    for (StreamRow& stream : load_streams(database)) {
      if (stream.trigger == id) reset_stream(database, stream);
    }
  }
}

// Streams that have never been polled begin as an operator said before they were there.
void Engine::Parts::begin_as_asked() {
  for (const Trigger& trigger : config->triggers) {
    const std::string setting = first_state_setting(trigger.id);
    const std::string state = read_setting(database, setting).value_or("");
    if (state.empty()) continue;
    note_setting(database, setting, "");
    for (StreamRow& row : load_streams(database)) {
      if (row.trigger != trigger.id || row.last_poll || row.state == state) continue;
      row.state = state;
      save_stream(database, row);
    }
    table.reload_trigger(database, trigger.id);
  }
}

void Engine::Parts::make_gates(const Config& next, TurnTime time) {
  std::map<std::string, AccountRow> stored;
  for (AccountRow& row : load_accounts(database)) stored.emplace(row.name, std::move(row));
  for (const auto& [name, account] : next.accounts) {
    if (gates.contains(name) && gate_connectors[name] == account.connector->name) continue;
    gates.erase(name);
    RateGate gate(account.connector->limits, account.connector->rate_headers,
                  account.connector->concurrency);
    const auto row = stored.find(name);
    if (row != stored.end()) gate.restore(row->second.budget, time.wall, time.steady);
    gates.emplace(name, std::move(gate));
    gate_connectors[name] = account.connector->name;
  }
}

}  // namespace triggerd
