// Events and their runs: what is due, the attempt that is recorded before it is sent, how it ended;
// dead letters and held events. Called by dispatch/ and cli/. The states of a run: open (its walk
// is not over), waiting, held, done, dead. Of a step: waiting, sending, succeeded, skipped, dead.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/store/database.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

enum class StepState { waiting, sending, succeeded, skipped, dead };
std::string_view to_text(StepState state);

// A step of a run; with `each`, one row per value.
struct StepRow {
  int position = 0;    // in the trigger's list
  int each_index = 0;  // 0 without `each`
  std::string step_id;
  StepState state = StepState::waiting;
  std::string key;  // idempotency key: hex of sha256(event id, step id, each index)[:32]
  int attempts = 0;
  std::string each_value;  // JSON text; empty without `each`
  std::string
      request;  // the bytes as rendered at the first attempt (JSON text); kept for all attempts
  std::string answer;  // JSON text of `.steps.<id>`
  std::string error;
  std::optional<WallTime> first_attempt;
  // Since when it is not known whether an attempt was carried out; stays until a success or until
  // the app was asked.
  std::optional<WallTime> unsure;
};

struct RunRow {
  std::int64_t id = 0;
  std::string event_id, trigger, account, key, kind;
  std::int64_t n = 0;
  std::string state;
  std::string steps_hash;
  std::optional<WallTime> next_at;
  nlohmann::json event;        // the event object
  std::vector<StepRow> steps;  // by position, each_index
};

// Waiting runs whose time has come and whose record has no earlier unfinished run (ordering:
// record), oldest first; those in `busy` left out.
std::vector<std::int64_t> due_runs(Database& database, WallTime now,
                                   const std::vector<std::int64_t>& busy, std::size_t most);
std::optional<WallTime> next_run_at(Database& database);  // when the next waiting run is due
// The wall clock was stepped back by so much: runs wait no longer for it than they did.
void shift_waiting_runs(Database& database, WallTime now, Millis back);
std::optional<RunRow> read_run(Database& database, std::int64_t run);
// After a crash: steps that were `sending` wait again; their attempt rows end as "interrupted".
std::int64_t recover_runs(Database& database, WallTime now);
// Whether the end of the step's last attempt was lost with the process that made it.
bool was_interrupted(Database& database, std::int64_t run, const StepRow& step);

struct Attempt {
  std::int64_t run = 0;
  int position = 0, each_index = 0;
  int number = 0;  // 1 is never a repeat
  std::string key;
};
// Writes the attempt row (and the rendered request, at the first one). Nothing may be sent before
// the transaction that holds it is committed.
Attempt begin_attempt(Database& database, std::int64_t run, const StepRow& step,
                      const std::string& request, WallTime now);

// As recover_runs() does, for one step of a process that lives on: the end of its attempt was lost
// with a transaction.
void interrupt_attempt(Database& database, const Attempt& attempt, WallTime now);

struct AttemptEnd {
  enum class Kind { succeeded, retry, dead };
  Kind kind = Kind::succeeded;
  int status = 0;      // HTTP status or exit code
  std::string reason;  // one redacted line
  std::string answer;  // JSON text, for succeeded
  std::optional<WallTime> retry_at;
  bool go_on = false;    // dead with `on_error: continue`: the run goes on
  bool unknown = false;  // not a success, but it may have been carried out
};
void finish_attempt(Database& database, const Attempt& attempt, const AttemptEnd& end,
                    WallTime now);

// The app was asked about a step that is unsure. It has what the last attempt was to do: the step
// has succeeded, the attempt's outcome is "confirmed".
void confirm_attempt(Database& database, const Attempt& last, const std::string& answer,
                     WallTime now);
// It has not: the step may be tried again at once.
void deny_attempt(Database& database, const Attempt& last, WallTime now);
// It could not say; `reason` is shown as the step's error.
void ask_again(Database& database, const Attempt& last, const std::string& reason, WallTime at);

// Replaces the waiting row of an `each` step by one row per value (no value: the step is skipped).
void expand_step(Database& database, std::int64_t run, int position,
                 const std::vector<std::string>& values);
void skip_step(Database& database, std::int64_t run, const StepRow& step, const std::string& reason,
               WallTime now);
// A step that cannot be sent at all (template error): dead without an attempt.
void kill_step(Database& database, std::int64_t run, const StepRow& step, const std::string& reason,
               bool go_on, WallTime now);
void finish_run(Database& database, std::int64_t run,
                WallTime now);  // all steps are over: done or dead
void postpone_run(Database& database, std::int64_t run, WallTime until);

// Open, waiting and held runs: the outbox. Counts no further than to `most`.
std::int64_t count_unfinished(Database& database, std::int64_t most = INT64_MAX);

// ---- the operator's side

// `selector`: an event id, a trigger id, or "all". Return how many runs were touched.
std::int64_t retry_dead(
    Database& database, const std::string& selector, bool current_steps,
    const std::map<std::string, std::pair<std::string, std::vector<std::string>>>&
        current,  // trigger -> steps hash, step ids; for current_steps
    WallTime now);
std::int64_t drop_dead(Database& database, const std::string& selector, WallTime now);
std::int64_t release_held(Database& database, const std::string& selector, WallTime now);
std::int64_t drop_held(Database& database, const std::string& selector, WallTime now);

}  // namespace triggerd
