#include "store/run_order.h"

#include "store/stream_row.h"

// Whether run r may go: nothing ordered of its record is before it or on its way.
#define RUN_MAY_GO                                                                      \
  "(r.ordered = 0 OR NOT EXISTS (SELECT 1 FROM runs e WHERE e.stream_id = r.stream_id " \
  "AND e.key = r.key AND e.ordered = 1 AND e.finished_at IS NULL AND e.id <> r.id "     \
  "AND (e.id < r.id OR e.next_at IS NOT NULL)))"

namespace triggerd {

bool record_has_unfinished_run(Database& database, StreamId stream, const std::string& key) {
  return Query(database,
               "SELECT 1 FROM runs WHERE stream_id = ? AND key = ? AND ordered = 1 "
               "AND finished_at IS NULL LIMIT 1",
               stream, key)
      .next();
}

void start_next_of_record(Database& database, StreamId stream, const std::string& key,
                          WallTime now) {
  Query(database,
        "UPDATE runs SET next_at = ? WHERE id = (SELECT min(id) FROM runs WHERE stream_id = ? "
        "AND key = ? AND ordered = 1 AND finished_at IS NULL) AND state = 'waiting' "
        "AND next_at IS NULL",
        now, stream, key)
      .run();
}

void start_next_of_all(Database& database, WallTime now) {
  Query(database,
        "UPDATE runs AS r SET next_at = ? WHERE r.state = 'waiting' AND r.next_at IS NULL "
        "AND " RUN_MAY_GO,
        now)
      .run();
}

void end_run(Database& database, std::int64_t run, const char* state, const std::string& reason,
             WallTime now) {
  StreamId stream{};
  std::string key;
  bool ordered = false;
  {
    Query query(database,
                "SELECT stream_id, key, ordered FROM runs WHERE id = ? AND finished_at IS NULL",
                run);
    if (!query.next()) return;
    stream = StreamId{query.number(0)};
    key = query.text(1);
    ordered = query.flag(2);
  }
  Query(database,
        "UPDATE runs SET state = ?1, reason = CASE ?2 WHEN '' THEN reason ELSE ?2 END, "
        "finished_at = ?3, next_at = NULL WHERE id = ?4",
        std::string_view(state), reason, now, run)
      .run();
  if (ordered) start_next_of_record(database, stream, key, now);
}

void let_open_runs_go(Database& database, StreamId stream, WallTime now) {
  Query(database,
        "UPDATE runs AS r SET state = 'waiting', next_at = CASE WHEN " RUN_MAY_GO
        " THEN ? END WHERE r.stream_id = ? AND r.state = 'open'",
        now, stream)
      .run();
}

}  // namespace triggerd
