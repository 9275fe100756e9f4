// pause, resume, rebaseline, backfill, dead, held: through the control socket of a running daemon,
// or under the owner's lock when none runs.
#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/table_text.h"
#include "os/control_client.h"
#include "os/system_clock.h"
#include "triggerd/engine/operator_command.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

constexpr std::chrono::milliseconds kControlWait{10'000};

Result<nlohmann::json, std::string> carry_out(const std::string& directory, const Config& config,
                                              const nlohmann::json& command) {
  const WallTime now = SystemClock().wall();
  Result<OwnerLock, std::string> lock = OwnerLock::take(directory, now);
  if (lock) {
    Database database = Database::open(directory, {}, now);
    database.begin();
    const OperatorAnswer answer = run_operator_command(database, config, command, now);
    database.commit();
    return nlohmann::json{{"ok", answer.ok}, {"message", answer.message}};
  }
  const auto line = control_call(directory + "/control", compact_json(command), kControlWait);
  if (!line) {
    return Failure<std::string>(lock.error() + "; its control socket says: " + line.error());
  }
  return parse_json(*line).value_or(
      nlohmann::json{{"ok", false}, {"message", "the daemon's answer is not understood"}});
}

int send_command(const CommandOptions& options, const nlohmann::json& command) {
  const Loaded loaded = load_for(options, true);
  if (loaded.config == nullptr) return kExitConfiguration;
  const auto answer = carry_out(state_directory(options, *loaded.config), *loaded.config, command);
  if (!answer) {
    std::cerr << "triggerd: " << answer.error() << '\n';
    return kExitState;
  }
  const bool ok = answer->value("ok", false);
  if (options.json) {
    std::cout << compact_json(*answer) << '\n';
  } else {
    (ok ? std::cout : std::cerr) << (ok ? "" : "triggerd: ") << answer->value("message", "")
                                 << '\n';
  }
  return ok ? kExitOk : kExitFailed;
}

int list_runs(const CommandOptions& options, const std::string& view,
              const std::vector<std::string>& columns, const std::string& when_empty) {
  const Loaded loaded = load_for(options, true);
  if (loaded.config == nullptr) return kExitConfiguration;
  DatabaseOptions how;
  how.read_only = true;
  Database database =
      Database::open(state_directory(options, *loaded.config), how, SystemClock().wall());
  const std::string trigger = options.selector == "all" ? "" : options.selector;
  print_listing(list_view(database, view, trigger, 1'000), columns, options.json, when_empty);
  return kExitOk;
}

}  // namespace

int command_operate(const CommandOptions& options, const std::string& name) {
  nlohmann::json command{{"command", name}, {"trigger", options.trigger}};
  if (!options.reason.empty()) command["reason"] = options.reason;
  return send_command(options, command);
}

int command_dead(const CommandOptions& options) {
  if (options.verb == "list") {
    return list_runs(options, "dead_letters",
                     {"event_id", "trigger", "key", "kind", "step", "attempts", "error"},
                     "no dead letters");
  }
  return send_command(options, {{"command", "dead-" + options.verb},
                                {"selector", options.selector},
                                {"current", options.current}});
}

int command_held(const CommandOptions& options) {
  if (options.verb == "list") {
    return list_runs(options, "held", {"event_id", "trigger", "account", "key", "kind", "reason"},
                     "nothing is held");
  }
  return send_command(options,
                      {{"command", "held-" + options.verb}, {"selector", options.selector}});
}

}  // namespace triggerd
