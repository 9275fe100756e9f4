// Rows of `triggers`, `detect_rules`, `steps_definitions`, `budgets`,
// `account_identities` and `settings`.
#include <nlohmann/json.hpp>

#include "store/connection.h"
#include "store/stream_row.h"
#include "triggerd/json_text.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

// A trigger that comes back after it was removed goes on from its cursors, unless it means
// something else now: then nothing of what was seen applies.
void reset_when_reused(Database& database, const TriggerRow& row) {
  {
    Query query(database,
                "SELECT 1 FROM triggers WHERE id = ? AND removed_at IS NOT NULL "
                "AND source_hash <> ?",
                row.id, row.source_hash);
    if (!query.next()) return;
  }
  for (StreamRow& stream : load_ended_streams(database, row.id)) reset_stream(database, stream);
}

// Makes room for a trigger that takes the id of one that was removed: the old one's history keeps a
// name.
void move_removed_aside(Database& database, const std::string& id) {
  std::string aside;
  {
    Query query(database,
                "SELECT id || '~' || removed_at FROM triggers WHERE id = ? "
                "AND removed_at IS NOT NULL",
                id);
    if (!query.next()) return;
    aside = query.text(0);
  }
  rename_trigger(database, id, aside);
}

}  // namespace

std::vector<TriggerRow> load_triggers(Database& database) {
  std::vector<TriggerRow> rows;
  Query query(database,
              "SELECT id, operation, source_hash, watch_hash, paused, paused_reason FROM triggers "
              "WHERE removed_at IS NULL ORDER BY id");
  while (query.next()) {
    TriggerRow& row = rows.emplace_back();
    row.id = query.text(0);
    row.operation = query.text(1);
    row.source_hash = query.text(2);
    row.watch_hash = query.text(3);
    row.paused = query.flag(4);
    row.paused_reason = query.text(5);
  }
  return rows;
}

void save_trigger(Database& database, const TriggerRow& row, WallTime now) {
  reset_when_reused(database, row);
  Query(database,
        "INSERT INTO triggers (id, operation, source_hash, watch_hash, paused, paused_reason, "
        "added_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET operation = excluded.operation, "
        "source_hash = excluded.source_hash, watch_hash = excluded.watch_hash, "
        "paused = excluded.paused, paused_reason = excluded.paused_reason, removed_at = NULL",
        row.id, row.operation, row.source_hash, row.watch_hash, row.paused, row.paused_reason, now)
      .run();
}

void rename_trigger(Database& database, const std::string& from, const std::string& to) {
  move_removed_aside(database, to);
  Query(database, "UPDATE triggers SET id = ? WHERE id = ?", to, from).run();
  Query(database, "UPDATE streams SET trigger = ? WHERE trigger = ?", to, from).run();
  Query(database, "UPDATE detect_rules SET trigger = ? WHERE trigger = ?", to, from).run();
}

void remove_trigger(Database& database, const std::string& id, WallTime now) {
  Query(database, "UPDATE triggers SET removed_at = ? WHERE id = ? AND removed_at IS NULL", now, id)
      .run();
  std::vector<StreamId> streams;
  {
    Query query(database, "SELECT id FROM streams WHERE trigger = ? AND ended_at IS NULL", id);
    while (query.next()) streams.push_back(StreamId{query.number(0)});
  }
  for (const StreamId stream : streams) end_stream(database, stream, now);
}

void save_rule(Database& database, const std::string& trigger, std::uint32_t rule,
               const std::vector<std::string>& watch) {
  Query(database,
        "INSERT INTO detect_rules (trigger, rule, watch) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET watch = excluded.watch WHERE watch <> excluded.watch",
        trigger, rule, compact_json(nlohmann::json(watch)))
      .run();
}

