#include "engine/record_commands.h"

#include "triggerd/store/forget.h"
#include "triggerd/store/replay.h"

namespace triggerd {

namespace {

OperatorAnswer refuse(std::string message) {
  OperatorAnswer answer;
  answer.ok = false;
  answer.message = std::move(message);
  return answer;
}

std::string text_of(const nlohmann::json& command, const char* name) {
  const auto found = command.find(name);
  return found != command.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const nlohmann::json& command, const char* name) {
  const auto found = command.find(name);
  return found != command.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string why_not(Database& database, const std::string& event, const std::string& trigger) {
  const std::optional<EventState> found = event_state(database, event);
  if (!found || found->trigger != trigger) return trigger + " has no event `" + event + "`";
  if (found->state == "dead")
    return event + " is a dead letter: `triggerd dead retry " + event + "`";
  if (found->state == "held") return event + " is held: `triggerd held release " + event + "`";
  if (found->state != "done") return event + " is still on its way";
  return "";
}

}  // namespace

OperatorAnswer replay_finished(Database& database, const Trigger& trigger,
                               const nlohmann::json& command, WallTime now) {
  ReplayWish wish;
  wish.trigger = trigger.id;
  wish.event_id = text_of(command, "event");
  wish.after = number_of(command, "after");
  wish.until = number_of(command, "until");
  wish.steps_hash = trigger.steps_hash;
  wish.ordered = trigger.ordering == Ordering::record;
  for (const Step& step : trigger.steps) wish.step_ids.push_back(step.id);
  if (const std::string since = text_of(command, "since"); !since.empty()) {
    wish.since = parse_iso8601(since);
    if (!wish.since) return refuse("`" + since + "` is no time");
  }
  if (!wish.event_id.empty()) {
    if (std::string reason = why_not(database, wish.event_id, trigger.id); !reason.empty()) {
      return refuse(std::move(reason));
    }
  }
  const ReplayDone done = replay_events(database, wish, now);
  if (!wish.event_id.empty() && done.runs == 0) {
    return refuse("nothing is left of " + wish.event_id +
                  " that could be sent: its record was deleted (`engine.retention.bodies`, or "
                  "`forget`)");
  }
  OperatorAnswer answer;
  answer.message = counted(done.runs, "event") + " of " + trigger.id + " fired again";
  answer.wake_dispatch = done.runs > 0;
  answer.more = {{"runs", done.runs}, {"without_body", done.without_body}};
  if (done.more) {
    answer.more["after"] = done.after;
    answer.more["until"] = done.until;
  }
  return answer;
}

OperatorAnswer forget_known(Database& database, const std::string& record,
                            const std::string& trigger, WallTime now) {
  if (record.empty()) return refuse("name a record");
  const std::vector<std::string> knowing = triggers_knowing(database, record);
  const Forgotten gone = forget_record(database, record, trigger, now);
  OperatorAnswer answer;
  answer.erased = true;
  answer.wake_dispatch = gone.dropped > 0;
  for (const std::string& one : knowing) {
    if (trigger.empty() || one == trigger) answer.touched.push_back(one);
  }
  answer.message = record + ": remembered values of " + counted(gone.records, "stream") +
                   ", the bodies of " + counted(gone.events, "event") + " and " +
                   counted(gone.odd, "odd record") + " are deleted; it does not fire again for it";
  if (gone.dropped > 0) {
    answer.message += "; " + counted(gone.dropped, "event") +
                      " of it had not been sent to the end, and will not be";
  }
  if (gone.in_flight > 0) {
    answer.ok = false;
    answer.message += "; " + counted(gone.in_flight, "event") +
                      " of it is being sent at this moment: run the command again";
  }
  return answer;
}

}  // namespace triggerd
