// Finished events once more, with ids and keys of their own.
#include "triggerd/store/replay.h"

#include <doctest/doctest.h>

#include <set>

#include "rows.h"
#include "triggerd/json_text.h"
#include "triggerd/store/retention.h"

namespace triggerd {
namespace {

// Three events of `leads`: a/1 and a/2 done, b/1 dead.
struct Delivered {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);

  Delivered() {
    finish("a", 1, 0);
    finish("a", 2, 100);
    commit_page(*scratch, page_of(stream, {event("b", 1)}, 200));
    try_step(*scratch, run_of(*scratch, "evt_b_1"), 0, death(), 201);
  }
  static DetectionRow event(const std::string& key, std::int64_t n) {
    DetectionRow row = fired(key, n);
    row.object = R"({"event":{"id":")" + row.event_id + R"(","key":"x"},"record":{"id":1}})";
    return row;
  }
  void finish(const std::string& key, std::int64_t n, std::int64_t seconds) {
    const DetectionRow row = event(key, n);
    commit_page(*scratch, page_of(stream, {row}, seconds));
    const std::int64_t run = run_of(*scratch, row.event_id);
    try_step(*scratch, run, 0, success(), seconds + 1);
    try_step(*scratch, run, 1, success(), seconds + 1);
    finish_run(*scratch, run, at(seconds + 1));
  }
  ReplayWish wish() const {
    ReplayWish wish;
    wish.trigger = "leads";
    wish.steps_hash = "today";
    wish.step_ids = {"hook"};
    return wish;
  }
  std::vector<std::string> replays() {
    std::vector<std::string> ids;
    Query query(*scratch,
                "SELECT e.event_id FROM events e JOIN runs r ON r.id = e.id "
                "WHERE r.reason LIKE 'replay of %' ORDER BY e.id");
    while (query.next()) ids.push_back(query.text(0));
    return ids;
  }
};

TEST_CASE("what is done fires again as new runs of today's steps; what is dead does not") {
  Delivered world;
  const ReplayDone done = replay_events(*world.scratch, world.wish(), at(300));
  CHECK(done.runs == 2);
  CHECK_FALSE(done.more);
  const std::vector<std::string> ids = world.replays();
  REQUIRE(ids.size() == 2);
  const RunRow first = *read_run(*world.scratch, run_of(*world.scratch, ids[0]));
  CHECK(first.steps_hash == "today");
  REQUIRE(first.steps.size() == 1);
  CHECK(first.event["event"]["replay_of"] == "evt_a_1");
  CHECK(first.event["event"]["id"] == ids[0]);
  CHECK(first.event["record"]["id"] == 1);
  CHECK(state_of(*world.scratch, "evt_b_1") == "dead");
}

TEST_CASE("a replay has a key that no attempt had before, and its first attempt is the first") {
  Delivered world;
  std::set<std::string> before;
  {
    Query query(*world.scratch, "SELECT key FROM steps");
    while (query.next()) before.insert(query.text(0));
  }
  for (int round = 0; round < 2; ++round) replay_events(*world.scratch, world.wish(), at(300));
  const std::vector<std::string> ids = world.replays();
  REQUIRE(ids.size() == 4);
  for (const std::string& id : ids) {
    const RunRow run = *read_run(*world.scratch, run_of(*world.scratch, id));
    CHECK(before.insert(run.steps[0].key).second);
    CHECK(begin_attempt(*world.scratch, run.id, run.steps[0], "{}", at(301)).number == 1);
  }
}

TEST_CASE("DSP-21: replays of one record go one after the other, in the order of its events") {
  Delivered world;
  replay_events(*world.scratch, world.wish(), at(300));
  CHECK(due_keys(*world.scratch, 300) == std::vector<std::string>{"a/1"});
  const std::int64_t first = run_of(*world.scratch, world.replays()[0]);
  try_step(*world.scratch, first, 0, success(), 301);
  finish_run(*world.scratch, first, at(301));
  CHECK(due_keys(*world.scratch, 301) == std::vector<std::string>{"a/2"});
  CHECK(text(*world.scratch, "SELECT reason FROM runs WHERE id = ?", first) == "replay of evt_a_1");
}

TEST_CASE("one event alone, or those since a moment; replays are not repeated with the rest") {
  Delivered world;
  ReplayWish one = world.wish();
  one.event_id = "evt_a_2";
  CHECK(replay_events(*world.scratch, one, at(300)).runs == 1);
  const std::int64_t run = run_of(*world.scratch, world.replays()[0]);
  try_step(*world.scratch, run, 0, success(), 301);
  finish_run(*world.scratch, run, at(301));
  ReplayWish late = world.wish();
  late.since = at(50);
  CHECK(replay_events(*world.scratch, late, at(400)).runs == 1);
  late.since = at(150);
  CHECK(replay_events(*world.scratch, late, at(400)).runs == 0);
  ReplayWish other = world.wish();
  other.trigger = "others";
  CHECK(replay_events(*world.scratch, other, at(400)).runs == 0);
}

TEST_CASE("what has no body any more is counted, and nothing is sent for it") {
  Delivered world;
  Query(*world.scratch, "UPDATE events SET object = NULL WHERE event_id = 'evt_a_1'").run();
  const ReplayDone done = replay_events(*world.scratch, world.wish(), at(300));
  CHECK(done.runs == 1);
  CHECK(done.without_body == 1);
}

TEST_CASE("many events are repeated part by part, each once") {
  Delivered world;
  for (std::int64_t i = 0; i < kReplayRunsMax + 20; ++i) {
    world.finish("m" + std::to_string(i), 1, 210 + i);
  }
  ReplayWish wish = world.wish();
  std::int64_t runs = 0;
  int parts = 0;
  for (ReplayDone done{.more = true}; done.more; ++parts) {
    done = replay_events(*world.scratch, wish, at(2'000));
    runs += done.runs;
    wish.after = done.after;
    wish.until = done.until;
  }
  CHECK(runs == kReplayRunsMax + 22);
  CHECK(parts == 2);
}

TEST_CASE("a replay that expires takes no verdict of its record with it") {
  Delivered world;
  replay_events(*world.scratch, world.wish(), at(300));
  for (const std::string& id : world.replays()) {
    const std::int64_t run = run_of(*world.scratch, id);
    try_step(*world.scratch, run, 0, success(), 301);
    finish_run(*world.scratch, run, at(301));
    Query(*world.scratch, "UPDATE runs SET finished_at = 0 WHERE id = ?", run).run();
  }
  EngineSettings settings;
  CHECK(delete_expired(*world.scratch, settings, at(400), 100) > 0);
  CHECK(world.replays().empty());
  CHECK(number(*world.scratch, "SELECT count(*) FROM detections") == 3);
}

}  // namespace
}  // namespace triggerd
