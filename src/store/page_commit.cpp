#include "triggerd/store/page_commit.h"

#include <algorithm>

#include "store/connection.h"
#include "store/run_order.h"
#include "store/seen.h"
#include "store/step_rows.h"
#include "store/stream_row.h"
#include "triggerd/check.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

// A flood by default: this many events of one walk, or this many times what a walk usually makes.
constexpr std::int64_t kFloodMin = 200;
constexpr double kFloodFactor = 20;
// Weight of the newest walk in the mean.
constexpr double kMeanStep = 0.1;
constexpr std::int64_t kOddPerStreamMax = 20;
// A record whose events follow our own writes more often than this is in a loop.
constexpr std::int64_t kLoopEventsMax = 5;

// What the stream's row says before the page is written.
struct Before {
  std::int64_t generation = 0;
  double events_mean = 0;
};

std::optional<Before> read_before(Database& database, const PageCommit& page) {
  Query query(database, "SELECT generation, events_mean FROM streams WHERE id = ?",
              page.stream->id);
  if (!query.next() || query.number(0) != page.generation) return std::nullopt;
  return Before{query.number(0), query.real(1)};
}

// What becomes of the walk's events.
struct WalkFate {
  bool over = false;
  bool flood = false;
  std::int64_t earlier = 0;  // events of its earlier pages
  std::int64_t made = 0;     // of all its pages
};

std::int64_t flood_limit(const PageCommit& page, const Before& before) {
  if (page.hold_above > 0) return page.hold_above;
  return std::max(kFloodMin, static_cast<std::int64_t>(kFloodFactor * before.events_mean));
}

WalkFate judge_walk(Database& database, const PageCommit& page, const Before& before) {
  WalkFate fate;
  fate.over = page.walk_over;
  if (!fate.over) return fate;
  Query query(database, "SELECT count(*) FROM runs WHERE stream_id = ? AND state = 'open'",
              page.stream->id);
  query.next();
  fate.earlier = query.number(0);
  fate.made = fate.earlier +
              std::count_if(page.detections.begin(), page.detections.end(),
                            [](const DetectionRow& row) { return row.verdict == Verdict::fired; });
  fate.flood = !page.never_hold && fate.made > flood_limit(page, before);
  return fate;
}

void settle_earlier(Database& database, const PageCommit& page, const WalkFate& fate) {
  if (fate.earlier == 0) return;
  if (!fate.flood) {
    let_open_runs_go(database, page.stream->id, page.now);
    return;
  }
  Query(database,
        "UPDATE runs SET state = 'held', reason = 'flood' WHERE stream_id = ? AND state = 'open'",
        page.stream->id)
      .run();
}

void settle_mean(Database& database, const PageCommit& page, const WalkFate& fate,
                 const Before& before) {
  const bool counts = fate.over && !fate.flood && !page.never_hold;
  if (!counts || (fate.made == 0 && before.events_mean == 0)) return;
  const double mean =
      before.events_mean + kMeanStep * (static_cast<double>(fate.made) - before.events_mean);
  Query(database, "UPDATE streams SET events_mean = ? WHERE id = ?", mean, page.stream->id).run();
}

// How many events of the record have followed a write of ours within kLoopSpan, this one included.
std::int64_t count_loop(Database& database, const PageCommit& page, const std::string& key) {
  Query(database,
        "INSERT INTO loop_counts (stream_id, key, times, since) VALUES (?1, ?2, 1, ?3) "
        "ON CONFLICT DO UPDATE SET "
        "times = CASE WHEN since < ?4 THEN 1 ELSE times + 1 END, "
        "since = CASE WHEN since < ?4 THEN ?3 ELSE since END",
        page.stream->id, key, page.now, page.now - kLoopSpan)
      .run();
  Query query(database, "SELECT times FROM loop_counts WHERE stream_id = ? AND key = ?",
              page.stream->id, key);
  query.next();
  return query.number(0);
}

struct NewRun {
  std::string_view state, reason;
  bool ordered = false;
  std::optional<WallTime> next_at;
};

NewRun plan_run(Database& database, const PageCommit& page, const DetectionRow& row,
                const WalkFate& fate) {
  // A run that an operator must judge first holds up no other one.
  if (row.verdict == Verdict::filter_error) return {"held", "filter error", false, {}};
  if (row.after_own_write) {
    const std::int64_t times = count_loop(database, page, row.key);
    // The first is told; what record it is stands in the view `held`.
    if (times == kLoopEventsMax + 1) {
      log(LogLevel::error, "a record changes after each of our own writes, so its events are held",
          {{"trigger", page.stream->trigger}, {"account", page.stream->account}});
    }
    if (times > kLoopEventsMax) return {"held", "loop", false, {}};
  }
  const bool ordered = page.ordering == Ordering::record;
  if (!fate.over) return {"open", "", ordered, {}};
  if (fate.flood) return {"held", "flood", ordered, {}};
  const bool waits = ordered && record_has_unfinished_run(database, page.stream->id, row.key);
  return {"waiting", "", ordered, waits ? std::nullopt : std::optional(page.now)};
}

void add_run(Database& database, const PageCommit& page, const DetectionRow& row,
             const WalkFate& fate, std::int64_t event) {
  const NewRun run = plan_run(database, page, row, fate);
  Query(database,
        "INSERT INTO runs (id, stream_id, key, state, reason, steps_hash, ordered, next_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        event, page.stream->id, row.key, run.state, run.reason, page.steps_hash, run.ordered,
        run.next_at)
      .run();
  for (std::size_t position = 0; position < page.step_ids.size(); ++position) {
    StepRow step;
    step.position = static_cast<int>(position);
    step.step_id = page.step_ids[position];
    step.key = step_key(row.event_id, step.step_id, 0);
    insert_step(database, event, step);
  }
}

