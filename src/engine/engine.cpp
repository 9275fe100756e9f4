#include "triggerd/engine/engine.h"

#include <algorithm>
#include <utility>

#include "engine/engine_parts.h"
#include "triggerd/engine/operator_command.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

// The loop comes round at least so often, also when nothing is due.
constexpr Millis kIdleMax{1'000};
// Smaller steps are the daily work of NTP.
constexpr Millis kClockStepMin{2'000};
// A run that is due so soon may be one that waits for a free place.
constexpr Millis kBlockedRun{250};

}  // namespace

Engine::Parts::Parts(EngineSeams with, Database opened, EngineOptions chosen)
    : seams(with),
      options(std::move(chosen)),
      database(std::move(opened)),
      tokens(options.tokens),
      agencies(seams.http, tokens),
      poller(seams.http, tokens, meter, PollerOptions{options.seed, options.once, options.only}),
      dispatcher(DispatchSettings{options.sandbox_url, options.seed, TRIGGERD_VERSION},
                 options.secrets) {}

Engine::Engine(EngineSeams seams, Database database, EngineOptions options)
    : parts_(std::make_unique<Parts>(seams, std::move(database), std::move(options))) {
  const std::int64_t recovered = recover_runs(parts_->database, parts_->seams.clock.wall());
  if (recovered > 0) {
    parts_->meter.interrupted(recovered);
    log(LogLevel::info, "attempts that a stop interrupted are tried again",
        {{"attempts", recovered}});
  }
}

Engine::~Engine() = default;

std::vector<Problem> Engine::apply(std::shared_ptr<const Config> config) {
  return parts_->apply(std::move(config));
}

void Engine::turn(Millis at_most) {
  Parts& parts = *parts_;
  parts.meter.turned();
  parts.start_work();
  const Millis wait = parts.next_wait(std::min(at_most, kIdleMax));
  parts.take_finished(parts.seams.http.finished(parts.seams.clock.real(wait)));
  parts.follow_found_accounts();
}

void Engine::Parts::start_work() {
  const TurnTime time = now();
  work_tokens(time);
  if (draining || storage_down || !stopped.empty()) return;
  work_agencies(time);
  poller.collect_due(time);
  poller.start_requests(time);
}

Millis Engine::Parts::next_wait(Millis at_most) {
  const TurnTime time = now();
  Millis wait = at_most;
  if (const auto wake = tokens.next_wake()) wait = std::min(wait, *wake - time.steady);
  // What waits for the disk must not keep the loop turning.
  if (storage_down) return std::max(Millis{0}, std::min(wait, next_storage_try - time.steady));
  if (!ended.empty() || runs_changed || poller.judging()) return Millis{0};
  if (!draining && stopped.empty()) {
    if (const auto wake = poller.next_wake(time)) wait = std::min(wait, *wake - time.steady);
    if (const auto wake = agencies.next_wake()) wait = std::min(wait, *wake - time.steady);
  }
  if (!draining && runs_due) wait = std::min(wait, *runs_due - time.wall);
  return std::max(wait, Millis{0});
}

void Engine::Parts::take_finished(std::vector<HttpFinished> finished) {
  take_token_answers(finished);
  take_agency_answers(finished);
  try {
    if (storage_down && !storage_back(now())) {
      set_aside(finished);
      return;
    }
    in_transaction(finished);
  } catch (const StoreFailure& failure) {
    storage_failed(failure);
    set_aside(finished);
    return;
  }
  start_sends();
}

// Without a disk nothing can be recorded: answers of polls are dropped (their walks resume from the
// last commit), ends of sends wait in memory.
void Engine::Parts::set_aside(std::vector<HttpFinished>& finished) {
  const TurnTime time = now();
  for (HttpFinished& one : finished) {
    if (!take_http_send(one)) poller.drop(one, time);
  }
  for (const EarlyAnswer& one : std::exchange(early, {})) poller.drop(one.poll, time);
}

// Runs wait by the wall clock, since they wait over restarts. One that is stepped back must not
// make them wait for it (SCH-01).
Millis Engine::Parts::take_clock_step(TurnTime time) {
  const Millis step =
      clock_seen ? (time.wall - clock_seen->wall) - (time.steady - clock_seen->steady) : Millis{0};
  if (step > -kClockStepMin) return Millis{0};
  log(LogLevel::warning, "the clock was stepped back", {{"milliseconds", -step.count()}});
  database.begin();
  shift_waiting_runs(database, time.wall, -step);
  runs_changed = true;
  return step;
}

void Engine::Parts::commit() {
  std::optional<Millis> took;
  if (database.in_transaction()) {
    const SteadyTime begun = seams.clock.steady();
    database.commit();
    took = seams.clock.steady() - begun;
  }
  meter.commit(took);
}

void Engine::Parts::in_transaction(std::vector<HttpFinished>& finished) {
  const TurnTime time = now();
  const Millis step = take_clock_step(time);
  for (auto& [ticket, end] : seams.spawner.ended()) {
    const auto found = spawn_sends.find(ticket);
    if (found == spawn_sends.end()) continue;
    ended.emplace_back(found->second, dispatcher.read_exit(found->second, end));
    spawn_sends.erase(found);
  }
  std::vector<HttpFinished> polls;
  hold_early(finished, polls);
  take_sends(time);
  for (HttpFinished& one : polls) {
    database.begin();
    poller.take(database, one, time);
  }
  poller.judge_some(database, time);
  // Only what is written makes runs; an answer may free a place that a due run waits for.
  const bool run_is_due = runs_due && *runs_due <= time.wall + kBlockedRun;
  if (database.in_transaction() || (!finished.empty() && run_is_due)) runs_changed = true;
  prepare_sends(time);
  keep_agency_lists();
  keep_house(time);
  commit();
  if (step != Millis{0}) dispatcher.shift_waits(step);
  clock_seen = time;
  ended.erase(ended.begin(), ended.begin() + static_cast<std::ptrdiff_t>(std::exchange(taken, 0)));
}

void Engine::drain() { parts_->draining = true; }

bool Engine::drained() const {
  return parts_->poller.in_flight() == 0 && parts_->http_sends.empty() &&
         parts_->token_calls.empty() && parts_->tokens.settled() && parts_->spawn_sends.empty() &&
         parts_->ended.empty() && parts_->prepared.empty();
}

bool Engine::finished() {
  Parts& parts = *parts_;
  if (!parts.agencies.all_asked() || !parts.poller.all_polled() || !drained()) return false;
  if (!parts.options.dispatch) return true;
  const std::optional<WallTime> next = next_run_at(parts.database);
  return !next || *next > std::max(parts.seams.clock.wall(), parts.dispatcher.queued_until());
}

void Engine::save() {
  try {
    parts_->database.begin();
    parts_->poller.save_notes(parts_->database, SIZE_MAX);
    for (const AccountRow& row : parts_->poller.changed_accounts(parts_->seams.clock.wall())) {
      save_account(parts_->database, row);
    }
    parts_->database.commit();
  } catch (const StoreFailure& failure) {
    // What polls only noted is known from the last commit as well.
    log(LogLevel::warning, "the last notes of polls could not be written",
        {{"reason", failure.what()}});
  }
}

nlohmann::json Engine::operate(const nlohmann::json& command) {
  Parts& parts = *parts_;
  const auto text = [&command](const char* name) {
    const auto found = command.is_object() ? command.find(name) : command.end();
    return found != command.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  // Not from the database: what cannot be written cannot say so there.
  if (text("command") == "standing") return {{"ok", true}, {"message", parts.stopped}};
  const TurnTime time = parts.now();
  OperatorAnswer answer;
  try {
    parts.database.begin();
    parts.poller.save_notes(parts.database, SIZE_MAX);
    parts.poller.close_walks(parts.database, text("trigger"), time.wall);
    answer = run_operator_command(parts.database, *parts.config, command, time.wall);
    parts.database.commit();
  } catch (const StoreFailure& failure) {
    parts.storage_failed(failure);
    return {{"ok", false}, {"message", failure.what()}};
  }
  for (const TriggerRow& row : load_triggers(parts.database)) {
    parts.table.set_paused(row.id, row.paused);
  }
  for (const std::string& trigger : answer.touched) {
    parts.poller.forget_walks(trigger);
    parts.table.reload_trigger(parts.database, trigger);
  }
  if (!answer.touched.empty()) {
    parts.poller.follow(parts.table, parts.gates, time);
    for (const std::string& trigger : answer.touched) parts.poller.poll_now(trigger, time);
  }
  if (answer.wake_dispatch) parts.runs_changed = true;
  if (answer.erased) parts.empty_log();
  return answer_json(answer);
}

Database& Engine::database() { return parts_->database; }
bool Engine::take_refused_credentials() { return parts_->poller.take_refused_credentials(); }
std::size_t Engine::stream_count() const { return parts_->table.all().size(); }
std::string Engine::stopped_because() const { return parts_->stopped; }

}  // namespace triggerd
