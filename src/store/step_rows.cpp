#include "store/step_rows.h"

#include <array>
#include <utility>

#include "triggerd/hash.h"

namespace triggerd {

namespace {

constexpr std::size_t kKeyLetters = 32;

StepState step_state(std::string_view text) {
  constexpr std::array kStates = {StepState::waiting, StepState::sending, StepState::succeeded,
                                  StepState::skipped, StepState::dead};
  for (const StepState state : kStates) {
    if (to_text(state) == text) return state;
  }
  throw StoreFailure(StoreFailure::Kind::broken, "a step has no state we know");
}

}  // namespace

std::string_view to_text(StepState state) {
  switch (state) {
    case StepState::waiting:
      return "waiting";
    case StepState::sending:
      return "sending";
    case StepState::succeeded:
      return "succeeded";
    case StepState::skipped:
      return "skipped";
    case StepState::dead:
      return "dead";
  }
  return {};
}

std::string step_key(std::string_view event_id, std::string_view step_id, int each_index) {
  const std::string text =
      std::string(event_id) + "\n" + std::string(step_id) + "\n" + std::to_string(each_index);
  return to_hex(sha256(text)).substr(0, kKeyLetters);
}

void insert_step(Database& database, std::int64_t run, const StepRow& step) {
  Query(database,
        "INSERT INTO steps (run, position, each_index, step_id, state, key, attempts, each_value, "
        "request, answer, error, first_attempt, unsure) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run, step.position, step.each_index, step.step_id, to_text(step.state), step.key,
        step.attempts, step.each_value, step.request, step.answer, step.error, step.first_attempt,
        step.unsure)
      .run();
}

std::vector<StepRow> read_steps(Database& database, std::int64_t run) {
  std::vector<StepRow> steps;
  Query query(database,
              "SELECT position, each_index, step_id, state, key, attempts, each_value, request, "
              "answer, error, first_attempt, unsure FROM steps WHERE run = ? "
              "ORDER BY position, each_index",
              run);
  while (query.next()) {
    StepRow& step = steps.emplace_back();
    step.position = query.small(0);
    step.each_index = query.small(1);
    step.step_id = query.text(2);
    step.state = step_state(query.text(3));
    step.key = query.text(4);
    step.attempts = query.small(5);
    step.each_value = query.text(6);
    step.request = query.text(7);
    step.answer = query.text(8);
    step.error = query.text(9);
    step.first_attempt = query.time(10);
    step.unsure = query.time(11);
  }
  return steps;
}

int last_attempt(Database& database, std::int64_t run, const std::string& key) {
  Query query(database, "SELECT coalesce(max(number), 0) FROM attempts WHERE run = ? AND key = ?",
              run, key);
  query.next();
  return query.small(0);
}

}  // namespace triggerd
