#include "triggerd/dispatch/dispatcher.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "dispatch/confirm_step.h"
#include "dispatch/note_write.h"
#include "dispatch/read_answer.h"
#include "dispatch/repeats.h"
#include "dispatch/run_walk.h"
#include "triggerd/check.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {
namespace {

constexpr std::size_t kRunsPerLook = 64;
constexpr std::size_t kRunsLookedAtMax = 256;  // per prepare(), so that a turn stays short
constexpr Millis kBlockedTick{250};

using FlightKey = std::tuple<std::int64_t, int, int>;

FlightKey key_of(const Attempt& attempt) {
  return {attempt.run, attempt.position, attempt.each_index};
}

// What is kept of a send until its end: how to read its answer, and since when.
struct Flight {
  std::shared_ptr<const CompiledSteps> steps;
  std::size_t position = 0;
  std::vector<Secret> secrets;
  WallTime started{};
  bool repeat_harms = false;
};

// A store that fails in the middle of prepare() takes back the attempts before it; what was readied
// for them must not stay in flight for ever.
struct Unreturned {
  Dispatcher& dispatcher;
  std::vector<Send> sends;
  ~Unreturned() {
    for (const Send& send : sends) dispatcher.forget(send);
  }
};

StepRow* find_row(RunRow& run, const Attempt& attempt) {
  for (StepRow& row : run.steps) {
    if (row.position == attempt.position && row.each_index == attempt.each_index) return &row;
  }
  return nullptr;
}

// Whether the run has nothing left to do besides this row.
bool is_last(const RunRow& run, const StepRow& row) {
  return std::none_of(run.steps.begin(), run.steps.end(), [&](const StepRow& other) {
    return &other != &row &&
           (other.state == StepState::waiting || other.state == StepState::sending);
  });
}

std::string answer_of(const Send& send, const SendEnd& end) {
  if (const auto* line = std::get_if<LogSend>(&send.what)) {
    return compact_json(nlohmann::json{{"message", line->message}});
  }
  return end.answer.empty() ? "null" : end.answer;
}

}  // namespace

struct Dispatcher::Parts {
  Parts(DispatchSettings with, SecretSources sources)
      : settings(std::move(with)), secrets(std::move(sources)), random(settings.seed) {}

  const Flight* flight(const Send& send) const {
    const auto found = flights.find(key_of(send.attempt));
    return found == flights.end() ? nullptr : &found->second;
  }
  AnswerRules rules_of(const Send& send) const;
  AttemptEnd judge(const Send& send, const SendEnd& end, const Step& step, const StepRow& row,
                   WallTime wall);
  void take_question(Database& database, const Send& send, const SendEnd& end, RunRow& run,
                     StepRow& row, WallTime wall);
  std::vector<std::int64_t> busy() const;
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random); }

  // Constant after construction.
  DispatchSettings settings;
  SecretSources secrets;

  // Owned by the loop.
  std::shared_ptr<const Config> config;
  StepsCache cache;
  Endpoints endpoints;
  std::map<FlightKey, Flight> flights;
  std::mt19937_64 random;
};

AnswerRules Dispatcher::Parts::rules_of(const Send& send) const {
  AnswerRules rules;
  if (!send.account.empty()) {
    rules.operation = config->catalog->operation(send.action);
    if (rules.operation != nullptr) {
      rules.connector = config->catalog->connector(rules.operation->connector);
    }
  }
  if (const Flight* kept = flight(send)) {
    rules.secrets = &kept->secrets;
    rules.asks = send.asks;
    if (send.asks) return rules;
    rules.step = &kept->steps->steps[kept->position];
    rules.expressions = kept->steps->expressions.get();
    rules.repeat_harms = kept->repeat_harms;
  }
  return rules;
}