std::map<std::uint32_t, std::vector<std::string>> load_rules(Database& database,
                                                             const std::string& trigger) {
  std::map<std::uint32_t, std::vector<std::string>> rules;
  Query query(database, "SELECT rule, watch FROM detect_rules WHERE trigger = ?", trigger);
  while (query.next()) {
    std::vector<std::string>& watch = rules[static_cast<std::uint32_t>(query.number(0))];
    const auto list = parse_json(query.text(1));
    if (!list || !list->is_array()) continue;
    for (const nlohmann::json& pointer : *list) watch.push_back(plain_text(pointer));
  }
  return rules;
}

void save_steps(Database& database, const std::string& hash, const std::string& definition,
                WallTime now) {
  Query(database,
        "INSERT INTO steps_definitions (hash, definition, first_used) VALUES (?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        hash, definition, now)
      .run();
}

std::optional<std::string> load_steps(Database& database, const std::string& hash) {
  Query query(database, "SELECT definition FROM steps_definitions WHERE hash = ?", hash);
  if (!query.next()) return std::nullopt;
  return query.text(0);
}

std::vector<AccountRow> load_accounts(Database& database) {
  std::vector<AccountRow> rows;
  Query query(database,
              "SELECT account, day_start, day_used, day_remaining, blocked_until, blocked_reason, "
              "window_start, window_used, suspended, suspended_at FROM budgets ORDER BY account");
  while (query.next()) {
    AccountRow& row = rows.emplace_back();
    row.name = query.text(0);
    row.budget.day_start = wall_from_ms(query.number(1));
    row.budget.day_used = query.number(2);
    row.budget.day_remaining = query.maybe_number(3);
    row.budget.blocked_until = wall_from_ms(query.number(4));
    row.budget.blocked_reason = query.text(5);
    row.budget.window_start = wall_from_ms(query.number(6));
    row.budget.window_used = query.number(7);
    row.suspended = query.text(8);
    row.suspended_at = query.time(9);
  }
  return rows;
}

void save_account(Database& database, const AccountRow& row) {
  Query(database,
        "INSERT INTO budgets (account, day_start, day_used, day_remaining, blocked_until, "
        "blocked_reason, window_start, window_used, suspended, suspended_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (account) DO UPDATE SET day_start = excluded.day_start, "
        "day_used = excluded.day_used, day_remaining = excluded.day_remaining, "
        "blocked_until = excluded.blocked_until, blocked_reason = excluded.blocked_reason, "
        "window_start = excluded.window_start, window_used = excluded.window_used, "
        "suspended = excluded.suspended, suspended_at = excluded.suspended_at",
        row.name, row.budget.day_start, row.budget.day_used, row.budget.day_remaining,
        row.budget.blocked_until, row.budget.blocked_reason, row.budget.window_start,
        row.budget.window_used, row.suspended, row.suspended_at)
      .run();
}

std::map<std::string, std::vector<std::string>> polled_accounts(Database& database) {
  std::map<std::string, std::vector<std::string>> accounts;
  Query query(database,
              "SELECT DISTINCT trigger, account FROM streams WHERE ended_at IS NULL ORDER BY 1, 2");
  while (query.next()) accounts[query.text(0)].push_back(query.text(1));
  return accounts;
}

std::map<std::string, std::string> load_identities(Database& database) {
  std::map<std::string, std::string> identities;
  Query query(database, "SELECT account, identity FROM account_identities");
  while (query.next()) identities[query.text(0)] = query.text(1);
  return identities;
}

void save_identity(Database& database, const std::string& account, const std::string& identity) {
  Query(database,
        "INSERT INTO account_identities (account, identity) VALUES (?, ?) "
        "ON CONFLICT (account) DO UPDATE SET identity = excluded.identity",
        account, identity)
      .run();
}

void note_setting(Database& database, const std::string& name, const std::string& value) {
  Query(database,
        "INSERT INTO settings (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name, value)
      .run();
}

std::optional<std::string> read_setting(Database& database, const std::string& name) {
  Query query(database, "SELECT value FROM settings WHERE name = ?", name);
  if (!query.next()) return std::nullopt;
  return query.text(0);
}

}  // namespace triggerd
