#include "store/seen.h"

#include <algorithm>

#define SEEN_SELECT                                                                  \
  "SELECT key, raw_hash, fingerprint, rule, n, updated_at, created_at, happens_at, " \
  "first_seen, missing, gone, remembered FROM seen "

// gone = 0 is so long ago that a record which comes back counts as another one.
#define SEEN_FORGET                                                                \
  "UPDATE seen SET gone = 0, raw_hash = 0, updated_at = NULL, created_at = NULL, " \
  "happens_at = NULL, missing = 0, remembered = '' "

namespace triggerd {

namespace {

Seen read_row(const Query& query) {
  Seen row;
  row.key = query.text(0);
  row.raw_hash = query.hash(1);
  row.fingerprint = query.hash(2);
  row.rule = static_cast<std::uint32_t>(query.number(3));
  row.n = query.number(4);
  row.updated = query.time(5);
  row.created = query.time(6);
  row.at = query.time(7);
  row.first_seen = wall_from_ms(query.number(8));
  row.missing = query.small(9);
  row.gone = query.time(10);
  row.remembered = query.text(11);
  return row;
}

// Neighbours are read in one go, which is four times as fast as one by one, as long as few rows
// lie between those that are asked for. Gives the first of `keys` that was not come to.
std::size_t read_neighbours(Database& database, StreamId stream,
                            const std::vector<std::string>& keys, SeenMap& rows) {
  constexpr std::size_t kKeysMin = 4, kOthersMin = 16, kOthersPerKey = 2;
  if (keys.size() < kKeysMin) return 0;
  std::size_t at = 0, others = 0;
  Query query(database, SEEN_SELECT "WHERE stream_id = ? AND key >= ? AND key <= ? ORDER BY key",
              stream, keys.front(), keys.back());
  while (query.next()) {
    const std::string_view key = query.view(0);
    while (at < keys.size() && keys[at] < key) ++at;
    if (at < keys.size() && keys[at] == key) {
      rows.emplace(keys[at++], read_row(query));
    } else if (++others > kOthersMin + kOthersPerKey * at) {
      return at;
    }
  }
  return keys.size();
}

}  // namespace

void put_seen(Database& database, StreamId stream, const Seen& row) {
  Query(database,
        "INSERT INTO seen (stream_id, key, raw_hash, fingerprint, rule, n, updated_at, "
        "created_at, happens_at, first_seen, missing, gone, remembered) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (stream_id, key) DO UPDATE SET raw_hash = excluded.raw_hash, "
        "fingerprint = excluded.fingerprint, rule = excluded.rule, n = excluded.n, "
        "updated_at = excluded.updated_at, created_at = excluded.created_at, "
        "happens_at = excluded.happens_at, first_seen = excluded.first_seen, "
        "missing = excluded.missing, gone = excluded.gone, remembered = excluded.remembered",
        stream, row.key, row.raw_hash, row.fingerprint, row.rule, row.n, row.updated, row.created,
        row.at, row.first_seen, row.missing, row.gone, row.remembered)
      .run();
}

void forget_key(Database& database, StreamId stream, const std::string& key) {
  Query(database, "DELETE FROM seen WHERE stream_id = ? AND key = ? AND n = 0", stream, key).run();
  Query(database, SEEN_FORGET "WHERE stream_id = ? AND key = ?", stream, key).run();
}

void forget_all(Database& database, StreamId stream) {
  Query(database, "DELETE FROM seen WHERE stream_id = ? AND n = 0", stream).run();
  Query(database, SEEN_FORGET "WHERE stream_id = ?", stream).run();
}

SeenMap read_seen(Database& database, StreamId stream, const std::vector<std::string>& keys) {
  SeenMap rows;
  rows.reserve(keys.size());
  std::vector<std::string> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t at = read_neighbours(database, stream, sorted, rows); at < sorted.size(); ++at) {
    const std::string& key = sorted[at];
    Query query(database, SEEN_SELECT "WHERE stream_id = ? AND key = ?", stream, key);
    if (query.next()) rows.emplace(key, read_row(query));
  }
  return rows;
}

std::vector<Seen> read_seen_range(Database& database, StreamId stream, const std::string& after,
                                  std::size_t most) {
  std::vector<Seen> rows;
  Query query(database,
              SEEN_SELECT "WHERE stream_id = ? AND key > ? AND gone IS NULL ORDER BY key LIMIT ?",
              stream, after, most);
  while (query.next()) rows.push_back(read_row(query));
  return rows;
}

std::int64_t count_seen(Database& database, StreamId stream) {
  Query query(database, "SELECT count(*) FROM seen WHERE stream_id = ? AND gone IS NULL", stream);
  query.next();
  return query.number(0);
}

}  // namespace triggerd
