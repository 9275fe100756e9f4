#include "dispatch/run_walk.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "dispatch/confirm_step.h"
#include "dispatch/link_step.h"
#include "dispatch/repeats.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {
namespace {

using nlohmann::json;

// What became of the step that was looked at.
enum class Next {
  look_again,  // it is over; the one behind it is next
  reread,      // its rows have changed
  stop,        // the run waits or has ended
  send,
};

struct Walk {
  PrepareRound& round;
  RunRow run;
  std::shared_ptr<const CompiledSteps> steps;
  ReadySend ready;
};

bool is_over(StepState state) {
  switch (state) {
    case StepState::succeeded:
    case StepState::skipped:
    case StepState::dead:
      return true;
    case StepState::waiting:
    case StepState::sending:
      return false;
  }
  return false;
}

StepRow* first_open(RunRow& run) {
  for (StepRow& row : run.steps) {
    if (!is_over(row.state)) return &row;
  }
  return nullptr;
}

Next bury(Walk& walk, StepRow& row, const std::string& reason, bool go_on) {
  kill_step(walk.round.database, walk.run.id, row, reason, go_on, walk.round.wall);
  row.state = StepState::dead;
  log(LogLevel::warning, "a step went to the dead letters unsent",
      {{"trigger", walk.run.trigger}, {"event", walk.run.event_id}, {"step", row.step_id}});
  return go_on ? Next::look_again : Next::stop;
}

Next skip(Walk& walk, StepRow& row, const std::string& reason) {
  skip_step(walk.round.database, walk.run.id, row, reason, walk.round.wall);
  row.state = StepState::skipped;
  return Next::look_again;
}

Next put_off(Walk& walk, WallTime until) {
  postpone_run(walk.round.database, walk.run.id, until);
  return Next::stop;
}

// ---- when, each

// Nothing: go on with the step.
std::optional<Next> judge_when(Walk& walk, StepRow& row, const CompiledStep& step,
                               const json& object) {
  if (!step.when) return std::nullopt;
  const auto values = walk.steps->expressions->run(*step.when, object);
  const bool go_on = step.step.continue_on_error;
  if (!values) return bury(walk, row, "when: " + values.error(), go_on);
  if (values->size() > 1) return bury(walk, row, "when: gives several values", go_on);
  const bool yes = !values->empty() && !values->front().is_null() && values->front() != json(false);
  if (yes) return std::nullopt;
  return skip(walk, row, "when");
}

std::optional<Next> judge_each(Walk& walk, StepRow& row, const CompiledStep& step,
                               const json& object) {
  if (!step.each) return std::nullopt;
  const auto values = walk.steps->expressions->run(*step.each, object);
  const bool go_on = step.step.continue_on_error;
  if (!values) return bury(walk, row, "each: " + values.error(), go_on);
  if (values->size() != 1 || !values->front().is_array()) {
    return bury(walk, row, "each: must give one list", go_on);
  }
  const json& list = values->front();
  if (list.size() > kEachValuesMax) {
    return bury(walk, row, "each: the list is above 1000 values", go_on);
  }
  std::vector<std::string> texts;
  for (const json& value : list) texts.push_back(compact_json(value));
  expand_step(walk.round.database, walk.run.id, row.position, texts);
  return Next::reread;
}

// ---- may it go now

// The time to wait for; nothing: go.
std::optional<WallTime> must_wait(Walk& walk, const StepRow& row, const Step& step) {
  PrepareRound& round = walk.round;
  const std::string endpoint = endpoint_of(step, walk.run.account);
  if (endpoint.empty()) return std::nullopt;
  if (const auto until = round.endpoints.put_off(endpoint, round.wall)) return until;
  if (endpoint.starts_with("account ")) {
    const std::string account = step.account.empty() ? walk.run.account : step.account;
    auto gate = round.counted.find(account);
    if (gate == round.counted.end()) {
      const auto original = round.gates.find(account);
      if (original != round.gates.end()) gate = round.counted.insert(*original).first;
    }
    if (gate != round.counted.end()) {
      const Trigger* trigger = round.sources.config.trigger(walk.run.trigger);
      const Priority priority = trigger == nullptr ? Priority::normal : trigger->priority;
      const Millis wait =
          gate->second.wait_before_next(Claim::action, priority, round.wall, round.now);
      if (wait > Millis{0}) return round.endpoints.put_off_by(endpoint, wait, round.wall);
      const Operation* operation = round.sources.config.catalog->operation(step.action);
      const Millis apart = gate->second.group_wait(
          Claim::action, round.now, operation == nullptr ? "" : operation->limit_group);
      // Other operations of the account may go meanwhile.
      if (apart > Millis{0}) return round.wall + apart;
    }
  }
  if (row.attempts == 0) return std::nullopt;
  return round.endpoints.claim_retry(round.wall);
}

// ---- a pair of ids

// Nothing goes out, so begin and end are one transaction.
Next keep_link(Walk& walk, StepRow& row, const Step& step, const json& request) {
  PrepareRound& round = walk.round;
  const Attempt attempt = begin_attempt(round.database, walk.run.id, row, row.request, round.wall);
  AttemptEnd end = walk_link(round.database, request, round.wall);
  end.go_on = step.continue_on_error;
  finish_attempt(round.database, attempt, end, round.wall);
  const bool dead = end.kind == AttemptEnd::Kind::dead;
  row.state = dead ? StepState::dead : StepState::succeeded;
  row.answer = end.answer;
  return dead && !end.go_on ? Next::stop : Next::look_again;
}

// ---- the attempt

void note_started(PrepareRound& round, const Send& send, bool first_attempt) {
  round.endpoints.started(send.endpoint, first_attempt);
  const auto gate = round.counted.find(send.account);
  if (gate != round.counted.end()) {
    gate->second.started(Claim::action, round.wall, round.now, send.limit_group);
  }
}

Next make_attempt(Walk& walk, StepRow& row, const CompiledStep& compiled, const json& object) {
  PrepareRound& round = walk.round;
  const Step& step = compiled.step;
  json request;
  if (row.request.empty()) {
    Result<Rendered, std::string> rendered =
        render_step(step, compiled.with, *walk.steps->expressions, object, round.sources.config);
    if (!rendered) return bury(walk, row, rendered.error(), step.continue_on_error);
    request = std::move(rendered->request);
    row.request = compact_json(request);
    if (row.request.size() > kRequestBytesMax) {
      return bury(walk, row, "with: what it renders to is above 4 MiB", step.continue_on_error);
    }
  } else {
    Result<json, JsonProblem> stored = parse_json(row.request);
    if (!stored) return bury(walk, row, "the stored request is no JSON", step.continue_on_error);
    request = *std::move(stored);
  }
  if (step.action == kLinkAction) return keep_link(walk, row, step, request);
  Result<SendPlan, std::string> plan = plan_send(request, step, walk.run, round.sources);
  if (!plan) return bury(walk, row, plan.error(), step.continue_on_error);
  const Attempt attempt = begin_attempt(round.database, walk.run.id, row, row.request, round.wall);
  stamp_send(*plan, attempt, walk.run, round.wall);
  plan->send.action = step.action;
  note_started(round, plan->send, attempt.number == 1);
  walk.ready = {*std::move(plan), walk.steps, static_cast<std::size_t>(row.position)};
  return Next::send;
}

// ---- the question before an attempt that may be a repeat

// It writes nothing: after a crash it is asked again.
Next ask(Walk& walk, StepRow& row, const CompiledStep& compiled, const json& object) {
  PrepareRound& round = walk.round;
  const CompiledConfirm& confirm = *compiled.confirm;
  const WallTime since = *row.unsure;
  const WallTime ready = since + compiled.step.confirm->wait;
  // A moment that lies ahead is from before the clock was stepped back.
  if (since <= round.wall && round.wall < ready) return put_off(walk, ready);
  if (const auto until = must_wait(walk, row, confirm.ask)) return put_off(walk, *until);
  const bool go_on = compiled.step.continue_on_error;
  const Result<Rendered, std::string> rendered =
      render_step(confirm.ask, confirm.with, *walk.steps->expressions, confirm_object(object, row),
                  round.sources.config);
  if (!rendered) return bury(walk, row, "confirm." + rendered.error(), go_on);
  Result<SendPlan, std::string> plan =
      plan_send(rendered->request, confirm.ask, walk.run, round.sources);
  if (!plan) return bury(walk, row, "confirm: " + plan.error(), go_on);
  const Attempt last{walk.run.id, row.position, row.each_index, row.attempts, row.key};
  stamp_send(*plan, last, walk.run, round.wall);
  plan->send.action = confirm.ask.action;
  plan->send.asks = true;
  note_started(round, plan->send, false);
  walk.ready = {*std::move(plan), walk.steps, static_cast<std::size_t>(row.position)};
  return Next::send;
}

// Runs in flight are never walked, so the end of this attempt was lost with its transaction. It may
// have been delivered: the next one counts as a repeat.
void declare_lost(Walk& walk, StepRow& row) {
  const Attempt lost{walk.run.id, row.position, row.each_index, row.attempts, row.key};
  interrupt_attempt(walk.round.database, lost, walk.round.wall);
  row.state = StepState::waiting;
  row.unsure = walk.round.wall;
}

// A crash took the answer of the last attempt of a write that must not be made twice. Nothing: it
// may go on.
std::optional<Next> stop_unsure(Walk& walk, StepRow& row, const Step& step) {
  if (!row.unsure || row.attempts == 0) return std::nullopt;
  PrepareRound& round = walk.round;
  const Operation* operation = round.sources.config.catalog->operation(step.action);
  if (operation == nullptr || !stops_when_unsure(*operation, step, row)) return std::nullopt;
  if (!was_interrupted(round.database, walk.run.id, row)) return std::nullopt;
  AttemptEnd end;
  end.kind = AttemptEnd::Kind::dead;
  end.reason = may_have_happened("its answer was lost");
  end.unknown = true;
  end.go_on = step.continue_on_error;
  const Attempt last{walk.run.id, row.position, row.each_index, row.attempts, row.key};
  finish_attempt(round.database, last, end, round.wall);
  row.state = StepState::dead;
  log(LogLevel::warning, "a step went to the dead letters: it may have happened",
      {{"trigger", walk.run.trigger}, {"event", walk.run.event_id}, {"step", row.step_id}});
  return end.go_on ? Next::look_again : Next::stop;
}

Next look_at(Walk& walk, StepRow& row) {
  const auto position = static_cast<std::size_t>(row.position);
  if (walk.steps == nullptr || row.position < 0 || position >= walk.steps->steps.size()) {
    return bury(walk, row, "the definition of this step is not in the database", false);
  }
  if (row.state == StepState::sending) declare_lost(walk, row);
  const CompiledStep& step = walk.steps->steps[position];
  if (!step.problem.empty()) return bury(walk, row, step.problem, step.step.continue_on_error);
  const json object = step_object(walk.run, row);
  // Both are asked once, for the step as a whole; a value of `each` and a rendered request have
  // them behind.
  if (row.request.empty() && row.each_value.empty()) {
    if (const auto next = judge_when(walk, row, step, object)) return *next;
    if (const auto next = judge_each(walk, row, step, object)) return *next;
  }
  if (row.unsure && step.confirm && row.attempts > 0) return ask(walk, row, step, object);
  if (const auto next = stop_unsure(walk, row, step.step)) return *next;
  if (const auto until = must_wait(walk, row, step.step)) return put_off(walk, *until);
  return make_attempt(walk, row, step, object);
}

json answer_of(const StepRow& row) {
  if (row.state != StepState::succeeded || row.answer.empty()) return nullptr;
  Result<json, JsonProblem> parsed = parse_json(row.answer);
  return parsed ? *std::move(parsed) : json(nullptr);
}

}  // namespace

