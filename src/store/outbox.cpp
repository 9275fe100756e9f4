// Reading the outbox, and the life of an attempt. The operator's side is in outbox_operator.cpp,
// the rules of order in run_order.cpp.
#include "triggerd/store/outbox.h"

#include <algorithm>

#include "store/connection.h"
#include "store/run_order.h"
#include "store/step_rows.h"
#include "triggerd/check.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

std::string_view outcome_text(AttemptEnd::Kind kind) {
  switch (kind) {
    case AttemptEnd::Kind::succeeded:
      return "succeeded";
    case AttemptEnd::Kind::retry:
      return "retry";
    case AttemptEnd::Kind::dead:
      return "dead";
  }
  return {};
}

// A run without a time waits for another one of its record and gets none here.
void set_due(Database& database, std::int64_t run, WallTime at) {
  Query(database, "UPDATE runs SET next_at = ? WHERE id = ? AND next_at IS NOT NULL", at, run)
      .run();
}

// The run's next step may follow at once. Mostly its time has come already and nothing is written.
void go_on_now(Database& database, std::int64_t run, WallTime now) {
  Query(database, "UPDATE runs SET next_at = ?1 WHERE id = ?2 AND next_at > ?1", now, run).run();
}

void set_step(Database& database, std::int64_t run, const StepRow& step, StepState state,
              const std::string& error) {
  Query(database,
        "UPDATE steps SET state = ?, error = ? WHERE run = ? AND position = ? AND each_index = ?",
        to_text(state), error, run, step.position, step.each_index)
      .run();
}

void step_died(Database& database, std::int64_t run, const std::string& reason, bool go_on,
               WallTime now) {
  if (go_on) {
    go_on_now(database, run, now);
  } else {
    end_run(database, run, "dead", reason, now);
  }
}

void write_end(Database& database, const Attempt& attempt, const AttemptEnd& end, StepState state,
               WallTime now) {
  Query(database,
        "UPDATE attempts SET ended_at = ?, outcome = ?, status = ?, reason = ? "
        "WHERE run = ? AND key = ? AND number = ?",
        now, outcome_text(end.kind), end.status, end.reason, attempt.run, attempt.key,
        attempt.number)
      .run();
  Query(database,
        "UPDATE steps SET state = ?1, answer = ?2, error = ?3, "
        "unsure = CASE WHEN ?4 THEN NULL WHEN ?5 THEN ?6 ELSE unsure END "
        "WHERE run = ?7 AND position = ?8 AND each_index = ?9",
        to_text(state), end.answer, end.reason, state == StepState::succeeded, end.unknown, now,
        attempt.run, attempt.position, attempt.each_index)
      .run();
}

}  // namespace

std::vector<std::int64_t> due_runs(Database& database, WallTime now,
                                   const std::vector<std::int64_t>& busy, std::size_t most) {
  std::vector<std::int64_t> runs;
  Query query(database,
              "SELECT id FROM runs WHERE state = 'waiting' AND next_at <= ? "
              "ORDER BY next_at, id LIMIT ?",
              now, most + busy.size());
  while (runs.size() < most && query.next()) {
    const std::int64_t run = query.number(0);
    if (std::find(busy.begin(), busy.end(), run) == busy.end()) runs.push_back(run);
  }
  return runs;
}

std::optional<WallTime> next_run_at(Database& database) {
  Query query(database,
              "SELECT next_at FROM runs WHERE state = 'waiting' AND next_at IS NOT NULL "
              "ORDER BY next_at LIMIT 1");
  if (!query.next()) return std::nullopt;
  return query.time(0);
}

void shift_waiting_runs(Database& database, WallTime now, Millis back) {
  Query(database,
        "UPDATE runs SET next_at = max(?1, next_at - ?2) WHERE state = 'waiting' AND next_at > ?1",
        now, back.count())
      .run();
}

