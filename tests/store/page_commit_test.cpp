// What a page writes, together or not at all.
#include "triggerd/store/page_commit.h"

#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

std::vector<DetectionRow> many(int count, int from = 0) {
  std::vector<DetectionRow> rows;
  for (int i = 0; i < count; ++i) rows.push_back(fired("r" + std::to_string(from + i)));
  return rows;
}

DetectionRow broken_filter(const std::string& key) {
  DetectionRow row = fired(key);
  row.verdict = Verdict::filter_error;
  row.reason = "cannot iterate over null";
  return row;
}

TEST_CASE("a page is there after its commit and a restart: detection, event, run, steps, cursor") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  stream.watermark = at(5);
  PageCommit page = page_of(stream, {fired("a")});
  page.seen = {seen_row("a", 1)};
  scratch->begin();
  const PageStored stored = commit_page(*scratch, page);
  scratch->commit();
  scratch.reopen();

  CHECK(stored.events == 1);
  CHECK(!stored.stale);
  CHECK(read_seen(*scratch, stream.id, {"a"}).at("a").n == 1);
  CHECK(load_streams(*scratch)[0].watermark == at(5));
  CHECK(number(*scratch, "SELECT count(*) FROM detections WHERE verdict = 'fired'") == 1);
  const std::vector<std::int64_t> due = due_runs(*scratch, at(0), {}, 10);
  REQUIRE(due.size() == 1);
  const RunRow run = *read_run(*scratch, due[0]);
  CHECK(run.event_id == "evt_a_1");
  CHECK(run.trigger == "leads");
  CHECK(run.account == "dental");
  CHECK(run.key == "a");
  CHECK(run.kind == "new");
  CHECK(run.n == 1);
  CHECK(run.state == "waiting");
  CHECK(run.steps_hash == "steps");
  CHECK(run.event["record"]["id"] == "a");
  REQUIRE(run.steps.size() == 2);
  CHECK(run.steps[0].step_id == "deal");
  CHECK(run.steps[1].step_id == "hook");
  CHECK(run.steps[0].state == StepState::waiting);
  CHECK(run.steps[0].attempts == 0);
  CHECK(run.steps[0].key.size() == 32);
  CHECK(run.steps[0].key != run.steps[1].key);
}

TEST_CASE("a page that is rolled back leaves nothing") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  stream.watermark = at(5);
  PageCommit page = page_of(stream, {fired("a")});
  page.seen = {seen_row("a", 1)};
  page.odd = {{"", "has no id at /id", "{}"}};
  scratch->begin();
  commit_page(*scratch, page);
  scratch->rollback();
  CHECK(number(*scratch,
               "SELECT (SELECT count(*) FROM seen) + (SELECT count(*) FROM events) + "
               "(SELECT count(*) FROM runs) + (SELECT count(*) FROM steps) + "
               "(SELECT count(*) FROM detections) + "
               "(SELECT count(*) FROM odd_records)") == 0);
  CHECK(!load_streams(*scratch)[0].watermark);
}

TEST_CASE("P1: a detection with a number that is taken fails, and its page with it") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  commit_page(*scratch, page_of(stream, {fired("a", 1)}));
  DetectionRow twin = fired("a", 1);
  twin.event_id = "evt_twin";
  scratch->begin();
  try {
    commit_page(*scratch, page_of(stream, {fired("b", 1), twin}));
    FAIL("the second detection was taken");
  } catch (const StoreFailure& failure) {
    CHECK(failure.kind() == StoreFailure::Kind::constraint);
  }
  scratch->rollback();
  CHECK(number(*scratch, "SELECT count(*) FROM detections") == 1);
  CHECK(number(*scratch, "SELECT count(*) FROM events") == 1);
}

TEST_CASE("P1: a verdict without an event takes its number as well") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  DetectionRow filtered = fired("a", 1);
  filtered.verdict = Verdict::filtered;
  filtered.event_id.clear();
  filtered.object.clear();
  const PageStored stored = commit_page(*scratch, page_of(stream, {filtered}));
  CHECK(stored.events == 0);
  CHECK(number(*scratch, "SELECT count(*) FROM events") == 0);
  CHECK_THROWS_AS(commit_page(*scratch, page_of(stream, {fired("a", 1)})), StoreFailure);
}

TEST_CASE("S-30: ids and texts are values, whatever they look like") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  const std::vector<std::string> ids = {
      "'); DROP TABLE events; --", "\" OR \"\"=\"",       "?1", "%_*",
      "\xF0\x9F\x98\x80",          std::string("a\0b", 3)};
  std::vector<DetectionRow> rows;
  std::vector<Seen> seen;
  for (const std::string& id : ids) {
    rows.push_back(fired(id));
    seen.push_back(seen_row(id, 1));
  }
  PageCommit page = page_of(stream, rows);
  page.seen = seen;
  page.odd = {{ids[0], ids[1], ids[0]}};
  commit_page(*scratch, page);
  CHECK(read_seen(*scratch, stream.id, ids).size() == ids.size());
  CHECK(number(*scratch, "SELECT count(*) FROM events") == static_cast<std::int64_t>(ids.size()));
  for (const std::string& id : ids) {
    const auto event = describe_event(*scratch, "evt_" + id + "_1");
    REQUIRE(event.has_value());
    CHECK((*event)["key"] == id);
  }
  CHECK(list_view(*scratch, "status", ids[0], 10).rows.empty());
  CHECK(drop_held(*scratch, ids[0], at(0)) == 0);
}

