#include "triggerd/engine/operator_command.h"

#include "triggerd/store/outbox.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

std::string text_of(const nlohmann::json& command, const char* name) {
  const auto found = command.find(name);
  return found != command.end() && found->is_string() ? found->get<std::string>() : std::string();
}

OperatorAnswer refuse(std::string message) { return {false, std::move(message), {}, false}; }

std::string no_such_trigger(const Config& config, const std::string& id) {
  std::vector<std::string> ids;
  for (const Trigger& trigger : config.triggers) ids.push_back(trigger.id);
  const std::string near = nearest_name(id, ids);
  return "there is no trigger `" + id + "`" +
         (near.empty() ? "" : "; did you mean `" + near + "`?");
}

OperatorAnswer set_paused(Database& database, const std::string& id, bool paused,
                          const std::string& reason, WallTime now) {
  for (TriggerRow& row : load_triggers(database)) {
    if (row.id != id) continue;
    if (row.paused == paused) {
      return {true, id + (paused ? " is paused already" : " is not paused"), {}, false};
    }
    row.paused = paused;
    row.paused_reason = paused ? reason : "";
    save_trigger(database, row, now);
    return {true,
            id + (paused ? " is paused; its cursor and records stay" : " goes on from its cursor"),
            {id},
            false};
  }
  return refuse("the daemon has not met trigger `" + id + "` yet");
}

// Rebaseline: the next walk takes all records as known. Backfill: the next walk makes an event of
// each.
OperatorAnswer reset_trigger(Database& database, const std::string& id, const std::string& state) {
  std::int64_t streams = 0;
  for (StreamRow& row : load_streams(database)) {
    if (row.trigger != id) continue;
    reset_stream(database, row);
    row.state = state;
    row.fire_first = false;
    save_stream(database, row);
    ++streams;
  }
  const std::string what = state == "backfill" ? ": the next poll makes an event of every record"
                                               : ": the next poll takes every record as known";
  return {true, id + what + " (" + std::to_string(streams) + " streams)", {id}, false};
}

OperatorAnswer count_answer(std::int64_t runs, const std::string& what, bool wake) {
  return {true, std::to_string(runs) + (runs == 1 ? " run " : " runs ") + what, {}, wake};
}

OperatorAnswer change_runs(Database& database, const Config& config, const std::string& name,
                           const nlohmann::json& command, WallTime now) {
  const std::string selector = text_of(command, "selector");
  if (selector.empty()) return refuse("name an event, a trigger, or `all`");
  if (name == "dead-retry") {
    std::map<std::string, std::pair<std::string, std::vector<std::string>>> current;
    for (const Trigger& trigger : config.triggers) {
      auto& [hash, ids] = current[trigger.id];
      hash = trigger.steps_hash;
      for (const Step& step : trigger.steps) ids.push_back(step.id);
    }
    const bool today = command.value("current", false);
    return count_answer(retry_dead(database, selector, today, current, now), "wait again", true);
  }
  if (name == "dead-drop") return count_answer(drop_dead(database, selector, now), "dropped", true);
  if (name == "held-release") {
    return count_answer(release_held(database, selector, now), "released", true);
  }
  return count_answer(drop_held(database, selector, now), "dropped", true);
}

}  // namespace

OperatorAnswer run_operator_command(Database& database, const Config& config,
                                    const nlohmann::json& command, WallTime now) {
  if (!command.is_object()) return refuse("a command is a JSON object");
  const std::string name = text_of(command, "command");
  if (name == "dead-retry" || name == "dead-drop" || name == "held-release" ||
      name == "held-drop") {
    return change_runs(database, config, name, command, now);
  }
  const std::string id = text_of(command, "trigger");
  if (name != "pause" && name != "resume" && name != "rebaseline" && name != "backfill") {
    return refuse("unknown command `" + name + "`");
  }
  if (config.trigger(id) == nullptr) return refuse(no_such_trigger(config, id));
  if (name == "pause") return set_paused(database, id, true, text_of(command, "reason"), now);
  if (name == "resume") return set_paused(database, id, false, "", now);
  return reset_trigger(database, id, name == "backfill" ? "backfill" : "baseline");
}

}  // namespace triggerd
