// Rows of `streams`. Counters that only the store keeps (delivered, events_mean) are never part of
// a StreamRow, so that writing a row back does not undo them.
#include "triggerd/store/stream_state.h"

#include <utility>

#include "store/connection.h"
#include "store/run_order.h"
#include "store/seen.h"
#include "store/stream_row.h"
#include "triggerd/check.h"

#define STREAM_SELECT                                                                             \
  "SELECT id, trigger, account, item, state, generation, parent, parent_key, fire_first, cycle, " \
  "walk_kind, walk_cursor, walk_started, walk_newest, walk_pages, walk_disturbed, watermark, "    \
  "overlap, t0, window_end, last_walk, last_sweep, sweep_pages, page_size_seen, content_hash, "   \
  "etag, last_modified, suspicious, last_poll, last_success, next_poll, failures, health, "       \
  "last_error, polls, pages, records, created, changed, removed, events, settled FROM streams "

namespace triggerd {

namespace {

void read_walk(const Query& query, StreamRow& row) {
  row.cycle = query.number(9);
  row.walk_kind = query.text(10);
  row.walk_cursor = query.text(11);
  row.walk_started = query.time(12);
  row.walk_newest = query.time(13);
  row.walk_pages = query.number(14);
  row.walk_disturbed = query.flag(15);
}

void read_cursor(const Query& query, StreamRow& row) {
  row.watermark = query.time(16);
  row.overlap = Millis{query.number(17)};
  row.t0 = query.time(18);
  row.window_end = query.time(19);
  row.last_walk = query.time(20);
  row.last_sweep = query.time(21);
  row.sweep_pages = query.number(22);
  row.page_size_seen = query.number(23);
  row.content_hash = query.hash(24);
  row.etag = query.text(25);
  row.last_modified = query.text(26);
  row.suspicious = query.small(27);
  row.settled = query.hash(41);
}

void read_notes(const Query& query, StreamRow& row) {
  row.last_poll = query.time(28);
  row.last_success = query.time(29);
  row.next_poll = query.time(30);
  row.failures = query.small(31);
  row.health = query.text(32);
  row.last_error = query.text(33);
  row.polls = query.number(34);
  row.pages = query.number(35);
  row.records = query.number(36);
  row.created = query.number(37);
  row.changed = query.number(38);
  row.removed = query.number(39);
  row.events = query.number(40);
}

StreamRow read_row(const Query& query) {
  StreamRow row;
  row.id = StreamId{query.number(0)};
  row.trigger = query.text(1);
  row.account = query.text(2);
  row.item = query.text(3);
  row.state = query.text(4);
  row.generation = query.number(5);
  if (const auto parent = query.maybe_number(6)) row.parent = StreamId{*parent};
  row.parent_key = query.text(7);
  row.fire_first = query.flag(8);
  read_walk(query, row);
  read_cursor(query, row);
  read_notes(query, row);
  return row;
}

void clear_walk(StreamRow& row) {
  row.walk_kind.clear();
  row.walk_cursor.clear();
  row.walk_started.reset();
  row.walk_newest.reset();
  row.walk_pages = 0;
  row.walk_disturbed = false;
}

void clear_cursor(StreamRow& row) {
  row.watermark.reset();
  row.overlap = Millis{0};
  row.t0.reset();
  row.window_end.reset();
  row.last_walk.reset();
  row.last_sweep.reset();
  row.sweep_pages = 0;
  row.page_size_seen = 0;
  row.content_hash = 0;
  row.etag.clear();
  row.last_modified.clear();
  row.suspicious = 0;
  row.settled = 0;
}

// The row of an earlier life takes over; what was asked for anew stays.
void revive(Database& database, StreamRow& row, StreamId id) {
  Query(database, "UPDATE streams SET ended_at = NULL WHERE id = ?", id).run();
  const StreamRow wanted = row;
  row = *load_stream(database, id);
  row.parent = wanted.parent;
  row.parent_key = wanted.parent_key;
  clear_walk(row);
  row.settled = 0;
  if (row.state != "active") {
    row.state = wanted.state;
    row.fire_first = wanted.fire_first;
  }
  save_stream(database, row);
}

void insert_row(Database& database, StreamRow& row, WallTime now) {
  Query insert(database,
               "INSERT INTO streams (trigger, account, item, state, generation, parent, "
               "parent_key, fire_first, cycle, walk_kind, walk_cursor, walk_pages, "
               "walk_disturbed, overlap, sweep_pages, page_size_seen, content_hash, etag, "
               "last_modified, suspicious, failures, health, last_error, polls, pages, records, "
               "created, changed, removed, events, added_at) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0, 0, 0, 0, 0, 0, '', '', 0, 0, ?, '', "
               "0, 0, 0, 0, 0, 0, 0, ?)",
               row.trigger, row.account, row.item, row.state, row.generation, row.parent,
               row.parent_key, row.fire_first, row.health, now);
  insert.run();
  row.id = StreamId{sqlite3_last_insert_rowid(database.parts().handle())};
  save_stream(database, row);
}

}  // namespace

std::vector<StreamRow> load_streams(Database& database) {
  std::vector<StreamRow> rows;
  Query query(database, STREAM_SELECT "WHERE ended_at IS NULL ORDER BY id");
  while (query.next()) rows.push_back(read_row(query));
  return rows;
}

std::vector<StreamRow> load_ended_streams(Database& database, const std::string& trigger) {
  std::vector<StreamRow> rows;
  Query query(database, STREAM_SELECT "WHERE trigger = ? AND ended_at IS NOT NULL", trigger);
  while (query.next()) rows.push_back(read_row(query));
  return rows;
}

std::optional<StreamRow> load_stream(Database& database, StreamId stream) {
  Query query(database, STREAM_SELECT "WHERE id = ?", stream);
  if (!query.next()) return std::nullopt;
  return read_row(query);
}

StreamId add_stream(Database& database, StreamRow& row, WallTime now) {
  std::optional<StreamId> existing;
  bool ended = false;
  {
    Query query(database,
                "SELECT id, ended_at IS NOT NULL FROM streams "
                "WHERE trigger = ? AND account = ? AND item = ?",
                row.trigger, row.account, row.item);
    if (query.next()) {
      existing = StreamId{query.number(0)};
      ended = query.flag(1);
    }
  }
  if (!existing) {
    insert_row(database, row, now);
  } else if (ended) {
    revive(database, row, *existing);
  } else {
    row = *load_stream(database, *existing);
  }
  return row.id;
}

void save_stream(Database& database, const StreamRow& row) {
  // A row from before a reset must not bring the old cursor back.
  Query(database,
        "UPDATE streams SET state = ?, generation = ?, parent = ?, parent_key = ?, "
        "fire_first = ?, cycle = ?, walk_kind = ?, walk_cursor = ?, walk_started = ?, "
        "walk_newest = ?, walk_pages = ?, walk_disturbed = ?, watermark = ?, overlap = ?, t0 = ?, "
        "window_end = ?, last_walk = ?, last_sweep = ?, sweep_pages = ?, page_size_seen = ?, "
        "content_hash = ?, etag = ?, last_modified = ?, suspicious = ?, last_poll = ?, "
        "last_success = ?, next_poll = ?, failures = ?, health = ?, last_error = ?, polls = ?, "
        "pages = ?, records = ?, created = ?, changed = ?, removed = ?, events = ?, settled = ? "
        "WHERE id = ? AND generation <= ?",
        row.state, row.generation, row.parent, row.parent_key, row.fire_first, row.cycle,
        row.walk_kind, row.walk_cursor, row.walk_started, row.walk_newest, row.walk_pages,
        row.walk_disturbed, row.watermark, row.overlap, row.t0, row.window_end, row.last_walk,
        row.last_sweep, row.sweep_pages, row.page_size_seen, row.content_hash, row.etag,
        row.last_modified, row.suspicious, row.last_poll, row.last_success, row.next_poll,
        row.failures, row.health, row.last_error, row.polls, row.pages, row.records, row.created,
        row.changed, row.removed, row.events, row.settled, row.id, row.generation)
      .run();
}

void end_stream(Database& database, StreamId stream, WallTime now) {
  // The generation rises, so that a page that is still on its way is dropped.
  Query(database,
        "UPDATE streams SET ended_at = ?, generation = generation + 1 "
        "WHERE id = ? AND ended_at IS NULL",
        now, stream)
      .run();
  let_open_runs_go(database, stream, now);
}

void reset_stream(Database& database, StreamRow& row) {
  const std::optional<StreamRow> stored = load_stream(database, row.id);
  TRIGGERD_CHECK(stored.has_value());
  row.generation = stored->generation + 1;
  row.state = "baseline";
  clear_walk(row);
  clear_cursor(row);
  save_stream(database, row);
  forget_all(database, row.id);
  // Its events are older than any moment that is known here; their turn has come.
  let_open_runs_go(database, row.id, row.last_poll.value_or(WallTime{}));
}

}  // namespace triggerd
