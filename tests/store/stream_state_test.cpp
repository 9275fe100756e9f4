// Streams and what is known of their records, over restarts, resets and ends.
#include "triggerd/store/stream_state.h"

#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

StreamRow full_row() {
  StreamRow row;
  row.trigger = "leads";
  row.account = "dental";
  row.item = R"({"calendarId":"a"})";
  row.state = "active";
  row.parent = StreamId{9};
  row.parent_key = "p1";
  row.fire_first = true;
  row.cycle = 12;
  row.walk_kind = "sweep";
  row.walk_cursor = R"({"page":3})";
  row.walk_started = at(1);
  row.walk_newest = at(2);
  row.walk_pages = 2;
  row.walk_disturbed = true;
  row.watermark = at(3);
  row.overlap = Millis{60'000};
  row.t0 = at(4);
  row.window_end = at(5);
  row.last_walk = at(6);
  row.last_sweep = at(7);
  row.sweep_pages = 4;
  row.page_size_seen = 100;
  row.content_hash = 0xF000'0000'0000'0001ULL;
  row.etag = "\"e\"";
  row.last_modified = "Sun, 01 Mar 2026 09:30:00 GMT";
  row.suspicious = 1;
  row.last_poll = at(8);
  row.last_success = at(9);
  row.next_poll = at(10);
  row.failures = 3;
  row.health = "failing";
  row.last_error = "HTTP 500";
  row.polls = 1;
  row.pages = 2;
  row.records = 3;
  row.created = 4;
  row.changed = 5;
  row.removed = 6;
  row.events = 7;
  return row;
}

void check_cursor(const StreamRow& got, const StreamRow& put) {
  CHECK(got.walk_kind == put.walk_kind);
  CHECK(got.walk_cursor == put.walk_cursor);
  CHECK(got.walk_started == put.walk_started);
  CHECK(got.walk_newest == put.walk_newest);
  CHECK(got.walk_pages == put.walk_pages);
  CHECK(got.walk_disturbed == put.walk_disturbed);
  CHECK(got.watermark == put.watermark);
  CHECK(got.overlap == put.overlap);
  CHECK(got.t0 == put.t0);
  CHECK(got.window_end == put.window_end);
  CHECK(got.last_walk == put.last_walk);
  CHECK(got.last_sweep == put.last_sweep);
  CHECK(got.sweep_pages == put.sweep_pages);
  CHECK(got.page_size_seen == put.page_size_seen);
  CHECK(got.content_hash == put.content_hash);
  CHECK(got.etag == put.etag);
  CHECK(got.last_modified == put.last_modified);
  CHECK(got.suspicious == put.suspicious);
}

TEST_CASE("a stream's row is the same after a restart, member by member") {
  ScratchDatabase scratch;
  StreamRow put = full_row();
  add_stream(*scratch, put, at(0));
  scratch.reopen();
  const std::vector<StreamRow> rows = load_streams(*scratch);
  REQUIRE(rows.size() == 1);
  const StreamRow& got = rows.front();
  CHECK(got.id == put.id);
  CHECK(got.item == put.item);
  CHECK(got.state == put.state);
  CHECK(got.parent == put.parent);
  CHECK(got.parent_key == put.parent_key);
  CHECK(got.fire_first == put.fire_first);
  CHECK(got.cycle == put.cycle);
  check_cursor(got, put);
  CHECK(got.last_poll == put.last_poll);
  CHECK(got.last_success == put.last_success);
  CHECK(got.next_poll == put.next_poll);
  CHECK(got.failures == put.failures);
  CHECK(got.health == put.health);
  CHECK(got.last_error == put.last_error);
  CHECK(std::vector{got.polls, got.pages, got.records, got.created, got.changed, got.removed,
                    got.events} == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("adding a stream that exists gives its row back instead of a second one") {
  ScratchDatabase scratch;
  StreamRow first = full_row();
  add_stream(*scratch, first, at(0));
  StreamRow again;
  again.trigger = first.trigger;
  again.account = first.account;
  again.item = first.item;
  CHECK(add_stream(*scratch, again, at(1)) == first.id);
  CHECK(again.watermark == first.watermark);
  CHECK(load_streams(*scratch).size() == 1);
}

TEST_CASE("P10: an ended stream comes back with its cursor and its records") {
  ScratchDatabase scratch;
  StreamRow row = full_row();
  add_stream(*scratch, row, at(0));
  PageCommit page = page_of(row, {});
  page.seen = {seen_row("a")};
  commit_page(*scratch, page);
  end_stream(*scratch, row.id, at(1));
  CHECK(load_streams(*scratch).empty());

  StreamRow again;
  again.trigger = row.trigger;
  again.account = row.account;
  again.item = row.item;
  add_stream(*scratch, again, at(2));
  CHECK(again.state == "active");
  CHECK(again.watermark == row.watermark);
  CHECK(again.walk_kind.empty());
  CHECK(count_seen(*scratch, again.id) == 1);
  CHECK(again.generation > row.generation);
}

TEST_CASE("an ended stream takes no page that is still on its way, and its open events go") {
  ScratchDatabase scratch;
  StreamRow row = add_active_stream(*scratch);
  PageCommit first = page_of(row, {fired("a")});
  first.walk_over = false;
  commit_page(*scratch, first);
  CHECK(due_keys(*scratch, 100).empty());
  end_stream(*scratch, row.id, at(1));
  CHECK(commit_page(*scratch, page_of(row, {fired("b")})).stale);
  CHECK(due_keys(*scratch, 100) == std::vector<std::string>{"a/1"});
}

TEST_CASE("a reset forgets cursor and records, and drops pages and notes of the old generation") {
  ScratchDatabase scratch;
  StreamRow row = full_row();
  add_stream(*scratch, row, at(0));
  PageCommit page = page_of(row, {});
  page.seen = {seen_row("a"), seen_row("b", 3)};
  commit_page(*scratch, page);
  StreamRow old = row;

  reset_stream(*scratch, row);

  CHECK(row.generation == old.generation + 1);
  CHECK(row.state == "baseline");
  CHECK(!row.watermark);
  CHECK(count_seen(*scratch, row.id) == 0);
  CHECK(commit_page(*scratch, page_of(old, {fired("c")})).stale);
  save_stream(*scratch, old);
  CHECK(!load_streams(*scratch).front().watermark);
  CHECK(row.records == old.records);
}

TEST_CASE("P1: the numbering of a record goes on over a reset") {
  ScratchDatabase scratch;
  StreamRow row = add_active_stream(*scratch);
  PageCommit page = page_of(row, {fired("a", 1)});
  page.seen = {seen_row("a", 1), seen_row("b", 0)};
  commit_page(*scratch, page);
  reset_stream(*scratch, row);
  const SeenMap seen = read_seen(*scratch, row.id, {"a", "b"});
  REQUIRE(seen.contains("a"));
  CHECK(seen.at("a").n == 1);
  CHECK(seen.at("a").gone == WallTime{});
  CHECK(seen.at("a").remembered.empty());
  CHECK(!seen.contains("b"));
}

TEST_CASE("rows of seen keep every member, 64-bit hashes included") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  Seen put = seen_row("a", 5);
  put.updated = at(1);
  put.created = at(2);
  put.at = at(3);
  put.missing = 1;
  put.gone = at(4);
  PageCommit page = page_of(stream, {});
  page.seen = {put};
  commit_page(*scratch, page);
  scratch.reopen();
  const SeenMap map = read_seen(*scratch, stream.id, {"a", "absent"});
  REQUIRE(map.size() == 1);
  const Seen& got = map.at("a");
  CHECK(got.raw_hash == put.raw_hash);
  CHECK(got.fingerprint == put.fingerprint);
  CHECK(got.rule == put.rule);
  CHECK(got.n == 5);
  CHECK(got.updated == put.updated);
  CHECK(got.created == put.created);
  CHECK(got.at == put.at);
  CHECK(got.first_seen == put.first_seen);
  CHECK(got.missing == 1);
  CHECK(got.gone == put.gone);
  CHECK(got.remembered == put.remembered);
}

TEST_CASE("known keys are found however many others lie between, before and behind them") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  PageCommit page = page_of(stream, {});
  for (int i = 100; i < 400; ++i) page.seen.push_back(seen_row(std::to_string(i)));
  commit_page(*scratch, page);
  for (const int step : {1, 3, 40}) {
    CAPTURE(step);
    std::vector<std::string> asked{"0", "absent", "150x", "399"};
    for (int i = 380; i >= 110; i -= step) asked.push_back(std::to_string(i));
    const SeenMap map = read_seen(*scratch, stream.id, asked);
    CHECK(map.size() == asked.size() - 3);
    for (const auto& [key, row] : map) CHECK(row.key == key);
    CHECK(map.contains("110") == (270 % step == 0));
  }
}

TEST_CASE("a range of seen rows comes in key order, without tombstones and other streams") {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  StreamRow other = add_active_stream(*scratch, "other");
  PageCommit page = page_of(stream, {});
  for (const char* key : {"c", "a", "d", "b"}) page.seen.push_back(seen_row(key));
  page.seen.back().gone = at(1);
  commit_page(*scratch, page);
  PageCommit foreign = page_of(other, {});
  foreign.seen = {seen_row("z")};
  commit_page(*scratch, foreign);
  const std::vector<Seen> first = read_seen_range(*scratch, stream.id, "", 2);
  REQUIRE(first.size() == 2);
  CHECK(first[0].key == "a");
  CHECK(first[1].key == "c");
  const std::vector<Seen> rest = read_seen_range(*scratch, stream.id, "c", 2);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].key == "d");
  CHECK(count_seen(*scratch, stream.id) == 3);
}

}  // namespace
}  // namespace triggerd
