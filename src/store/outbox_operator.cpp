// What an operator does to dead and held runs.
#include <map>

#include "store/connection.h"
#include "store/run_order.h"
#include "store/step_rows.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

namespace {

using CurrentSteps = std::map<std::string, std::pair<std::string, std::vector<std::string>>>;

struct Chosen {
  std::int64_t run = 0;
  std::string event_id, trigger;
};

std::vector<Chosen> choose(Database& database, const std::string& state,
                           const std::string& selector) {
  std::vector<Chosen> chosen;
  Query query(database,
              "SELECT r.id, e.event_id, s.trigger FROM runs r JOIN events e ON e.id = r.id "
              "JOIN streams s ON s.id = r.stream_id "
              "WHERE r.state = ?1 AND (?2 = 'all' OR e.event_id = ?2 OR s.trigger = ?2) "
              "ORDER BY r.id",
              state, selector);
  while (query.next()) chosen.push_back({query.number(0), query.text(1), query.text(2)});
  return chosen;
}

// Waits for its turn; start_next_of_all() gives it one.
void wait_again(Database& database, std::int64_t run) {
  Query(database,
        "UPDATE runs SET state = 'waiting', reason = '', finished_at = NULL, next_at = NULL "
        "WHERE id = ?",
        run)
      .run();
}

// The bytes of a step stay (promise P6); its time for retries, and for questions, begins anew.
void revive_dead_steps(Database& database, std::int64_t run, WallTime now) {
  Query(database,
        "UPDATE steps SET state = 'waiting', first_attempt = NULL, "
        "unsure = CASE WHEN unsure IS NULL THEN NULL ELSE ? END WHERE run = ? AND state = 'dead'",
        now, run)
      .run();
}

// The rows of a step under today's list: what has succeeded stays so; without any success it starts
// anew. Attempts are numbered on, since their key is the same.
std::vector<StepRow> renewed(Database& database, const Chosen& chosen, const std::string& step_id,
                             const std::vector<StepRow>& before) {
  std::vector<StepRow> rows;
  bool succeeded = false;
  for (const StepRow& old : before) {
    if (old.step_id != step_id) continue;
    StepRow& row = rows.emplace_back(old);
    succeeded = succeeded || row.state == StepState::succeeded;
    if (row.state == StepState::succeeded || row.state == StepState::skipped) continue;
    row.state = StepState::waiting;
    row.request.clear();
    row.error.clear();
    row.first_attempt.reset();
  }
  if (succeeded) return rows;
  StepRow fresh;
  // What the last attempt did is as unknown as before, whatever the step sends now.
  if (rows.size() == 1) fresh.unsure = rows.front().unsure;
  fresh.step_id = step_id;
  fresh.key = step_key(chosen.event_id, step_id, 0);
  fresh.attempts = last_attempt(database, chosen.run, fresh.key);
  return {fresh};
}

void use_current_steps(Database& database, const Chosen& chosen, const std::string& steps_hash,
                       const std::vector<std::string>& step_ids) {
  const std::vector<StepRow> before = read_steps(database, chosen.run);
  Query(database, "DELETE FROM steps WHERE run = ?", chosen.run).run();
  int position = 0;
  for (const std::string& id : step_ids) {
    for (StepRow& row : renewed(database, chosen, id, before)) {
      row.position = position;
      insert_step(database, chosen.run, row);
    }
    ++position;
  }
  Query(database, "UPDATE runs SET steps_hash = ? WHERE id = ?", steps_hash, chosen.run).run();
}

std::int64_t drop(Database& database, const std::string& state, const std::string& selector,
                  WallTime now) {
  const std::vector<Chosen> chosen = choose(database, state, selector);
  for (const Chosen& one : chosen) {
    Query(database,
          "UPDATE steps SET state = 'skipped', error = 'dropped' WHERE run = ? "
          "AND state = 'waiting'",
          one.run)
        .run();
    Query(database,
          "UPDATE runs SET state = 'done', reason = 'dropped', next_at = NULL, finished_at = ? "
          "WHERE id = ?",
          now, one.run)
        .run();
  }
  if (!chosen.empty()) start_next_of_all(database, now);
  return static_cast<std::int64_t>(chosen.size());
}

}  // namespace

std::int64_t retry_dead(Database& database, const std::string& selector, bool current_steps,
                        const CurrentSteps& current, WallTime now) {
  const std::vector<Chosen> chosen = choose(database, "dead", selector);
  for (const Chosen& one : chosen) {
    const auto today = current.find(one.trigger);
    if (current_steps && today != current.end()) {
      use_current_steps(database, one, today->second.first, today->second.second);
    } else {
      revive_dead_steps(database, one.run, now);
    }
    wait_again(database, one.run);
  }
  if (!chosen.empty()) start_next_of_all(database, now);
  return static_cast<std::int64_t>(chosen.size());
}

std::int64_t drop_dead(Database& database, const std::string& selector, WallTime now) {
  return drop(database, "dead", selector, now);
}

std::int64_t release_held(Database& database, const std::string& selector, WallTime now) {
  const std::vector<Chosen> chosen = choose(database, "held", selector);
  for (const Chosen& one : chosen) wait_again(database, one.run);
  if (!chosen.empty()) start_next_of_all(database, now);
  return static_cast<std::int64_t>(chosen.size());
}

std::int64_t drop_held(Database& database, const std::string& selector, WallTime now) {
  return drop(database, "held", selector, now);
}

}  // namespace triggerd
