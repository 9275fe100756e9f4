#include "triggerd/store/retention.h"

#include <algorithm>
#include <vector>

#include "store/connection.h"
#include "triggerd/detect/detect.h"
#include "triggerd/detect/echo.h"
#include "triggerd/store/page_commit.h"

namespace triggerd {

namespace {

constexpr std::int64_t kTombstonesAtOnce = 500;

// What one call may still delete.
class Allowance {
 public:
  explicit Allowance(std::int64_t most) : left_(most) {}
  std::int64_t left() const { return left_; }
  std::int64_t used(std::int64_t count) {
    left_ -= count;
    return count;
  }

 private:
  std::int64_t left_;
};

std::vector<std::int64_t> finished_runs(Database& database, bool with_bodies, WallTime before,
                                        std::int64_t most) {
  std::vector<std::int64_t> runs;
  Query query(database,
              "SELECT id FROM runs WHERE state = 'done' AND bodies = ? AND finished_at < ? "
              "ORDER BY finished_at LIMIT ?",
              with_bodies, before, most);
  while (query.next()) runs.push_back(query.number(0));
  return runs;
}

std::int64_t empty_bodies(Database& database, WallTime before, std::int64_t most) {
  const std::vector<std::int64_t> runs = finished_runs(database, true, before, most);
  for (const std::int64_t run : runs) {
    Query(database, "UPDATE events SET object = NULL WHERE id = ?", run).run();
    Query(database, "UPDATE steps SET each_value = '', request = '', answer = '' WHERE run = ?",
          run)
        .run();
    Query(database, "UPDATE runs SET bodies = 0 WHERE id = ?", run).run();
  }
  return static_cast<std::int64_t>(runs.size());
}

std::int64_t delete_events(Database& database, bool with_bodies, WallTime before,
                           std::int64_t most) {
  const std::vector<std::int64_t> runs = finished_runs(database, with_bodies, before, most);
  for (const std::int64_t run : runs) {
    Query(database, "DELETE FROM attempts WHERE run = ?", run).run();
    Query(database, "DELETE FROM steps WHERE run = ?", run).run();
    Query(database, "DELETE FROM runs WHERE id = ?", run).run();
    Query(database,
          "DELETE FROM detections WHERE (stream_id, key, n) = "
          "(SELECT stream_id, key, n FROM events WHERE id = ?1) AND event = ?1",
          run)
        .run();
    Query(database, "DELETE FROM events WHERE id = ?", run).run();
  }
  return static_cast<std::int64_t>(runs.size());
}

std::int64_t delete_plain_detections(Database& database, WallTime before, std::int64_t most) {
  return Query(database,
               "DELETE FROM detections WHERE (stream_id, key, n) IN (SELECT stream_id, key, n "
               "FROM detections WHERE event IS NULL AND detected_at < ? LIMIT ?)",
               before, most)
      .run();
}

struct Tombstone {
  std::int64_t gone = 0, stream = 0;
  std::string key;
};

// A tombstone goes after its detections, so that a record which comes back never repeats a number
// that is still in the table. Those that must stay are passed over, a few hundred at a time.
std::int64_t delete_tombstones(Database& database, WallTime before, std::int64_t most) {
  auto& place = database.parts().tombstones;
  const std::int64_t looked_at = std::min(most, kTombstonesAtOnce);
  std::vector<Tombstone> found;
  {
    Query query(database,
                "SELECT gone, stream_id, key FROM seen WHERE gone IS NOT NULL AND gone < ? "
                "AND (gone, stream_id, key) > (?, ?, ?) ORDER BY gone, stream_id, key LIMIT ?",
                before, place.gone, place.stream, place.key, looked_at);
    while (query.next()) found.push_back({query.number(0), query.number(1), query.text(2)});
  }
  std::int64_t deleted = 0;
  for (const Tombstone& one : found) {
    deleted += Query(database,
                     "DELETE FROM seen WHERE stream_id = ?1 AND key = ?2 AND NOT EXISTS "
                     "(SELECT 1 FROM detections WHERE stream_id = ?1 AND key = ?2)",
                     one.stream, one.key)
                   .run();
  }
  if (static_cast<std::int64_t>(found.size()) < looked_at) {
    place = {};
  } else if (!found.empty()) {
    place.gone = found.back().gone;
    place.stream = found.back().stream;
    place.key = found.back().key;
  }
  return deleted;
}

std::int64_t delete_notes(Database& database, WallTime before, std::int64_t most) {
  const std::int64_t gaps =
      Query(
          database,
          "DELETE FROM walk_gaps WHERE id IN (SELECT id FROM walk_gaps WHERE last_at < ? LIMIT ?)",
          before, most)
          .run();
  return gaps +
         Query(database,
               "DELETE FROM odd_records WHERE (stream_id, key, reason) IN (SELECT stream_id, "
               "key, reason FROM odd_records WHERE last_seen < ? LIMIT ?)",
               before, most - gaps)
             .run();
}

// What is too old to be found again in a poll.
std::int64_t delete_own_writes(Database& database, WallTime now, std::int64_t most) {
  const std::int64_t writes =
      Query(database,
            "DELETE FROM own_writes WHERE (world, key, operation) IN (SELECT world, key, operation "
            "FROM own_writes INDEXED BY own_writes_old WHERE written_at < ? LIMIT ?)",
            now - kOwnWriteLife, most)
          .run();
  return writes + Query(database,
                        "DELETE FROM loop_counts WHERE (stream_id, key) IN (SELECT stream_id, key "
                        "FROM loop_counts INDEXED BY loop_counts_old WHERE since < ? LIMIT ?)",
                        now - kLoopSpan, most - writes)
                      .run();
}

// A stream that nothing has asked for since long, and whose history has expired, goes with what it
// knew.
std::int64_t delete_ended_stream(Database& database, WallTime before, std::int64_t most) {
  std::int64_t stream = 0;
  {
    Query query(database,
                "SELECT id FROM streams AS s WHERE ended_at IS NOT NULL AND ended_at < ? "
                "AND NOT EXISTS (SELECT 1 FROM detections WHERE stream_id = s.id) "
                "AND NOT EXISTS (SELECT 1 FROM walk_gaps WHERE stream_id = s.id) "
                "AND NOT EXISTS (SELECT 1 FROM odd_records WHERE stream_id = s.id) LIMIT 1",
                before);
    if (!query.next()) return 0;
    stream = query.number(0);
  }
  const std::int64_t deleted =
      Query(database,
            "DELETE FROM seen WHERE (stream_id, key) IN (SELECT stream_id, key FROM seen "
            "WHERE stream_id = ? LIMIT ?)",
            stream, most)
          .run();
  if (deleted < most) Query(database, "DELETE FROM streams WHERE id = ?", stream).run();
  return deleted + 1;
}

}  // namespace

std::int64_t delete_expired(Database& database, const EngineSettings& settings, WallTime now,
                            std::int64_t most) {
  const WallTime events_before = now - settings.retain_events;
  const WallTime tombstones_before = now - kTombstoneLife;
  Allowance allowance(most);
  std::int64_t deleted = 0;
  const auto count = [&](std::int64_t rows) { deleted += allowance.used(rows); };
  count(empty_bodies(database, now - settings.retain_bodies, allowance.left()));
  count(delete_events(database, false, events_before, allowance.left()));
  // Only where bodies are to be kept longer than events.
  count(delete_events(database, true, events_before, allowance.left()));
  count(delete_plain_detections(database, events_before, allowance.left()));
  count(delete_tombstones(database, tombstones_before, allowance.left()));
  count(delete_notes(database, events_before, allowance.left()));
  count(delete_own_writes(database, now, allowance.left()));
  if (allowance.left() > 0) {
    count(delete_ended_stream(database, std::min(events_before, tombstones_before),
                              allowance.left()));
  }
  return deleted;
}

}  // namespace triggerd