std::optional<RunRow> read_run(Database& database, std::int64_t run) {
  RunRow row;
  {
    Query query(database,
                "SELECT r.id, e.event_id, s.trigger, s.account, e.key, e.kind, e.n, r.state, "
                "r.steps_hash, r.next_at, e.object FROM runs r JOIN events e ON e.id = r.id "
                "JOIN streams s ON s.id = e.stream_id WHERE r.id = ?",
                run);
    if (!query.next()) return std::nullopt;
    row.id = query.number(0);
    row.event_id = query.text(1);
    row.trigger = query.text(2);
    row.account = query.text(3);
    row.key = query.text(4);
    row.kind = query.text(5);
    row.n = query.number(6);
    row.state = query.text(7);
    row.steps_hash = query.text(8);
    row.next_at = query.time(9);
    row.event = parse_json(query.text(10)).value_or(nlohmann::json());
  }
  row.steps = read_steps(database, run);
  return row;
}

std::int64_t recover_runs(Database& database, WallTime now) {
  Query(database,
        "UPDATE attempts INDEXED BY attempts_open SET ended_at = ?, outcome = 'interrupted' "
        "WHERE outcome = '' "
        "AND EXISTS (SELECT 1 FROM runs r WHERE r.id = attempts.run AND r.finished_at IS NULL)",
        now)
      .run();
  return Query(database,
               "UPDATE steps INDEXED BY steps_sending SET state = 'waiting', unsure = ? "
               "WHERE state = 'sending' "
               "AND EXISTS (SELECT 1 FROM runs r WHERE r.id = steps.run AND r.finished_at IS NULL)",
               now)
      .run();
}

bool was_interrupted(Database& database, std::int64_t run, const StepRow& step) {
  Query query(database, "SELECT outcome FROM attempts WHERE run = ? AND key = ? AND number = ?",
              run, step.key, step.attempts);
  return query.next() && query.text(0) == "interrupted";
}

void interrupt_attempt(Database& database, const Attempt& attempt, WallTime now) {
  Query(database,
        "UPDATE attempts SET ended_at = ?, outcome = 'interrupted' "
        "WHERE run = ? AND key = ? AND number = ?",
        now, attempt.run, attempt.key, attempt.number)
      .run();
  Query(database,
        "UPDATE steps SET state = 'waiting', unsure = ? "
        "WHERE run = ? AND position = ? AND each_index = ?",
        now, attempt.run, attempt.position, attempt.each_index)
      .run();
}

Attempt begin_attempt(Database& database, std::int64_t run, const StepRow& step,
                      const std::string& request, WallTime now) {
  Attempt attempt{run, step.position, step.each_index, 0, step.key};
  // After a restore from a backup no try can be known to be the first (promise P7).
  const int least = database.epoch() > 1 ? 2 : 1;
  attempt.number = std::max(last_attempt(database, run, step.key) + 1, least);
  const std::int64_t steps =
      Query(database,
            "UPDATE steps SET state = 'sending', attempts = ?, "
            "request = CASE request WHEN '' THEN ? ELSE request END, "
            "first_attempt = coalesce(first_attempt, ?) "
            "WHERE run = ? AND position = ? AND each_index = ? AND key = ? AND state = 'waiting'",
            attempt.number, request, now, run, step.position, step.each_index, step.key)
          .run();
  TRIGGERD_CHECK(steps == 1);
  Query(database,
        "INSERT INTO attempts (run, key, number, step_id, started_at, outcome, status, reason) "
        "VALUES (?, ?, ?, ?, ?, '', 0, '')",
        run, step.key, attempt.number, step.step_id, now)
      .run();
  return attempt;
}

void finish_attempt(Database& database, const Attempt& attempt, const AttemptEnd& end,
                    WallTime now) {
  switch (end.kind) {
    case AttemptEnd::Kind::succeeded:
      write_end(database, attempt, end, StepState::succeeded, now);
      go_on_now(database, attempt.run, now);
      return;
    case AttemptEnd::Kind::retry:
      write_end(database, attempt, end, StepState::waiting, now);
      set_due(database, attempt.run, end.retry_at.value_or(now));
      return;
    case AttemptEnd::Kind::dead:
      write_end(database, attempt, end, StepState::dead, now);
      step_died(database, attempt.run, end.reason, end.go_on, now);
      return;
  }
}