TEST_CASE("a walk's events wait for its last page") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit first = page_of(stream, many(2));
  first.walk_over = false;
  commit_page(*scratch, first);
  CHECK(due_keys(*scratch, 1'000).empty());
  CHECK(count_unfinished(*scratch) == 2);
  scratch.reopen();
  commit_page(*scratch, page_of(stream, many(1, 2), 60));
  CHECK(due_keys(*scratch, 60) == std::vector<std::string>{"r0/1", "r1/1", "r2/1"});
}

TEST_CASE("a walk that ends without a further page lets its events go") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit first = page_of(stream, many(2));
  first.walk_over = false;
  commit_page(*scratch, first);
  CHECK(close_walk(*scratch, page_of(stream, {}, 9)).held == 0);
  CHECK(due_keys(*scratch, 9).size() == 2);
}

TEST_CASE("a flood is held as a whole, over all pages of its walk, and at the limit nothing is") {
  for (const int last_page : {2, 3}) {
    CAPTURE(last_page);
    ScratchDatabase scratch;
    StreamRow stream = add_active_stream(*scratch);
    PageCommit first = page_of(stream, many(3));
    first.walk_over = false;
    first.hold_above = 5;
    commit_page(*scratch, first);
    PageCommit last = page_of(stream, many(last_page, 3), 1);
    last.hold_above = 5;
    const PageStored stored = commit_page(*scratch, last);
    const bool flood = last_page == 3;
    CHECK(stored.held == (flood ? 6 : 0));
    CHECK(due_keys(*scratch, 1).size() == (flood ? 0U : 5U));
    CHECK(list_view(*scratch, "held", "", 100).rows.size() == (flood ? 6U : 0U));
    CHECK(count_unfinished(*scratch) == (flood ? 6 : 5));
  }
}

TEST_CASE(
    "without a limit of its own, 200 events of a walk go and 201 are held; a backfill never is") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  CHECK(commit_page(*scratch, page_of(stream, many(200))).held == 0);
  StreamRow other = add_active_stream(*scratch, "other");
  CHECK(commit_page(*scratch, page_of(other, many(201, 1'000), 1)).held == 201);
  StreamRow third = add_active_stream(*scratch, "third");
  PageCommit backfill = page_of(third, many(500, 2'000), 2);
  backfill.never_hold = true;
  CHECK(commit_page(*scratch, backfill).held == 0);
}

TEST_CASE("the automatic limit grows with what the stream usually yields, and not by floods") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  for (int walk = 0; walk < 40; ++walk) {
    commit_page(*scratch, page_of(stream, many(50, 1'000 * (walk + 1)), walk));
  }
  CHECK(commit_page(*scratch, page_of(stream, many(900, 100'000), 41)).held == 0);
  ScratchDatabase calm;
  StreamRow quiet = add_active_stream(*calm);
  for (int walk = 0; walk < 5; ++walk) {
    CHECK(commit_page(*calm, page_of(quiet, many(300, 1'000 * (walk + 1)), walk)).held == 300);
  }
}

TEST_CASE("an event whose filter failed is held alone, is no flood and holds up no other") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit page = page_of(stream, {broken_filter("a"), fired("b")});
  page.hold_above = 1;
  const PageStored stored = commit_page(*scratch, page);
  CHECK(stored.events == 1);
  CHECK(stored.held == 0);
  commit_page(*scratch, page_of(stream, {fired("a", 2)}, 1));
  CHECK(due_keys(*scratch, 1) == std::vector<std::string>{"b/1", "a/2"});
  const Listing held = list_view(*scratch, "held", "leads", 10);
  REQUIRE(held.rows.size() == 1);
  CHECK(held.rows[0]["reason"] == "filter error: cannot iterate over null");
}

TEST_CASE("a key that is forgotten keeps its number until its detections have expired") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit page = page_of(stream, {fired("a")});
  page.seen = {seen_row("a", 1), seen_row("b")};
  commit_page(*scratch, page);
  PageCommit next = page_of(stream, {}, 1);
  next.forgotten = {"a", "b"};
  commit_page(*scratch, next);
  CHECK(count_seen(*scratch, stream.id) == 0);
  const SeenMap left = read_seen(*scratch, stream.id, {"a", "b"});
  REQUIRE(left.size() == 1);
  CHECK(left.at("a").n == 1);
}

TEST_CASE("odd records are kept, counted and bounded") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  for (int i = 0; i < 30; ++i) {
    PageCommit page = page_of(stream, {}, i);
    page.odd = {{"k" + std::to_string(i), "is broken", "raw"}, {"", "has no id", "last"}};
    commit_page(*scratch, page);
  }
  CHECK(number(*scratch, "SELECT count(*) FROM odd_records") == 20);
  CHECK(number(*scratch, "SELECT times FROM odd_records WHERE key = ''") == 30);
  CHECK(number(*scratch, "SELECT count(*) FROM odd_records WHERE key = 'k29'") == 1);
  CHECK(number(*scratch, "SELECT count(*) FROM odd_records WHERE key = 'k0'") == 0);
}

TEST_CASE("a gap that every walk meets is one line that grows; another reason is another line") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  const auto walk = [&](const char* reason, std::int64_t seconds, std::optional<WallTime> from) {
    PageCommit page = page_of(stream, {}, seconds);
    page.gap = Gap{reason, from, at(seconds)};
    commit_page(*scratch, page);
  };
  walk("10,000 records", 1, at(0));
  walk("10,000 records", 2, std::nullopt);
  walk("repeated page", 3, at(2));
  const Listing gaps = list_view(*scratch, "gaps", "leads", 10);
  REQUIRE(gaps.rows.size() == 2);
  CHECK(gaps.rows[0]["reason"] == "repeated page");
  CHECK(gaps.rows[1]["times"] == 2);
  CHECK(gaps.rows[1]["since"] == "2026-03-01T09:30:00.000Z");
  CHECK(gaps.rows[1]["until"] == "2026-03-01T09:30:02.000Z");
}

}  // namespace
}  // namespace triggerd
