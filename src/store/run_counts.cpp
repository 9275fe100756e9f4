#include "triggerd/store/run_counts.h"

#include "store/connection.h"

namespace triggerd {

namespace {

std::int64_t counted(Database& database, const char* sql) {
  Query query(database, sql, kRunsCountedMax);
  return query.next() ? query.number(0) : 0;
}

}  // namespace

RunCounts count_runs(Database& database) {
  RunCounts counts;
  // Each has an index of its own; what is counted is never more than the bound.
  counts.open =
      counted(database, "SELECT count(*) FROM (SELECT 1 FROM runs WHERE state = 'open' LIMIT ?)");
  counts.waiting = counted(
      database, "SELECT count(*) FROM (SELECT 1 FROM runs WHERE state = 'waiting' LIMIT ?)");
  counts.held =
      counted(database, "SELECT count(*) FROM (SELECT 1 FROM runs WHERE state = 'held' LIMIT ?)");
  counts.dead =
      counted(database, "SELECT count(*) FROM (SELECT 1 FROM runs WHERE state = 'dead' LIMIT ?)");
  Query query(database,
              "SELECT s.trigger, s.account, r.state, count(*) FROM "
              "(SELECT stream_id, state FROM (SELECT stream_id, state FROM runs "
              "  WHERE state = 'held' LIMIT ?1) "
              " UNION ALL SELECT stream_id, state FROM (SELECT stream_id, state FROM runs "
              "  WHERE state = 'dead' LIMIT ?1)) r "
              "JOIN streams s ON s.id = r.stream_id "
              "GROUP BY s.trigger, s.account, r.state ORDER BY 1, 2, 3",
              kRunsTakenApartMax);
  while (query.next()) {
    counts.needing_attention.push_back(
        {query.text(0), query.text(1), query.text(2), query.number(3)});
  }
  return counts;
}

}  // namespace triggerd