void confirm_attempt(Database& database, const Attempt& last, const std::string& answer,
                     WallTime now) {
  Query(database,
        "UPDATE attempts SET outcome = 'confirmed', ended_at = coalesce(ended_at, ?) "
        "WHERE run = ? AND key = ? AND number = ?",
        now, last.run, last.key, last.number)
      .run();
  Query(database,
        "UPDATE steps SET state = 'succeeded', answer = ?, error = '', unsure = NULL "
        "WHERE run = ? AND position = ? AND each_index = ?",
        answer, last.run, last.position, last.each_index)
      .run();
  go_on_now(database, last.run, now);
}

void deny_attempt(Database& database, const Attempt& last, WallTime now) {
  Query(database,
        "UPDATE steps SET unsure = NULL WHERE run = ? AND position = ? AND each_index = ?",
        last.run, last.position, last.each_index)
      .run();
  go_on_now(database, last.run, now);
}

void ask_again(Database& database, const Attempt& last, const std::string& reason, WallTime at) {
  Query(database, "UPDATE steps SET error = ? WHERE run = ? AND position = ? AND each_index = ?",
        reason, last.run, last.position, last.each_index)
      .run();
  set_due(database, last.run, at);
}

void expand_step(Database& database, std::int64_t run, int position,
                 const std::vector<std::string>& values) {
  std::string event_id;
  std::string step_id;
  {
    Query query(database,
                "SELECT e.event_id, s.step_id FROM steps s JOIN events e ON e.id = s.run "
                "WHERE s.run = ? AND s.position = ? AND s.each_index = 0",
                run, position);
    if (!query.next()) return;
    event_id = query.text(0);
    step_id = query.text(1);
  }
  StepRow step;
  step.position = position;
  step.step_id = step_id;
  if (values.empty()) {
    set_step(database, run, step, StepState::skipped, "each gave no value");
    return;
  }
  Query(database, "DELETE FROM steps WHERE run = ? AND position = ?", run, position).run();
  for (std::size_t index = 0; index < values.size(); ++index) {
    step.each_index = static_cast<int>(index);
    step.each_value = values[index];
    step.key = step_key(event_id, step_id, step.each_index);
    step.attempts = last_attempt(database, run, step.key);
    insert_step(database, run, step);
  }
}

void skip_step(Database& database, std::int64_t run, const StepRow& step, const std::string& reason,
               WallTime now) {
  set_step(database, run, step, StepState::skipped, reason);
  go_on_now(database, run, now);
}

void kill_step(Database& database, std::int64_t run, const StepRow& step, const std::string& reason,
               bool go_on, WallTime now) {
  set_step(database, run, step, StepState::dead, reason);
  step_died(database, run, reason, go_on, now);
}

void finish_run(Database& database, std::int64_t run, WallTime now) {
  StreamId stream{};
  std::string error;
  {
    Query query(database,
                "SELECT stream_id, (SELECT s.error FROM steps s WHERE s.run = runs.id "
                "AND s.state = 'dead' LIMIT 1) FROM runs WHERE id = ? AND finished_at IS NULL",
                run);
    if (!query.next()) return;
    stream = StreamId{query.number(0)};
    if (!query.is_null(1)) error = query.text(1).empty() ? "a step failed" : query.text(1);
  }
  end_run(database, run, error.empty() ? "done" : "dead", error, now);
  if (!error.empty()) return;
  Query(database, "UPDATE streams SET delivered = delivered + 1 WHERE id = ?", stream).run();
}

void postpone_run(Database& database, std::int64_t run, WallTime until) {
  set_due(database, run, until);
}

std::int64_t count_unfinished(Database& database, std::int64_t most) {
  Query query(database,
              "SELECT count(*) FROM (SELECT 1 FROM runs WHERE finished_at IS NULL LIMIT ?)", most);
  query.next();
  return query.number(0);
}

}  // namespace triggerd
