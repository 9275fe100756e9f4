// Runs, steps and attempts: order, numbering, what a crash leaves.
#include "triggerd/store/outbox.h"

#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include "rows.h"

namespace triggerd {
namespace {

using Keys = std::vector<std::string>;

struct Outbox {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);

  Database& operator*() { return *scratch; }
  void detect(const std::string& key, std::int64_t n, std::int64_t seconds,
              Ordering ordering = Ordering::record) {
    PageCommit page = page_of(stream, {fired(key, n)}, seconds);
    page.ordering = ordering;
    commit_page(*scratch, page);
  }
};

TEST_CASE("P8: the run of n+1 starts when the run of n is done, and not a step before") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  outbox.detect("a", 2, 1);
  outbox.detect("b", 1, 2);
  CHECK(due_keys(*outbox, 10) == Keys{"a/1", "b/1"});
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  try_step(*outbox, run, 0, success(), 3);
  CHECK(due_keys(*outbox, 10) == Keys{"a/1", "b/1"});
  try_step(*outbox, run, 1, success(), 4);
  finish_run(*outbox, run, at(4));
  CHECK(state_of(*outbox, "evt_a_1") == "done");
  CHECK(due_keys(*outbox, 10) == Keys{"b/1", "a/2"});
}

TEST_CASE("P8: a run that stopped in the dead letters lets the next one go") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  outbox.detect("a", 2, 1);
  try_step(*outbox, run_of(*outbox, "evt_a_1"), 0, death(), 2);
  CHECK(state_of(*outbox, "evt_a_1") == "dead");
  CHECK(due_keys(*outbox, 10) == Keys{"a/2"});
}

