// What expires, and what never does.
#include "triggerd/store/retention.h"

#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

constexpr std::int64_t kDay = 24 * 3'600;

struct Old {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  EngineSettings settings;
  Database& operator*() { return *scratch; }

  std::int64_t expire(std::int64_t days, std::int64_t most = 1'000) {
    return delete_expired(*scratch, settings, at(days * kDay), most);
  }
  void detect(const std::string& key, std::int64_t n = 1, std::int64_t seconds = 0) {
    commit_page(*scratch, page_of(stream, {fired(key, n)}, seconds));
  }
  std::int64_t events() { return number(*scratch, "SELECT count(*) FROM events"); }
};

TEST_CASE("bodies of finished runs go first, their events later, with all that hangs on them") {
  Old old;
  old.detect("a");
  succeed_run(*old, "evt_a_1", 10);
  CHECK(old.expire(7) == 0);
  CHECK(old.expire(8) == 1);
  const nlohmann::json event = *describe_event(*old, "evt_a_1");
  CHECK(event["object"].is_null());
  CHECK(event["steps"][0]["answer"].is_null());
  CHECK(event["steps"][0]["request"].is_null());
  CHECK(event["steps"][0]["attempts"].size() == 1);
  CHECK(old.expire(30) == 0);
  CHECK(old.expire(31) == 1);
  CHECK(number(*old,
               "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM runs) + "
               "(SELECT count(*) FROM steps) + (SELECT count(*) FROM attempts) + "
               "(SELECT count(*) FROM detections)") == 0);
}

TEST_CASE("waiting, held and dead runs stay with their bodies, however old they are") {
  Old old;
  old.detect("waiting");
  old.detect("dead");
  try_step(*old, run_of(*old, "evt_dead_1"), 0, death(), 1);
  PageCommit flood = page_of(old.stream, {fired("h1"), fired("h2")});
  flood.hold_above = 1;
  commit_page(*old, flood);
  PageCommit open = page_of(old.stream, {fired("open")});
  open.walk_over = false;
  commit_page(*old, open);
  CHECK(old.expire(4'000) == 0);
  CHECK(old.events() == 5);
  CHECK((*describe_event(*old, "evt_dead_1"))["object"]["record"]["id"] == "dead");
  CHECK((*describe_event(*old, "evt_dead_1"))["steps"][0]["request"]["url"] == "x");
  CHECK(list_view(*old, "dead_letters", "", 10).rows.size() == 1);
  CHECK(release_held(*old, "all", at(4'000 * kDay)) == 2);
}

TEST_CASE("bodies that are to stay longer than events go with them") {
  Old old;
  old.settings.retain_bodies = Millis{90 * kDay * 1'000};
  old.detect("a");
  succeed_run(*old, "evt_a_1", 10);
  CHECK(old.expire(29) == 0);
  CHECK(old.expire(31) == 1);
  CHECK(old.events() == 0);
}

TEST_CASE("detections without an event expire like events") {
  Old old;
  DetectionRow filtered = fired("a");
  filtered.verdict = Verdict::filtered;
  filtered.event_id.clear();
  commit_page(*old, page_of(old.stream, {filtered}));
  CHECK(old.expire(29) == 0);
  CHECK(old.expire(31) == 1);
  CHECK(list_why(*old, "leads", "a").rows.empty());
}

TEST_CASE("at most so many rows go at once, and the rest in the next steps") {
  Old old;
  for (int i = 0; i < 10; ++i) {
    old.detect("r" + std::to_string(i));
    succeed_run(*old, "evt_r" + std::to_string(i) + "_1", 10);
  }
  CHECK(old.expire(8, 4) == 4);
  CHECK(old.expire(8, 4) == 4);
  CHECK(old.expire(8, 4) == 2);
  CHECK(old.expire(8, 4) == 0);
  CHECK(old.expire(31, 7) == 7);
  CHECK(old.events() == 3);
}

TEST_CASE("P1: a tombstone stays while a detection of its record is there, and then goes") {
  Old old;
  Seen gone = seen_row("a", 2);
  gone.gone = at(0);
  PageCommit page = page_of(old.stream, {fired("a", 2)});
  page.seen = {gone, seen_row("living", 1)};
  commit_page(*old, page);
  CHECK(old.expire(60) == 0);
  CHECK(read_seen(*old, old.stream.id, {"a"}).size() == 1);
  succeed_run(*old, "evt_a_2", 60 * kDay);
  old.expire(200);
  old.expire(200);
  CHECK(read_seen(*old, old.stream.id, {"a"}).empty());
  CHECK(read_seen(*old, old.stream.id, {"living"}).size() == 1);
}

TEST_CASE("tombstones that must stay do not keep others from being found") {
  Old old;
  old.settings.retain_events = Millis{4'000 * kDay * 1'000};
  PageCommit page = page_of(old.stream, {});
  for (int i = 0; i < 700; ++i) {
    Seen gone = seen_row("k" + std::to_string(1'000 + i), 1);
    gone.gone = at(0);
    page.seen.push_back(gone);
    DetectionRow row = fired(gone.key);
    if (i < 600) page.detections.push_back(row);
  }
  commit_page(*old, page);
  CHECK(old.expire(60) == 0);
  CHECK(old.expire(60) == 100);
  CHECK(number(*old, "SELECT count(*) FROM seen") == 600);
}

TEST_CASE("gaps and odd records expire when they were last met long ago") {
  Old old;
  PageCommit page = page_of(old.stream, {});
  page.odd = {{"k", "broken", "raw"}};
  page.gap = Gap{"limit", at(0), at(1)};
  commit_page(*old, page);
  CHECK(old.expire(29) == 0);
  CHECK(old.expire(31) == 2);
}

TEST_CASE("a stream that ended long ago goes with its records, but not before its events") {
  Old old;
  StreamRow living = add_active_stream(*old, "living");
  PageCommit page = page_of(old.stream, {fired("a")});
  for (int i = 0; i < 30; ++i) page.seen.push_back(seen_row("k" + std::to_string(i)));
  commit_page(*old, page);
  end_stream(*old, old.stream.id, at(0));
  CHECK(old.expire(100) == 0);
  succeed_run(*old, "evt_a_1", 1);
  while (old.expire(100, 10) > 0) {
  }
  CHECK(number(*old, "SELECT count(*) FROM streams") == 1);
  CHECK(number(*old, "SELECT count(*) FROM seen") == 0);
  CHECK(load_streams(*old)[0].id == living.id);
}

}  // namespace
}  // namespace triggerd
