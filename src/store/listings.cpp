#include "triggerd/store/listings.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "store/connection.h"
#include "triggerd/check.h"

namespace triggerd {

namespace {

struct ViewQuery {
  std::string_view view;
  const char* sql;  // ?1: trigger or empty, ?2: most rows
};

// Views without a column `trigger` are not restricted.
constexpr ViewQuery kViews[] = {
    {"status", "SELECT * FROM status WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"recent_events", "SELECT * FROM recent_events WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"pending_runs", "SELECT * FROM pending_runs WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"dead_letters", "SELECT * FROM dead_letters WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"held", "SELECT * FROM held WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"budget", "SELECT * FROM budget WHERE ?1 = ?1 LIMIT ?2"},
    {"why", "SELECT * FROM why WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"gaps", "SELECT * FROM gaps WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"cursors", "SELECT * FROM cursors WHERE ?1 = '' OR trigger = ?1 LIMIT ?2"},
    {"links", "SELECT * FROM links WHERE ?1 = ?1 LIMIT ?2"},
};

nlohmann::json column_value(const Query& query, int column) {
  switch (query.type(column)) {
    case SQLITE_INTEGER:
      return query.number(column);
    case SQLITE_FLOAT:
      return query.real(column);
    case SQLITE_TEXT:
      return query.text(column);
    default:
      return nullptr;
  }
}

Listing read_listing(Query& query) {
  Listing listing;
  for (int column = 0; column < query.columns(); ++column) {
    listing.columns.push_back(query.column_name(column));
  }
  while (query.next()) {
    nlohmann::json row = nlohmann::json::object();
    for (int column = 0; column < query.columns(); ++column) {
      row[listing.columns[static_cast<std::size_t>(column)]] = column_value(query, column);
    }
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

}  // namespace

Listing list_view(Database& database, const std::string& view, const std::string& trigger,
                  std::int64_t most) {
  const auto* known = std::find_if(std::begin(kViews), std::end(kViews),
                                   [&](const ViewQuery& one) { return one.view == view; });
  TRIGGERD_CHECK(known != std::end(kViews));
  Query query(database, known->sql, trigger, most);
  return read_listing(query);
}

Listing list_why(Database& database, const std::string& trigger, const std::string& key) {
  Query query(database, "SELECT * FROM why WHERE trigger = ? AND key = ? ORDER BY account, item, n",
              trigger, key);
  return read_listing(query);
}

Listing events_after(Database& database, std::int64_t rowid, std::int64_t most) {
  Query query(database, "SELECT * FROM recent_events WHERE rowid > ? ORDER BY rowid LIMIT ?", rowid,
              most);
  return read_listing(query);
}

Listing trigger_totals(Database& database) {
  Query query(database,
              "SELECT s.trigger, sum(s.polls) AS polls, sum(s.records) AS records, "
              "sum(s.created) AS new, sum(s.changed) AS changed, sum(s.removed) AS removed, "
              "sum(s.events) AS events, sum(s.delivered) AS delivered, "
              "coalesce(max(d.dead), 0) AS dead, coalesce(max(h.held), 0) AS held "
              "FROM streams s JOIN triggers t ON t.id = s.trigger AND t.removed_at IS NULL "
              "LEFT JOIN (SELECT x.trigger, count(*) AS dead FROM runs r "
              "  JOIN streams x ON x.id = r.stream_id WHERE r.state = 'dead' GROUP BY x.trigger) d "
              "  ON d.trigger = s.trigger "
              "LEFT JOIN (SELECT x.trigger, count(*) AS held FROM runs r "
              "  JOIN streams x ON x.id = r.stream_id WHERE r.state = 'held' GROUP BY x.trigger) h "
              "  ON h.trigger = s.trigger "
              "GROUP BY s.trigger ORDER BY s.trigger");
  return read_listing(query);
}

}  // namespace triggerd
