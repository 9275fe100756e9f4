// pause, resume, rebaseline, backfill, dead, held: through the control socket of a running daemon,
// or under the owner's lock when none runs.
#include "cli/operate.h"

#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "cli/table_text.h"
#include "os/control_client.h"
#include "os/system_clock.h"
#include "triggerd/engine/operator_command.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

constexpr std::chrono::milliseconds kControlWait{10'000};
constexpr std::int64_t kRowsDefault = 1'000;

// What the state itself knows of the triggers, for a file that does not load: enough for every
// command but `dead retry --current`, which asks for today's steps.
std::shared_ptr<const Config> remembered_config(Database& database) {
  auto config = std::make_shared<Config>();
  for (const TriggerRow& row : load_triggers(database)) {
    Trigger trigger;
    trigger.id = row.id;
    trigger.source_hash = row.source_hash;
    trigger.watch_hash = row.watch_hash;
    config->triggers.push_back(std::move(trigger));
  }
  return config;
}

nlohmann::json under_lock(const CommandOptions& options, const StatePlace& place,
                          const nlohmann::json& command, WallTime now) {
  Database database = Database::open(place.directory, {}, now);
  std::shared_ptr<const Config> config = load_quietly(options);
  if (config == nullptr) {
    if (options.current || command.value("command", "") == "replay") {
      return {{"ok", false},
              {"message", "this needs today's steps, but " + options.config +
                              " does not load: `triggerd check` shows why"}};
    }
    config = remembered_config(database);
    const std::string trigger = command.value("trigger", "");
    if (!trigger.empty() && config->trigger(trigger) == nullptr) {
      return {{"ok", false},
              {"message", options.config +
                              " has problems (`triggerd check` shows them), and the "
                              "state does not know `" +
                              trigger + "` yet"}};
    }
  }
  database.begin();
  const OperatorAnswer answer = run_operator_command(database, *config, command, now);
  database.commit();
  if (answer.erased) database.checkpoint();
  return answer_json(answer);
}

}  // namespace

Result<nlohmann::json, std::string> carry_out(const CommandOptions& options,
                                              const StatePlace& place,
                                              const nlohmann::json& command) {
  const WallTime now = SystemClock().wall();
  Result<OwnerLock, std::string> lock = OwnerLock::take(place.directory, now);
  if (lock) return under_lock(options, place, command, now);
  const auto line = control_call(place.directory + "/control", compact_json(command), kControlWait);
  if (!line) {
    return Failure<std::string>(lock.error() + "; its control socket says: " + line.error());
  }
  return parse_json(*line).value_or(
      nlohmann::json{{"ok", false}, {"message", "the daemon's answer is not understood"}});
}

int send_command(const CommandOptions& options, const StatePlace& place,
                 const nlohmann::json& command) {
  const auto answer = carry_out(options, place, command);
  if (!answer) return fail(options, kExitState, answer.error());
  const bool ok = answer->value("ok", false);
  if (!ok) return fail(options, kExitFailed, answer->value("message", ""));
  std::cout << (options.json ? compact_json(*answer) : answer->value("message", "")) << '\n';
  return kExitOk;
}

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The state opened for a look at its names; nothing when there is none yet.
std::optional<Database> look_at(const StatePlace& place) {
  try {
    DatabaseOptions how;
    how.read_only = true;
    return Database::open(place.directory, how, SystemClock().wall());
  } catch (const StoreFailure& failure) {
    if (failure.kind() != StoreFailure::Kind::refused) throw;
    return std::nullopt;
  }
}

// A selector of dead and held runs: `all`, an event, or a trigger, also one that is gone from the
// file.
std::optional<int> check_selector(const CommandOptions& options, const StatePlace& place,
                                  Database& database) {
  const std::string& selector = options.selector;
  if (selector.empty() || selector == "all") return {};
  if (selector.starts_with("evt_")) {
    if (describe_event(database, selector)) return {};
    return fail(options, kExitUsage, "there is no event `" + selector + "`");
  }
  const std::vector<std::string> known = known_triggers(&database, place, true);
  if (holds(known, selector)) return {};
  return fail_unknown(options, "trigger", selector, known);
}

int list_runs(const CommandOptions& options, const StatePlace& place, const std::string& view,
              const std::vector<std::string>& columns, const std::string& when_empty) {
  int failed = kExitOk;
  std::optional<Database> database = read_state(options, place, failed);
  if (!database) return failed;
  if (const auto wrong = check_selector(options, place, *database)) return *wrong;
  const std::string trigger = options.selector == "all" ? "" : options.selector;
  if (trigger.starts_with("evt_")) {
    return fail(options, kExitUsage,
                "`list` takes a trigger; `triggerd events " + trigger + "` shows one event");
  }
  print_rows(*database, {view, trigger, columns, when_empty, kRowsDefault}, options);
  return kExitOk;
}

int change_runs(const CommandOptions& options, const StatePlace& place,
                const nlohmann::json& command) {
  int failed = kExitOk;
  {
    std::optional<Database> database = read_state(options, place, failed);
    if (!database) return failed;
    if (const auto wrong = check_selector(options, place, *database)) return *wrong;
  }
  return send_command(options, place, command);
}

}  // namespace

int command_operate(const CommandOptions& options, const std::string& name) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  {
    std::optional<Database> database = look_at(*place);
    const std::vector<std::string> known =
        known_triggers(database ? &*database : nullptr, *place, false);
    if (!holds(known, options.trigger)) {
      return fail_unknown(options, "trigger", options.trigger, known);
    }
    // A state is made for a trigger that the file describes, not for a name in a broken file.
    if (!database && load_quietly(options) == nullptr) {
      return fail(options, kExitConfiguration,
                  options.config + " has problems: `triggerd check` shows them");
    }
  }
  nlohmann::json command{{"command", name}, {"trigger", options.trigger}};
  if (!options.reason.empty()) command["reason"] = options.reason;
  return send_command(options, *place, command);
}

int command_dead(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  if (options.verb == "list") {
    return list_runs(options, *place, "dead_letters",
                     {"event_id", "trigger", "key", "kind", "step", "attempts", "error"},
                     "no dead letters");
  }
  return change_runs(options, *place,
                     {{"command", "dead-" + options.verb},
                      {"selector", options.selector},
                      {"current", options.current}});
}

int command_held(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  if (options.verb == "list") {
    return list_runs(options, *place, "held",
                     {"event_id", "trigger", "account", "key", "kind", "reason"},
                     "nothing is held");
  }
  return change_runs(options, *place,
                     {{"command", "held-" + options.verb}, {"selector", options.selector}});
}

}  // namespace triggerd
