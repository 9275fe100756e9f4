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

constexpr std::int64_t kNoLimit = -1;  // as SQLite spells it

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

constexpr ViewQuery kCounts[] = {
    {"status", "SELECT count(*) FROM status WHERE ?1 = '' OR trigger = ?1"},
    {"dead_letters", "SELECT count(*) FROM dead_letters WHERE ?1 = '' OR trigger = ?1"},
    {"held", "SELECT count(*) FROM held WHERE ?1 = '' OR trigger = ?1"},
    {"recent_events", "SELECT count(*) FROM recent_events WHERE ?1 = '' OR trigger = ?1"},
};

#define STATUS_SELECT                                                                      \
  "SELECT v.*, coalesce(d.dead, 0) AS dead FROM status v "                                 \
  "LEFT JOIN (SELECT s.trigger, s.account, s.item, count(*) AS dead FROM runs r "          \
  "  JOIN streams s ON s.id = r.stream_id WHERE r.state = 'dead' GROUP BY r.stream_id) d " \
  "USING (trigger, account, item) WHERE ?1 = '' OR trigger = ?1 ORDER BY "

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
  Query query(database, known->sql, trigger, most > 0 ? most : kNoLimit);
  return read_listing(query);
}

Listing list_why(Database& database, const std::string& trigger, const std::string& key) {
  Query query(database, "SELECT * FROM why WHERE trigger = ? AND key = ? ORDER BY account, item, n",
              trigger, key);
  return read_listing(query);
}

Listing list_links(Database& database, const std::string& name, const std::string& id,
                   std::int64_t most) {
  Query query(database,
              "SELECT * FROM links WHERE (?1 = '' OR name = ?1) "
              "AND (?2 = '' OR left_id = ?2 OR right_id = ?2) LIMIT ?3",
              name, id, most > 0 ? most : kNoLimit);
  return read_listing(query);
}

Listing events_after(Database& database, std::int64_t rowid, std::int64_t most) {
  Query query(database, "SELECT * FROM recent_events WHERE rowid > ? ORDER BY rowid LIMIT ?", rowid,
              most);
  return read_listing(query);
}

Listing trigger_totals(Database& database, const std::string& trigger) {
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
              "WHERE ?1 = '' OR s.trigger = ?1 GROUP BY s.trigger ORDER BY s.trigger",
              trigger);
  return read_listing(query);
}

Listing account_budgets(Database& database) {
  Query query(database, "SELECT * FROM budget");
  return read_listing(query);
}

Listing list_status(Database& database, const std::string& trigger, std::int64_t most) {
  const bool cut = most > 0 && count_view(database, "status", trigger) > most;
  // Statements are kept by the address of their text, so both are constants.
  Query query(database,
              cut ? STATUS_SELECT "v.failures = 0, trigger, account, item LIMIT ?2"
                  : STATUS_SELECT "trigger, account, item LIMIT ?2",
              trigger, cut ? most : kNoLimit);
  return read_listing(query);
}

std::int64_t count_view(Database& database, const std::string& view, const std::string& trigger) {
  const auto* known = std::find_if(std::begin(kCounts), std::end(kCounts),
                                   [&](const ViewQuery& one) { return one.view == view; });
  TRIGGERD_CHECK(known != std::end(kCounts));
  Query query(database, known->sql, trigger);
  return query.next() ? query.number(0) : 0;
}

Attention count_attention(Database& database, const std::string& trigger) {
  Query query(database,
              "SELECT count(*) FILTER (WHERE r.state = 'held'), "
              "count(*) FILTER (WHERE r.state = 'held' AND r.reason = 'filter error'), "
              "count(*) FILTER (WHERE r.state = 'dead'), "
              "count(*) FILTER (WHERE r.state = 'held' AND r.reason = 'loop') "
              "FROM runs r JOIN streams s ON s.id = r.stream_id "
              "WHERE r.state IN ('held', 'dead') AND (?1 = '' OR s.trigger = ?1)",
              trigger);
  if (!query.next()) return {};
  return {query.number(0), query.number(1), query.number(2), query.number(3)};
}

std::vector<std::string> stored_triggers(Database& database, bool removed_too) {
  std::vector<std::string> names;
  Query query(database,
              "SELECT id FROM triggers WHERE ?1 OR removed_at IS NULL "
              "UNION SELECT trigger FROM streams WHERE ?1 ORDER BY 1",
              std::int64_t{removed_too ? 1 : 0});
  while (query.next()) names.push_back(query.text(0));
  return names;
}

}  // namespace triggerd