TEST_CASE("P8: the order of a record holds over a restart and while its first run waits to retry") {
  Outbox outbox;
  for (int n = 1; n <= 3; ++n) outbox.detect("a", n, n);
  try_step(*outbox, run_of(*outbox, "evt_a_1"), 0, retry_at(1'000), 4);
  outbox.scratch.reopen();
  CHECK(due_keys(*outbox, 999).empty());
  CHECK(due_keys(*outbox, 1'000) == Keys{"a/1"});
  succeed_run(*outbox, "evt_a_1", 1'000);
  CHECK(due_keys(*outbox, 1'001) == Keys{"a/2"});
}

TEST_CASE("P8: with ordering none the runs of a record do not wait for each other") {
  Outbox outbox;
  outbox.detect("a", 1, 0, Ordering::none);
  outbox.detect("a", 2, 1, Ordering::none);
  CHECK(due_keys(*outbox, 10) == Keys{"a/1", "a/2"});
}

TEST_CASE("P8: records of the same key in two streams have nothing to do with each other") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  StreamRow other = add_active_stream(*outbox, "other");
  DetectionRow row = fired("a", 1);
  row.event_id = "evt_other";
  commit_page(*outbox, page_of(other, {row}, 1));
  CHECK(due_keys(*outbox, 10).size() == 2);
}

TEST_CASE("P8: a run of an open walk holds up later ones of its record until it is judged") {
  Outbox outbox;
  PageCommit open = page_of(outbox.stream, {fired("a", 1)});
  open.walk_over = false;
  commit_page(*outbox, open);
  PageCommit second = page_of(outbox.stream, {fired("a", 2)}, 1);
  second.walk_over = false;
  commit_page(*outbox, second);
  close_walk(*outbox, page_of(outbox.stream, {}, 2));
  CHECK(due_keys(*outbox, 10) == Keys{"a/1"});
  succeed_run(*outbox, "evt_a_1", 3);
  CHECK(due_keys(*outbox, 10) == Keys{"a/2"});
}

TEST_CASE(
    "due runs come oldest first, not before their time, without the busy ones, at most so many") {
  Outbox outbox;
  for (int i = 0; i < 5; ++i) outbox.detect("r" + std::to_string(i), 1, i);
  const std::int64_t first = run_of(*outbox, "evt_r0_1");
  const std::int64_t second = run_of(*outbox, "evt_r1_1");
  postpone_run(*outbox, second, at(100));
  CHECK(due_runs(*outbox, at(2), {}, 10) ==
        std::vector<std::int64_t>{first, run_of(*outbox, "evt_r2_1")});
  CHECK(due_runs(*outbox, at(4), {first}, 1) ==
        std::vector<std::int64_t>{run_of(*outbox, "evt_r2_1")});
  CHECK(due_keys(*outbox, 99) == Keys{"r0/1", "r2/1", "r3/1", "r4/1"});
  CHECK(due_keys(*outbox, 100).back() == "r1/1");
  CHECK(next_run_at(*outbox) == at(0));
}

TEST_CASE("next_run_at knows the one that is to be retried, and nothing when none waits") {
  Outbox outbox;
  CHECK(!next_run_at(*outbox));
  outbox.detect("a", 1, 0);
  try_step(*outbox, run_of(*outbox, "evt_a_1"), 0, retry_at(77), 1);
  CHECK(next_run_at(*outbox) == at(77));
  try_step(*outbox, run_of(*outbox, "evt_a_1"), 0, death(), 78);
  CHECK(!next_run_at(*outbox));
}

TEST_CASE("P6: all attempts of a step carry one key, the first bytes and a rising number") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  std::set<std::string> keys;
  for (int number = 1; number <= 3; ++number) {
    const StepRow step = read_run(*outbox, run)->steps[0];
    const std::string bytes = R"({"body":")" + std::to_string(number) + R"("})";
    const Attempt attempt = begin_attempt(*outbox, run, step, bytes, at(number));
    CHECK(attempt.number == number);
    keys.insert(attempt.key);
    finish_attempt(*outbox, attempt, retry_at(number + 1), at(number));
    outbox.scratch.reopen();
  }
  CHECK(keys.size() == 1);
  const StepRow step = read_run(*outbox, run)->steps[0];
  CHECK(step.request == R"({"body":"1"})");
  CHECK(step.attempts == 3);
  CHECK(step.first_attempt == at(1));
  CHECK(step.error == "HTTP 503");
  CHECK(number(*outbox, "SELECT count(*) FROM attempts WHERE outcome = 'retry'") == 3);
}

TEST_CASE("P7: an attempt that a crash cut off is followed by the next number, never by its own") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  begin_attempt(*outbox, run, read_run(*outbox, run)->steps[0], "{}", at(1));
  outbox.scratch.reopen();
  CHECK(read_run(*outbox, run)->steps[0].state == StepState::sending);
  CHECK(recover_runs(*outbox, at(2)) == 1);
  CHECK(recover_runs(*outbox, at(2)) == 0);
  CHECK(text(*outbox, "SELECT outcome FROM attempts") == "interrupted");
  CHECK(due_keys(*outbox, 2) == Keys{"a/1"});
  const StepRow step = read_run(*outbox, run)->steps[0];
  CHECK(step.state == StepState::waiting);
  CHECK(begin_attempt(*outbox, run, step, "{}", at(3)).number == 2);
}

TEST_CASE("P7: an attempt whose transaction was rolled back was never the first") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  outbox.scratch->begin();
  CHECK(begin_attempt(*outbox, run, read_run(*outbox, run)->steps[0], "{}", at(1)).number == 1);
  outbox.scratch->rollback();
  CHECK(begin_attempt(*outbox, run, read_run(*outbox, run)->steps[0], "{}", at(1)).number == 1);
}

TEST_CASE("P7: in an epoch after a restore no attempt counts as the first") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  Query(*outbox, "UPDATE instance SET epoch = 2").run();
  outbox.scratch.reopen();
  CHECK(outbox.scratch->epoch() == 2);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  CHECK(begin_attempt(*outbox, run, read_run(*outbox, run)->steps[0], "{}", at(1)).number == 2);
}

TEST_CASE("a step's answer and error are read back") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  try_step(*outbox, run, 0, success(), 1);
  kill_step(*outbox, run, read_run(*outbox, run)->steps[1], "`with` failed: null", false, at(2));
  const RunRow row = *read_run(*outbox, run);
  CHECK(row.steps[0].state == StepState::succeeded);
  CHECK(row.steps[0].answer == R"({"ok":true})");
  CHECK(row.steps[1].state == StepState::dead);
  CHECK(row.steps[1].error == "`with` failed: null");
  CHECK(row.state == "dead");
}

TEST_CASE(
    "a dead step with on_error: continue lets the run go on, which ends among the dead letters") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  AttemptEnd end = death("HTTP 404");
  end.go_on = true;
  try_step(*outbox, run, 0, end, 1);
  CHECK(due_keys(*outbox, 1) == Keys{"a/1"});
  try_step(*outbox, run, 1, success(), 2);
  finish_run(*outbox, run, at(2));
  CHECK(state_of(*outbox, "evt_a_1") == "dead");
  const Listing dead = list_view(*outbox, "dead_letters", "leads", 10);
  REQUIRE(dead.rows.size() == 1);
  CHECK(dead.rows[0]["step"] == "deal");
  CHECK(dead.rows[0]["error"] == "HTTP 404");
  CHECK(dead.rows[0]["attempts"] == 1);
}