AttemptEnd Dispatcher::Parts::judge(const Send& send, const SendEnd& end, const Step& step,
                                    const StepRow& row, WallTime wall) {
  AttemptEnd result;
  result.status = end.status;
  result.reason = end.reason;
  result.unknown = end.unknown;
  if (end.end == SendClass::succeeded) {
    result.answer = answer_of(send, end);
    return result;
  }
  const Operation* operation =
      send.account.empty() ? nullptr : config->catalog->operation(send.action);
  // An app's refusal of a write that may not be repeated is its last word.
  const bool last_word = end.end == SendClass::permanent && operation != nullptr &&
                         operation->write && !repeats_safely(*operation->write, row);
  const bool stops = end.lost && operation != nullptr && stops_when_unsure(*operation, step, row);
  if (stops) result.reason = may_have_happened(end.reason);
  if (!last_word && !stops) {
    result.retry_at = next_attempt_at(end, std::max(row.attempts, 1), step.retry,
                                      row.first_attempt.value_or(wall), wall, chance());
  }
  // However often it was tried: first the app is asked.
  if (end.unknown && step.confirm) {
    result.retry_at = std::max(result.retry_at.value_or(wall), wall + step.confirm->wait);
  }
  result.kind = result.retry_at ? AttemptEnd::Kind::retry : AttemptEnd::Kind::dead;
  result.go_on = step.continue_on_error;
  return result;
}

// The end of a question whether the last attempt was carried out.
void Dispatcher::Parts::take_question(Database& database, const Send& send, const SendEnd& end,
                                      RunRow& run, StepRow& row, WallTime wall) {
  const auto steps = cache.find(database, run.steps_hash);
  const auto position = static_cast<std::size_t>(row.position);
  // Asked anew by the next walk, with the steps that the run has then.
  if (steps == nullptr || position >= steps->steps.size() || !row.unsure) return;
  const CompiledStep& compiled = steps->steps[position];
  if (!compiled.confirm) return;
  const nlohmann::json object = confirm_object(step_object(run, row), row);
  ConfirmVerdict verdict = judge_confirm(*steps, row, object, end, wall, chance());
  const SendEnd unknown_end;
  const bool more = next_attempt_at(unknown_end, std::max(row.attempts, 1), compiled.step.retry,
                                    row.first_attempt.value_or(wall), wall, 0)
                        .has_value();
  if (verdict.kind == ConfirmVerdict::Kind::not_done && !more) {
    verdict.kind = ConfirmVerdict::Kind::give_up;
    verdict.reason = row.error.empty() ? "it was not carried out" : row.error;
    deny_attempt(database, send.attempt, wall);
  }
  const auto fact = [&](LogLevel level, const char* what) {
    log(level, what, {{"trigger", send.trigger}, {"event", run.event_id}, {"step", row.step_id}});
  };
  switch (verdict.kind) {
    case ConfirmVerdict::Kind::done:
      confirm_attempt(database, send.attempt, verdict.answer, wall);
      note_write(database, *config, row, verdict.answer, wall);
      fact(LogLevel::info, "the app confirms an attempt whose answer was lost");
      if (is_last(run, row)) finish_run(database, run.id, wall);
      return;
    case ConfirmVerdict::Kind::not_done:
      deny_attempt(database, send.attempt, wall);
      return;
    case ConfirmVerdict::Kind::ask_again:
      ask_again(database, send.attempt, verdict.reason, verdict.at);
      return;
    case ConfirmVerdict::Kind::give_up:
      kill_step(database, run.id, row, verdict.reason, compiled.step.continue_on_error, wall);
      fact(LogLevel::warning, "a step went to the dead letters");
      if (compiled.step.continue_on_error && is_last(run, row)) finish_run(database, run.id, wall);
      return;
  }
}

std::vector<std::int64_t> Dispatcher::Parts::busy() const {
  std::set<std::int64_t> runs;
  for (const auto& [key, flight] : flights) runs.insert(std::get<0>(key));
  return {runs.begin(), runs.end()};
}

Dispatcher::Dispatcher(DispatchSettings settings, SecretSources secrets)
    : parts_(std::make_unique<Parts>(std::move(settings), std::move(secrets))) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::use_config(std::shared_ptr<const Config> config) {
  parts_->config = std::move(config);
  parts_->cache.use_pool(parts_->config->expressions);
  parts_->endpoints.forget_pauses();
}

std::vector<Send> Dispatcher::prepare(Database& database,
                                      const std::map<std::string, RateGate>& gates, WallTime wall,
                                      SteadyTime now) {
  Parts& parts = *parts_;
  TRIGGERD_CHECK(parts.config != nullptr);
  const SendSources sources{*parts.config, parts.secrets, parts.settings};
  PrepareRound round{database, sources, parts.cache, parts.endpoints, gates, {}, wall, now};
  Unreturned unreturned{*this, {}};
  std::vector<Send>& sends = unreturned.sends;
  for (std::size_t looked_at = 0; looked_at < kRunsLookedAtMax;) {
    if (parts.flights.size() >= kSendsInFlightMax) break;
    const std::vector<std::int64_t> due = due_runs(database, wall, parts.busy(), kRunsPerLook);
    if (due.empty()) break;
    looked_at += due.size();
    for (const std::int64_t run : due) {
      if (parts.flights.size() >= kSendsInFlightMax) break;
      std::optional<ReadySend> ready = walk_run(round, run);
      if (!ready) continue;
      SendPlan& plan = ready->plan;
      parts.flights[key_of(plan.send.attempt)] = {std::move(ready->steps), ready->position,
                                                  std::move(plan.secrets), wall, plan.repeat_harms};
      sends.push_back(std::move(plan.send));
    }
  }
  return std::exchange(sends, {});
}

