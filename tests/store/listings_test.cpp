// What the command line lists.
#include "triggerd/store/listings.h"

#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

TEST_CASE("status shows each stream with ISO times, counts and what is held") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  add_active_stream(*scratch, "other");
  stream.last_poll = at(1);
  stream.next_poll = wall_from_ms(4'102'444'800'000);
  stream.polls = 12;
  stream.created = 3;
  stream.health = "ok";
  PageCommit page = page_of(stream, {fired("a"), fired("b")});
  page.hold_above = 1;
  commit_page(*scratch, page);
  const Listing all = list_view(*scratch, "status", "", 10);
  REQUIRE(all.rows.size() == 2);
  const nlohmann::json& row = all.rows[0];
  CHECK(row["trigger"] == "leads");
  CHECK(row["last_poll"] == "2026-03-01T09:30:01.000Z");
  CHECK(row["next_poll"] == "2100-01-01T00:00:00.000Z");
  CHECK(row["last_success"].is_null());
  CHECK(row["last_error"].is_null());
  CHECK(row["lag_seconds"] == 0);
  CHECK(row["polls"] == 12);
  CHECK(row["new"] == 3);
  CHECK(row["held"] == 2);
  CHECK(list_view(*scratch, "status", "other", 10).rows.size() == 1);
  CHECK(list_view(*scratch, "status", "", 1).rows.size() == 1);
}

TEST_CASE("a stream whose promised poll has passed shows by how much, but not while it is paused") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  stream.next_poll = wall_from_ms(0);
  save_stream(*scratch, stream);
  CHECK(list_view(*scratch, "status", "", 10).rows[0]["lag_seconds"] > 1'000'000'000);
  TriggerRow paused = load_triggers(*scratch)[0];
  paused.paused = true;
  save_trigger(*scratch, paused, at(1));
  CHECK(list_view(*scratch, "status", "", 10).rows[0]["lag_seconds"].is_null());
  CHECK(list_view(*scratch, "status", "", 10).rows[0]["paused"] == 1);
}

TEST_CASE("why tells baseline, filtered, held, fired and what became of the run") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit baseline = page_of(stream, {});
  baseline.seen = {seen_row("known")};
  commit_page(*scratch, baseline);
  DetectionRow filtered = fired("a", 1);
  filtered.verdict = Verdict::filtered;
  filtered.event_id.clear();
  commit_page(*scratch, page_of(stream, {filtered}, 1));
  commit_page(*scratch, page_of(stream, {fired("a", 2)}, 2));
  succeed_run(*scratch, "evt_a_2", 3);

  const Listing known = list_why(*scratch, "leads", "known");
  REQUIRE(known.rows.size() == 1);
  CHECK(known.rows[0]["verdict"] == "baseline");
  CHECK(known.rows[0]["n"] == 0);
  const Listing a = list_why(*scratch, "leads", "a");
  REQUIRE(a.rows.size() == 2);
  CHECK(a.rows[0]["verdict"] == "filtered");
  CHECK(a.rows[0]["event_id"].is_null());
  CHECK(a.rows[1]["verdict"] == "fired");
  CHECK(a.rows[1]["event_id"] == "evt_a_2");
  CHECK(a.rows[1]["run"] == "done");
  CHECK(a.rows[1]["at"] == "2026-03-01T09:30:02.000Z");
  CHECK(list_why(*scratch, "leads", "unknown").rows.empty());
}

TEST_CASE("an event is described with object, run, steps and attempts") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a")}));
  const std::int64_t run = run_of(*scratch, "evt_a_1");
  try_step(*scratch, run, 0, retry_at(5), 1);
  try_step(*scratch, run, 0, success(), 5);
  const nlohmann::json event = *describe_event(*scratch, "evt_a_1");
  CHECK(event["trigger"] == "leads");
  CHECK(event["state"] == "waiting");
  CHECK(event["detected_at"] == "2026-03-01T09:30:00.000Z");
  CHECK(event["object"]["record"]["id"] == "a");
  REQUIRE(event["steps"].size() == 2);
  const nlohmann::json& step = event["steps"][0];
  CHECK(step["step"] == "deal");
  CHECK(step["state"] == "succeeded");
  CHECK(step["answer"]["ok"] == true);
  REQUIRE(step["attempts"].size() == 2);
  CHECK(step["attempts"][0]["outcome"] == "retry");
  CHECK(step["attempts"][0]["status"] == 503);
  CHECK(step["attempts"][1]["number"] == 2);
  CHECK(event["steps"][1]["attempts"].empty());
  CHECK(!describe_event(*scratch, "evt_unknown"));
}