TEST_CASE(
    "an each step becomes one row per value, with keys of their own; without values it is "
    "skipped") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  expand_step(*outbox, run, 0, {R"("x")", "2", R"({"z":3})"});
  RunRow row = *read_run(*outbox, run);
  REQUIRE(row.steps.size() == 4);
  std::set<std::string> keys;
  for (const StepRow& step : row.steps) keys.insert(step.key);
  CHECK(keys.size() == 4);
  CHECK(row.steps[2].each_index == 2);
  CHECK(row.steps[2].each_value == R"({"z":3})");
  CHECK(row.steps[3].position == 1);
  expand_step(*outbox, run, 1, {});
  row = *read_run(*outbox, run);
  CHECK(row.steps[3].state == StepState::skipped);
}

TEST_CASE(
    "a run whose steps were skipped is done and counts as delivered; finishing it twice does "
    "nothing") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  const std::optional<RunRow> waiting = read_run(*outbox, run);
  REQUIRE(waiting);
  for (const StepRow& step : waiting->steps) {
    skip_step(*outbox, run, step, "when gave false", at(1));
  }
  finish_run(*outbox, run, at(1));
  finish_run(*outbox, run, at(2));
  CHECK(state_of(*outbox, "evt_a_1") == "done");
  CHECK(trigger_totals(*outbox).rows[0]["delivered"] == 1);
  CHECK(count_unfinished(*outbox) == 0);
}

TEST_CASE("SCH-01: a run goes on with its next step at once, also after the clock was set back") {
  Outbox outbox;
  outbox.detect("a", 1, 1'000);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  try_step(*outbox, run, 0, success(), 10);
  CHECK(due_keys(*outbox, 10) == Keys{"a/1"});
}

// Half of them wait behind a first run of their record, half are due.
void fill(Database& database, StreamId stream, std::int64_t runs) {
  database.begin();
  Query(database,
        "WITH RECURSIVE count(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count WHERE i < ?2) "
        "INSERT INTO events (event_id, stream_id, key, n, kind, detected_at) "
        "SELECT 'evt_' || i, ?1, iif(i % 2, 'busy', 'k' || i), i, 'new', 0 FROM count",
        stream, runs)
      .run();
  Query(database,
        "INSERT INTO runs (id, stream_id, key, state, reason, steps_hash, ordered, next_at) "
        "SELECT id, stream_id, key, 'waiting', '', 'steps', 1, iif(n % 2, NULL, ?) FROM events",
        at(0))
      .run();
  database.commit();
}

TEST_CASE("looking for due runs stays fast among 100,000 that wait, half of them behind others") {
  Outbox outbox;
  fill(*outbox, outbox.stream.id, 100'000);
  CHECK(count_unfinished(*outbox) == 100'000);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) CHECK(due_runs(*outbox, at(1), {}, 64).size() == 64);
  const auto took = std::chrono::steady_clock::now() - start;
  // About 20 us each where this was written; a scan over what waits takes a thousand times that.
  CHECK(took < std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace triggerd
