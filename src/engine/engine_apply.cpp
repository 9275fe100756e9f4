// A configuration is applied by difference: at start against what the database remembers, at reload
// against the one before.
#include "engine/engine_parts.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

StoredConfig stored_config(Database& database) {
  StoredConfig stored;
  std::map<std::string, std::vector<std::string>> accounts = polled_accounts(database);
  for (const TriggerRow& row : load_triggers(database)) {
    stored.triggers.push_back({row.id, row.operation, row.source_hash, accounts[row.id]});
  }
  stored.identities = load_identities(database);
  return stored;
}

std::string steps_definition(const Trigger& trigger) {
  nlohmann::json list = nlohmann::json::array();
  for (const Step& step : trigger.steps) list.push_back(step_to_json(step));
  return list.dump();
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

std::vector<Problem> Engine::Parts::apply_now(std::shared_ptr<const Config> next) {
  const TurnTime time = now();
  const ReloadPlan plan = plan_reload(stored_config(database), *next, options.file);
  if (!plan.refused.empty()) return plan.refused;
  database.begin();
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
  database.commit();
  dispatcher.use_config(config);
  poller.follow(table, gates, time);
  runs_changed = true;
  log(LogLevel::info, before == nullptr ? "configuration is loaded" : "configuration is reloaded",
      {{"triggers", config->triggers.size()},
       {"accounts", config->accounts.size()},
       {"streams", table.all().size()},
       {"added", plan.added.size()},
       {"removed", plan.removed.size()},
       {"changed", plan.changed.size()}});
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