std::optional<AttemptEnd::Kind> Dispatcher::take(Database& database, const Send& send,
                                                 const SendEnd& end, WallTime wall) {
  Parts& parts = *parts_;
  if (const Flight* kept = parts.flight(send)) {
    parts.endpoints.ended(send.endpoint, end, wall - kept->started, wall);
    parts.flights.erase(key_of(send.attempt));
  }
  std::optional<RunRow> run = read_run(database, send.attempt.run);
  StepRow* row = run ? find_row(*run, send.attempt) : nullptr;
  if (row == nullptr) return std::nullopt;  // an operator dropped it meanwhile
  if (send.asks) {
    parts.take_question(database, send, end, *run, *row, wall);
    return std::nullopt;
  }
  const auto steps = parts.cache.find(database, run->steps_hash);
  const auto position = static_cast<std::size_t>(row->position);
  const bool known = steps != nullptr && position < steps->steps.size();
  const Step step = known ? steps->steps[position].step : Step{};
  const AttemptEnd result = parts.judge(send, end, step, *row, wall);
  finish_attempt(database, send.attempt, result, wall);
  // One of unknown end may show itself in a poll before it is repeated.
  const bool written = result.kind == AttemptEnd::Kind::succeeded || result.unknown;
  if (written && !send.account.empty()) {
    note_write(database, *parts.config, *row, result.answer, wall);
  }
  const bool dead = result.kind == AttemptEnd::Kind::dead;
  if (dead) {
    log(LogLevel::warning, "a step went to the dead letters",
        {{"trigger", send.trigger},
         {"event", run->event_id},
         {"step", row->step_id},
         {"status", end.status}});
  }
  if (end.end == SendClass::gone) {
    log(LogLevel::error, "an endpoint is gone (410); its events wait",
        {{"trigger", send.trigger}, {"endpoint", send.endpoint}});
  }
  const bool over = result.kind == AttemptEnd::Kind::succeeded || (dead && result.go_on);
  if (over && is_last(*run, *row)) finish_run(database, run->id, wall);
  return result.kind;
}

void Dispatcher::shift_waits(Millis by) { parts_->endpoints.shift(by); }

void Dispatcher::forget(const Send& send) {
  if (parts_->flights.erase(key_of(send.attempt)) > 0) parts_->endpoints.abandoned(send.endpoint);
}

SendEnd Dispatcher::read_answer(const Send& send, const HttpReply& reply) const {
  const AnswerRules rules = parts_->rules_of(send);
  if (!send.account.empty() && (rules.operation == nullptr || rules.connector == nullptr)) {
    SendEnd end;
    end.end = SendClass::permanent;
    end.status = reply.status;
    end.reason = "no connector has an operation " + send.action + " any more";
    return end;
  }
  return read_http_end(reply, rules);
}

SendEnd Dispatcher::read_exit(const Send& send, const SpawnEnd& end) const {
  return read_spawn_end(end, parts_->rules_of(send));
}

std::optional<WallTime> Dispatcher::next_due(Database& database, WallTime wall) const {
  const std::optional<WallTime> next = next_run_at(database);
  if (!next || *next > wall) return next;
  if (parts_->flights.size() >= kSendsInFlightMax) return std::nullopt;  // take() comes first
  if (!due_runs(database, wall, parts_->busy(), 1).empty()) return wall;
  // What is due is in flight or behind an earlier run of its record; later due times hide behind
  // it.
  return wall + kBlockedTick;
}

WallTime Dispatcher::queued_until() const { return parts_->endpoints.places_until(); }

std::size_t Dispatcher::in_flight() const { return parts_->flights.size(); }

std::vector<std::int64_t> Dispatcher::busy_runs() const { return parts_->busy(); }

}  // namespace triggerd
