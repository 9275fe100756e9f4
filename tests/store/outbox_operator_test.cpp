// What an operator does to dead letters and held events.
#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

using Keys = std::vector<std::string>;

struct Outbox {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  Database& operator*() { return *scratch; }

  void detect(const std::string& key, std::int64_t n, std::int64_t seconds) {
    commit_page(*scratch, page_of(stream, {fired(key, n)}, seconds));
  }
  void flood(std::vector<DetectionRow> rows, std::int64_t seconds) {
    PageCommit page = page_of(stream, std::move(rows), seconds);
    page.hold_above = 1;
    CHECK(commit_page(*scratch, page).held > 0);
  }
};

TEST_CASE("a dead run is retried with the same bytes, key and rising attempt numbers") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  try_step(*outbox, run, 0, success(), 1);
  const Attempt first = try_step(*outbox, run, 1, death(), 2);
  CHECK(retry_dead(*outbox, "evt_a_1", false, {}, at(5)) == 1);
  CHECK(due_keys(*outbox, 5) == Keys{"a/1"});
  const RunRow row = *read_run(*outbox, run);
  CHECK(row.steps[0].state == StepState::succeeded);
  CHECK(row.steps[1].state == StepState::waiting);
  CHECK(row.steps[1].request == R"({"url":"x"})");
  CHECK(!row.steps[1].first_attempt);
  const Attempt second = try_step(*outbox, run, 1, success(), 6);
  CHECK(second.key == first.key);
  CHECK(second.number == 2);
}

TEST_CASE("a retry with today's steps keeps what succeeded and numbers attempts on") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  try_step(*outbox, run, 0, success(), 1);
  try_step(*outbox, run, 1, death(), 2);
  CHECK(retry_dead(*outbox, "leads", true, {{"leads", {"today", {"extra", "deal", "hook"}}}},
                   at(5)) == 1);
  const RunRow row = *read_run(*outbox, run);
  CHECK(row.steps_hash == "today");
  REQUIRE(row.steps.size() == 3);
  CHECK(row.steps[0].step_id == "extra");
  CHECK(row.steps[0].state == StepState::waiting);
  CHECK(row.steps[1].state == StepState::succeeded);
  CHECK(row.steps[1].answer == R"({"ok":true})");
  CHECK(row.steps[2].state == StepState::waiting);
  CHECK(row.steps[2].request.empty());
  CHECK(try_step(*outbox, run, 2, success(), 6).number == 2);
  CHECK(try_step(*outbox, run, 0, success(), 6).number == 1);
}

TEST_CASE("with today's steps, values of an each step that succeeded are not sent again") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  const std::int64_t run = run_of(*outbox, "evt_a_1");
  expand_step(*outbox, run, 0, {"1", "2"});
  try_step(*outbox, run, 0, success(), 1);
  try_step(*outbox, run, 1, death(), 2);
  retry_dead(*outbox, "all", true, {{"leads", {"today", {"deal"}}}}, at(5));
  const RunRow row = *read_run(*outbox, run);
  REQUIRE(row.steps.size() == 2);
  CHECK(row.steps[0].state == StepState::succeeded);
  CHECK(row.steps[1].state == StepState::waiting);
  CHECK(row.steps[1].each_value == "2");
}

TEST_CASE("P8: a retried run waits for a later one of its record that is on its way") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  try_step(*outbox, run_of(*outbox, "evt_a_1"), 0, death(), 1);
  outbox.detect("a", 2, 2);
  CHECK(due_keys(*outbox, 3) == Keys{"a/2"});
  retry_dead(*outbox, "all", false, {}, at(4));
  outbox.detect("a", 3, 5);
  CHECK(due_keys(*outbox, 9) == Keys{"a/2"});
  succeed_run(*outbox, "evt_a_2", 10);
  CHECK(due_keys(*outbox, 11) == Keys{"a/1"});
}

TEST_CASE("a dropped dead letter is gone from the list, and its event stays") {
  Outbox outbox;
  outbox.detect("a", 1, 0);
  outbox.detect("b", 1, 0);
  for (const char* event : {"evt_a_1", "evt_b_1"}) {
    try_step(*outbox, run_of(*outbox, event), 0, death(), 1);
  }
  CHECK(drop_dead(*outbox, "evt_a_1", at(2)) == 1);
  CHECK(list_view(*outbox, "dead_letters", "", 10).rows.size() == 1);
  CHECK(list_view(*outbox, "recent_events", "", 10).rows.size() == 2);
  CHECK(retry_dead(*outbox, "evt_a_1", false, {}, at(3)) == 0);
  CHECK(drop_dead(*outbox, "nothing-of-that-name", at(3)) == 0);
}

TEST_CASE("P8: a held flood holds up later runs of its records until it is released or dropped") {
  for (const bool released : {true, false}) {
    CAPTURE(released);
    Outbox outbox;
    outbox.flood({fired("a", 1), fired("b", 1)}, 0);
    outbox.detect("a", 2, 1);
    outbox.detect("c", 1, 1);
    CHECK(due_keys(*outbox, 5) == Keys{"c/1"});
    if (released) {
      CHECK(release_held(*outbox, "leads", at(6)) == 2);
      CHECK(due_keys(*outbox, 6) == Keys{"c/1", "a/1", "b/1"});
      succeed_run(*outbox, "evt_a_1", 7);
    } else {
      CHECK(drop_held(*outbox, "all", at(6)) == 2);
      CHECK(count_unfinished(*outbox) == 2);
    }
    CHECK(due_keys(*outbox, 8).back() == "a/2");
    CHECK(list_view(*outbox, "held", "", 10).rows.empty());
  }
}

TEST_CASE("P8: of several held runs of one record, released together, only the first goes") {
  Outbox outbox;
  outbox.flood({fired("a", 1), fired("a", 2), fired("a", 3)}, 0);
  CHECK(release_held(*outbox, "all", at(1)) == 3);
  CHECK(due_keys(*outbox, 1) == Keys{"a/1"});
}

TEST_CASE("one event of a held flood can be released alone") {
  Outbox outbox;
  outbox.flood({fired("a", 1), fired("b", 1)}, 0);
  CHECK(release_held(*outbox, "evt_b_1", at(1)) == 1);
  CHECK(due_keys(*outbox, 1) == Keys{"b/1"});
  CHECK(list_view(*outbox, "held", "", 10).rows.size() == 1);
}

}  // namespace
}  // namespace triggerd
