#include "triggerd/engine/operator_command.h"

#include "engine/config_notes.h"
#include "engine/record_commands.h"
#include "triggerd/store/outbox.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

std::string text_of(const nlohmann::json& command, const char* name) {
  const auto found = command.find(name);
  return found != command.end() && found->is_string() ? found->get<std::string>() : std::string();
}

OperatorAnswer refuse(std::string message) {
  return {false, std::move(message), {}, false, false, nullptr};
}

std::string no_such_trigger(const Config& config, const std::string& id) {
  std::vector<std::string> ids;
  for (const Trigger& trigger : config.triggers) ids.push_back(trigger.id);
  const std::string near = nearest_name(id, ids);
  return "there is no trigger `" + id + "`" +
         (near.empty() ? "" : "; did you mean `" + near + "`?");
}

// The row of a trigger that no daemon has applied yet: the next one finds it and keeps the pause.
TriggerRow new_row(const Trigger& trigger) {
  TriggerRow row;
  row.id = trigger.id;
  if (trigger.operation != nullptr) row.operation = trigger.operation->full_name;
  row.source_hash = trigger.source_hash;
  row.watch_hash = trigger.watch_hash;
  return row;
}

OperatorAnswer set_paused(Database& database, const Trigger& trigger, bool paused,
                          const std::string& reason, WallTime now) {
  const std::string& id = trigger.id;
  TriggerRow row = new_row(trigger);
  bool known = false;
  for (TriggerRow& stored : load_triggers(database)) {
    if (stored.id != id) continue;
    row = std::move(stored);
    known = true;
  }
  if (row.paused == paused) {
    return {true, id + (paused ? " is paused already" : " is not paused"), {}, false};
  }
  row.paused = paused;
  row.paused_reason = paused ? reason : "";
  save_trigger(database, row, now);
  if (!known) {
    return {true,
            id + " is paused; it has never been polled, and will not be before `resume`",
            {id},
            false};
  }
  return {true,
          id + (paused ? " is paused; its cursor and records stay" : " goes on from its cursor"),
          {id},
          false};
}

// A trigger without streams: what is wanted is noted, and its first streams begin with it. Those of
// a fan-out are made by its parent's records at any later time, so nothing can be promised there.
OperatorAnswer reset_unpolled(Database& database, const Trigger& trigger,
                              const std::string& state) {
  if (trigger.follows_parent()) {
    std::string parent;
    for (const ForEach& by : trigger.for_each) parent = by.parent.empty() ? parent : by.parent;
    return refuse(trigger.id + " has no streams yet: they come with the records of `" + parent +
                  "`; poll that one first, or write `start: " + state + "` into the file");
  }
  note_setting(database, first_state_setting(trigger.id), state);
  return {
      true,
      trigger.id + " has not been polled yet: its first poll " +
          (state == "backfill" ? "makes an event of every record" : "takes every record as known"),
      {},
      false};
}

// Rebaseline: the next walk takes all records as known. Backfill: the next walk makes an event of
// each.
OperatorAnswer reset_trigger(Database& database, const Trigger& trigger, const std::string& state) {
  const std::string& id = trigger.id;
  std::int64_t streams = 0;
  for (StreamRow& row : load_streams(database)) {
    if (row.trigger != id) continue;
    reset_stream(database, row);
    row.state = state;
    row.fire_first = false;
    save_stream(database, row);
    ++streams;
  }
  if (streams == 0) return reset_unpolled(database, trigger, state);
  const std::string what = state == "backfill" ? ": the next poll makes an event of every record"
                                               : ": the next poll takes every record as known";
  return {true,
          id + what + " (" + std::to_string(streams) + (streams == 1 ? " stream)" : " streams)"),
          {id},
          false};
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
    const auto current_steps = command.find("current");
    const bool today = current_steps != command.end() && *current_steps == true;
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
  if (name == "forget") return forget_known(database, text_of(command, "record"), id, now);
  if (name == "replay") {
    const Trigger* replayed = config.trigger(id);
    if (replayed == nullptr) return refuse(no_such_trigger(config, id));
    return replay_finished(database, *replayed, command, now);
  }
  if (name != "pause" && name != "resume" && name != "rebaseline" && name != "backfill") {
    return refuse("unknown command `" + name + "`");
  }
  const Trigger* trigger = config.trigger(id);
  if (trigger == nullptr) return refuse(no_such_trigger(config, id));
  if (name == "pause") return set_paused(database, *trigger, true, text_of(command, "reason"), now);
  if (name == "resume") return set_paused(database, *trigger, false, "", now);
  return reset_trigger(database, *trigger, name == "backfill" ? "backfill" : "baseline");
}

nlohmann::json answer_json(const OperatorAnswer& answer) {
  nlohmann::json line{{"ok", answer.ok}, {"message", answer.message}};
  if (!answer.more.is_null()) line["more"] = answer.more;
  return line;
}

}  // namespace triggerd
