// Rows of `triggers`, `streams` and `seen`: reading them at start and per page, and what the engine
// writes outside of a page (poll notes, pauses). Pages are written by store/page_commit.h alone.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/account/rate_gate.h"
#include "triggerd/config/reload.h"
#include "triggerd/detect/detect.h"
#include "triggerd/store/database.h"

namespace triggerd {

enum class StreamId : std::int64_t {};

// One row of `streams`: a trigger x account x fan-out item with its cursor. Kept in memory by the
// engine and written whole.
struct StreamRow {
  StreamId id{};
  std::string trigger, account;
  std::string item = "{}";  // canonical JSON of the fan-out values; unique with the two above
  std::string state = "baseline";  // baseline, backfill, active
  std::int64_t generation = 1;     // rises with each rebaseline; a page of an older one is dropped
  std::optional<StreamId> parent;  // stream whose record made it
  std::string parent_key;
  bool fire_first =
      false;  // its parent was created after the trigger's baseline: no silent baseline

  // The walk in progress, so that a restart resumes after the last committed page.
  std::int64_t cycle = 0;   // number of the current or last walk
  std::string walk_kind;    // "sweep", "incremental"; empty: none in progress
  std::string walk_cursor;  // JSON
  std::optional<WallTime> walk_started;
  std::optional<WallTime> walk_newest;  // newest stamp seen in this walk
  std::int64_t walk_pages = 0;
  bool walk_disturbed = false;  // resumed, cut or with odd records: no removals from it

  // The cursor proper: moves only with the last page of a complete walk.
  std::optional<WallTime> watermark;
  Millis overlap{0};
  std::optional<WallTime> t0;  // server time of the first baseline answer
  std::optional<WallTime> window_end;
  std::optional<WallTime> last_walk;  // last complete walk (server time)
  std::optional<WallTime> last_sweep;
  std::int64_t sweep_pages = 0;
  std::int64_t page_size_seen = 0;
  std::uint64_t content_hash = 0;  // of the last complete one-page walk; 0: none
  std::string etag, last_modified;
  // How pages were asked for and read (TriggerParts::reading) when the last sweep left nothing
  // missing to be judged; 0: something is left, or no sweep was judged yet.
  std::uint64_t settled = 0;
  int suspicious = 0;  // suspicious sweeps in a row

  // What `status` shows.
  std::optional<WallTime> last_poll, last_success, next_poll;
  int failures = 0;
  std::string health = "new";  // new, ok, degraded, failing, late, gone
  std::string last_error;
  std::int64_t polls = 0, pages = 0, records = 0, created = 0, changed = 0, removed = 0, events = 0;
};

std::vector<StreamRow> load_streams(Database& database);  // those not ended
// The new id, or that of the existing row of the same trigger, account and item, which is read into
// `row`. One that had ended comes back with its cursor and its records, without the walk it was in.
StreamId add_stream(Database& database, StreamRow& row, WallTime now);
// Does nothing when the stream was reset or ended since the row was read (its generation has
// risen).
void save_stream(Database& database, const StreamRow& row);
// Takes no page any more; open events go. Generation rises.
void end_stream(Database& database, StreamId stream, WallTime now);
// Forgets seen rows and cursor, raises the generation; events and runs stay, open events go. The
// numbers of a record's detections go on: read_seen() gives those rows as tombstones of 1970.
void reset_stream(Database& database, StreamRow& row);

SeenMap read_seen(Database& database, StreamId stream, const std::vector<std::string>& keys);
// Live rows (no tombstones) in key order, `most` at a time, behind `after` ("" = first).
std::vector<Seen> read_seen_range(Database& database, StreamId stream, const std::string& after,
                                  std::size_t most);
std::int64_t count_seen(Database& database, StreamId stream);

// ---- triggers

struct TriggerRow {
  std::string id;
  std::string operation, source_hash, watch_hash;
  bool paused = false;
  std::string paused_reason;
};
std::vector<TriggerRow> load_triggers(Database& database);
// One that had been removed and comes back with another source_hash starts with a baseline.
void save_trigger(Database& database, const TriggerRow& row, WallTime now);
void rename_trigger(Database& database, const std::string& from, const std::string& to);
void remove_trigger(Database& database, const std::string& id,
                    WallTime now);  // ends its streams; events stay

// Watch lists by DetectRules::rule.
void save_rule(Database& database, const std::string& trigger, std::uint32_t rule,
               const std::vector<std::string>& watch);
std::map<std::uint32_t, std::vector<std::string>> load_rules(Database& database,
                                                             const std::string& trigger);

// Steps definitions (JSON list of steps) by hash, so that runs outlive an edit.
void save_steps(Database& database, const std::string& hash, const std::string& definition,
                WallTime now);
std::optional<std::string> load_steps(Database& database, const std::string& hash);

// ---- accounts

struct AccountRow {
  std::string name;
  BudgetState budget;
  std::string suspended;  // reason; empty: usable
  std::optional<WallTime> suspended_at;
};
std::vector<AccountRow> load_accounts(Database& database);
void save_account(Database& database, const AccountRow& row);

// The accounts that each trigger has streams of, ended ones left out; sorted.
std::map<std::string, std::vector<std::string>> polled_accounts(Database& database);
// What each account stood for when its streams were polled (account_identity of config.h).
std::map<std::string, std::string> load_identities(Database& database);
void save_identity(Database& database, const std::string& account, const std::string& identity);

// ---- others

void note_setting(Database& database, const std::string& name,
                  const std::string& value);  // table `settings`
std::optional<std::string> read_setting(Database& database, const std::string& name);

}  // namespace triggerd