std::int64_t add_event(Database& database, const PageCommit& page, const DetectionRow& row) {
  Query(database,
        "INSERT INTO events (event_id, stream_id, key, n, kind, detected_at, object) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        row.event_id, page.stream->id, row.key, row.n, to_text(row.kind), page.now, row.object)
      .run();
  return sqlite3_last_insert_rowid(database.parts().handle());
}

bool makes_event(Verdict verdict) {
  switch (verdict) {
    case Verdict::fired:
    case Verdict::filter_error:
      return true;
    case Verdict::kind_off:
    case Verdict::no_transition:
    case Verdict::filtered:
    case Verdict::echo:
      return false;
  }
  return false;
}

void add_detection(Database& database, const PageCommit& page, const DetectionRow& row,
                   const WalkFate& fate) {
  std::optional<std::int64_t> event;
  if (makes_event(row.verdict)) {
    TRIGGERD_CHECK(!row.event_id.empty());
    event = add_event(database, page, row);
    add_run(database, page, row, fate, *event);
  }
  // A second detection of the same number is a defect of the caller and fails (promise P1).
  Query(database,
        "INSERT INTO detections (stream_id, key, n, kind, fingerprint, detected_at, verdict, "
        "reason, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        page.stream->id, row.key, row.n, to_text(row.kind), row.fingerprint, page.now,
        to_text(row.verdict), row.reason, event)
      .run();
}

void add_odd(Database& database, const PageCommit& page) {
  if (page.odd.empty()) return;
  for (const OddRecord& odd : page.odd) {
    Query(database,
          "INSERT INTO odd_records (stream_id, key, reason, raw, times, first_seen, last_seen) "
          "VALUES (?, ?, ?, ?, 1, ?5, ?5) ON CONFLICT DO UPDATE SET times = times + 1, "
          "raw = excluded.raw, last_seen = excluded.last_seen",
          page.stream->id, odd.key, odd.reason, odd.raw, page.now)
        .run();
  }
  Query(database,
        "DELETE FROM odd_records WHERE stream_id = ?1 AND (key, reason) IN (SELECT key, reason "
        "FROM odd_records WHERE stream_id = ?1 ORDER BY last_seen DESC, key, reason "
        "LIMIT -1 OFFSET ?2)",
        page.stream->id, kOddPerStreamMax)
      .run();
}

void add_gap(Database& database, const PageCommit& page) {
  if (!page.gap) return;
  // A limit that every walk meets is one gap that grows.
  const std::int64_t grown =
      Query(database,
            "UPDATE walk_gaps SET times = times + 1, last_at = ?1, "
            "gap_from = min(coalesce(gap_from, ?2), coalesce(?2, gap_from)), "
            "gap_to = max(coalesce(gap_to, ?3), coalesce(?3, gap_to)) "
            "WHERE id = (SELECT max(id) FROM walk_gaps WHERE stream_id = ?4) AND reason = ?5",
            page.now, page.gap->from, page.gap->to, page.stream->id, page.gap->reason)
          .run();
  if (grown > 0) return;
  Query(database,
        "INSERT INTO walk_gaps (stream_id, reason, gap_from, gap_to, times, first_at, last_at) "
        "VALUES (?, ?, ?, ?, 1, ?5, ?5)",
        page.stream->id, page.gap->reason, page.gap->from, page.gap->to, page.now)
      .run();
}

}  // namespace

std::int64_t events_since(Database& database, StreamId stream, WallTime since) {
  Query query(database,
              "SELECT count(*) FROM detections d JOIN events e ON e.id = d.event "
              "WHERE d.stream_id = ? AND d.verdict = 'fired' AND e.detected_at >= ?",
              stream, since);
  query.next();
  return query.number(0);
}

PageStored commit_page(Database& database, const PageCommit& page) {
  PageStored stored;
  const std::optional<Before> before = read_before(database, page);
  if (!before) {
    stored.stale = true;
    return stored;
  }
  const StreamId stream = page.stream->id;
  const WalkFate fate = judge_walk(database, page, *before);
  settle_earlier(database, page, fate);
  for (const Seen& row : page.seen) put_seen(database, stream, row);
  for (const std::string& key : page.forgotten) forget_key(database, stream, key);
  for (const DetectionRow& row : page.detections) {
    add_detection(database, page, row, fate);
    if (row.verdict == Verdict::fired) ++stored.events;
  }
  add_odd(database, page);
  add_gap(database, page);
  settle_mean(database, page, fate, *before);
  if (fate.flood) stored.held = fate.made;
  save_stream(database, *page.stream);
  return stored;
}

PageStored close_walk(Database& database, const PageCommit& page) {
  PageStored stored;
  const std::optional<Before> before = read_before(database, page);
  if (!before) {
    stored.stale = true;
    return stored;
  }
  PageCommit end = page;
  end.walk_over = true;
  end.detections.clear();
  const WalkFate fate = judge_walk(database, end, *before);
  settle_earlier(database, end, fate);
  settle_mean(database, end, fate, *before);
  if (fate.flood) stored.held = fate.made;
  return stored;
}

}  // namespace triggerd
