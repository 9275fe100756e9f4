#include "triggerd/store/forget.h"

#include "store/connection.h"
#include "store/run_order.h"

// The streams of a trigger, or all of them.
#define OF_STREAMS "stream_id IN (SELECT id FROM streams WHERE ?2 = '' OR trigger = ?2)"

namespace triggerd {

namespace {

struct KnownRun {
  std::int64_t id = 0;
  bool finished = false, sending = false, with_body = false;
};

std::vector<KnownRun> runs_of(Database& database, const std::string& key,
                              const std::string& trigger) {
  std::vector<KnownRun> runs;
  Query query(database,
              "SELECT id, state = 'done', EXISTS (SELECT 1 FROM steps WHERE run = runs.id "
              "AND state = 'sending'), bodies FROM runs WHERE key = ?1 AND " OF_STREAMS,
              key, trigger);
  while (query.next()) {
    runs.push_back({query.number(0), query.flag(1), query.flag(2), query.flag(3)});
  }
  return runs;
}

void drop_unfinished(Database& database, std::int64_t run, WallTime now) {
  Query(database, "UPDATE steps SET state = 'skipped' WHERE run = ? AND state = 'waiting'", run)
      .run();
  Query(database,
        "UPDATE runs SET state = 'done', next_at = NULL, finished_at = ?, reason = 'forgotten' "
        "WHERE id = ?",
        now, run)
      .run();
}

void empty_run(Database& database, std::int64_t run) {
  Query(database, "UPDATE events SET object = NULL WHERE id = ?", run).run();
  Query(database,
        "UPDATE steps SET each_value = '', request = '', answer = '', error = '' WHERE run = ?",
        run)
      .run();
  Query(database, "UPDATE attempts SET reason = '' WHERE run = ?", run).run();
  Query(database, "UPDATE runs SET bodies = 0 WHERE id = ?", run).run();
}

}  // namespace

Forgotten forget_record(Database& database, const std::string& key, const std::string& trigger,
                        WallTime now) {
  Forgotten forgotten;
  for (const KnownRun& run : runs_of(database, key, trigger)) {
    if (run.sending) {
      ++forgotten.in_flight;
      continue;
    }
    if (!run.finished) {
      drop_unfinished(database, run.id, now);
      ++forgotten.dropped;
    }
    if (run.with_body) ++forgotten.events;
    empty_run(database, run.id);
  }
  forgotten.records =
      Query(database,
            "UPDATE seen SET remembered = '' WHERE key = ?1 AND remembered <> '' AND " OF_STREAMS,
            key, trigger)
          .run();
  // Why a filter failed is told with what it failed on.
  Query(database,
        "UPDATE detections SET reason = '' WHERE key = ?1 AND reason <> '' AND " OF_STREAMS, key,
        trigger)
      .run();
  forgotten.odd =
      Query(database, "DELETE FROM odd_records WHERE key = ?1 AND " OF_STREAMS, key, trigger).run();
  if (forgotten.dropped > 0) start_next_of_all(database, now);
  return forgotten;
}

std::vector<std::string> triggers_knowing(Database& database, const std::string& key) {
  std::vector<std::string> triggers;
  Query query(database,
              "SELECT DISTINCT trigger FROM streams AS s WHERE "
              "EXISTS (SELECT 1 FROM seen WHERE stream_id = s.id AND key = ?1) OR "
              "EXISTS (SELECT 1 FROM detections WHERE stream_id = s.id AND key = ?1) OR "
              "EXISTS (SELECT 1 FROM odd_records WHERE stream_id = s.id AND key = ?1) "
              "ORDER BY trigger",
              key);
  while (query.next()) triggers.push_back(query.text(0));
  return triggers;
}

}  // namespace triggerd