json step_object(const RunRow& run, const StepRow& row) {
  json object = run.event.is_object() ? run.event : json::object();
  json steps = json::object();
  for (const StepRow& other : run.steps) {
    if (other.position >= row.position) continue;
    if (other.each_value.empty()) {
      if (other.state == StepState::succeeded) steps[other.step_id] = answer_of(other);
      continue;
    }
    json& list = steps[other.step_id];
    if (!list.is_array()) list = json::array();
    list.push_back(answer_of(other));
  }
  object["steps"] = std::move(steps);
  if (!row.each_value.empty()) {
    Result<json, JsonProblem> value = parse_json(row.each_value);
    object["each"] = value ? *std::move(value) : json(nullptr);
  }
  return object;
}

std::optional<ReadySend> walk_run(PrepareRound& round, std::int64_t id) {
  std::optional<RunRow> found = read_run(round.database, id);
  while (found) {
    Walk walk{round, *std::move(found), nullptr, {}};
    walk.steps = round.cache.find(round.database, walk.run.steps_hash);
    Next next = Next::look_again;
    while (next == Next::look_again) {
      StepRow* row = first_open(walk.run);
      if (row == nullptr) {
        finish_run(round.database, id, round.wall);
        return std::nullopt;
      }
      next = look_at(walk, *row);
    }
    if (next == Next::send) return std::move(walk.ready);
    if (next == Next::stop) return std::nullopt;
    found = read_run(round.database, id);
  }
  return std::nullopt;
}

}  // namespace triggerd
