#include "state_filler.h"

#include <sqlite3.h>

#include <stdexcept>

namespace triggerd::bench {

void fill_seen(const std::string& database, std::int64_t keys) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  const std::string each = "(" + std::to_string(keys) +
                           " - (SELECT count(*) FROM seen)) / (SELECT count(*) FROM streams)";
  // In the order of the table's key, so that no page is written twice.
  const std::string sql =
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; "
      "WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number LIMIT " +
      each +
      ") INSERT INTO seen SELECT streams.id, printf('zcQHyuzHvysMo5N5%08d', i), "
      "streams.id * 1000003 + i, i * 7919, 1, 0, 1767605400000, 1767605400000, NULL, "
      "1767605400000, 0, NULL, '' FROM streams, number ORDER BY streams.id; "
      "PRAGMA wal_checkpoint(TRUNCATE);";
  const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string problem = sqlite3_errmsg(handle);
  sqlite3_close(handle);
  if (code != SQLITE_OK) throw std::runtime_error("filling " + database + ": " + problem);
}

}  // namespace triggerd::bench