TEST_CASE("events behind a row come oldest first, those of a list newest first") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a"), fired("b"), fired("c")}));
  const Listing newest = list_view(*scratch, "recent_events", "leads", 2);
  REQUIRE(newest.rows.size() == 2);
  CHECK(newest.rows[0]["key"] == "c");
  const std::int64_t rowid = newest.rows[1]["rowid"].get<std::int64_t>();
  const Listing later = events_after(*scratch, rowid - 1, 10);
  REQUIRE(later.rows.size() == 2);
  CHECK(later.rows[0]["key"] == "b");
  CHECK(later.rows[1]["key"] == "c");
  CHECK(events_after(*scratch, rowid + 1, 10).rows.empty());
}

TEST_CASE("a pending run shows its next step, its attempts and when it goes on") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a", 1)}));
  commit_page(*scratch, page_of(stream, {fired("a", 2)}, 1));
  try_step(*scratch, run_of(*scratch, "evt_a_1"), 0, retry_at(60), 2);
  const Listing pending = list_view(*scratch, "pending_runs", "leads", 10);
  REQUIRE(pending.rows.size() == 2);
  CHECK(pending.rows[0]["event_id"] == "evt_a_1");
  CHECK(pending.rows[0]["step"] == "deal");
  CHECK(pending.rows[0]["attempts"] == 1);
  CHECK(pending.rows[0]["error"] == "HTTP 503");
  CHECK(pending.rows[0]["next_try"] == "2026-03-01T09:31:00.000Z");
  CHECK(pending.rows[1]["next_try"].is_null());
}

TEST_CASE("totals add up the streams of each trigger of the configuration") {
  ScratchDatabase scratch;
  StreamRow first = add_active_stream(*scratch, "leads", R"({"a":1})");
  StreamRow second = add_active_stream(*scratch, "leads", R"({"a":2})");
  add_active_stream(*scratch, "gone");
  remove_trigger(*scratch, "gone", at(1));
  first.polls = 2;
  first.events = 1;
  second.polls = 3;
  commit_page(*scratch, page_of(first, {fired("a")}));
  PageCommit flood = page_of(second, {fired("b"), fired("c")});
  flood.hold_above = 1;
  commit_page(*scratch, flood);
  succeed_run(*scratch, "evt_a_1", 1);
  // Writing the row again must not take back what the store has counted.
  save_stream(*scratch, first);
  const Listing totals = trigger_totals(*scratch);
  REQUIRE(totals.rows.size() == 1);
  CHECK(totals.rows[0]["trigger"] == "leads");
  CHECK(totals.rows[0]["polls"] == 5);
  CHECK(totals.rows[0]["events"] == 1);
  CHECK(totals.rows[0]["delivered"] == 1);
  CHECK(totals.rows[0]["held"] == 2);
  CHECK(totals.rows[0]["dead"] == 0);
}

TEST_CASE("budget and cursors show what is stored, with absent times as null") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  stream.watermark = at(5);
  stream.overlap = Millis{1'500};
  save_stream(*scratch, stream);
  AccountRow account;
  account.name = "dental";
  account.budget.day_used = 12;
  save_account(*scratch, account);
  const nlohmann::json cursor = list_view(*scratch, "cursors", "leads", 10).rows[0];
  CHECK(cursor["watermark"] == "2026-03-01T09:30:05.000Z");
  CHECK(cursor["overlap_seconds"] == 1.5);
  CHECK(cursor["walk"].is_null());
  const nlohmann::json budget = list_view(*scratch, "budget", "", 10).rows[0];
  CHECK(budget["day_used"] == 12);
  CHECK(budget["blocked_until"].is_null());
  CHECK(budget["suspended"].is_null());
}

}  // namespace
}  // namespace triggerd
