// Rows of the public views as JSON objects, for the listings of the command line (tables and --json
// alike). Read only; works on a database that a daemon is writing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/store/database.h"

namespace triggerd {

struct Listing {
  std::vector<std::string> columns;
  std::vector<nlohmann::json> rows;  // objects, column -> text, number or null
};

// `view`: status, recent_events, pending_runs, dead_letters, held, budget, why, gaps, cursors,
// links. `trigger` restricts it to one; `most` rows (0: all), newest or most urgent first as the
// view orders them.
Listing list_view(Database& database, const std::string& view, const std::string& trigger,
                  std::int64_t most);
// All verdicts on one record of a trigger, by account, item and number.
Listing list_why(Database& database, const std::string& trigger, const std::string& key);
// Pairs of ids, of one name and with one id on either side where those are given; 0: all.
Listing list_links(Database& database, const std::string& name, const std::string& id,
                   std::int64_t most);
// One event with its object, run, steps and attempts; nothing when there is none.
std::optional<nlohmann::json> describe_event(Database& database, const std::string& event_id);
// The latest verdicts on one record of a trigger, by stream, with what became of its events. An
// object with `streams`, which is empty when the record was never met.
inline constexpr std::int64_t kVerdictsPerRecordMax = 20;
nlohmann::json describe_record(Database& database, const std::string& trigger,
                               const std::string& key);
// Events behind a rowid, for `events --follow`: rows of recent_events plus "rowid".
Listing events_after(Database& database, std::int64_t rowid, std::int64_t most);
// Per trigger, or of one: polls, records, new, changed, removed, events, delivered, dead, held.
Listing trigger_totals(Database& database, const std::string& trigger = "");
// One row an account: what it used of its limits, and whether it may send (view `budget`).
Listing account_budgets(Database& database);
// `status` with a column `dead` (dead letters of the stream). Streams that fail come first when
// `most` cuts the others off; 0: all rows, in their usual order.
Listing list_status(Database& database, const std::string& trigger, std::int64_t most);
// Rows of a view that has a column `trigger`.
std::int64_t count_view(Database& database, const std::string& view, const std::string& trigger);

// What waits for an operator, of one trigger or of all.
struct Attention {
  std::int64_t held = 0;           // runs
  std::int64_t filter_errors = 0;  // of those, the ones whose filter failed
  std::int64_t dead = 0;           // runs in the dead letters
  std::int64_t loops = 0;          // of those held, the ones that followed our own writes too often
};
Attention count_attention(Database& database, const std::string& trigger);
// Ids of the triggers that the state knows, sorted.
std::vector<std::string> stored_triggers(Database& database, bool removed_too);

}  // namespace triggerd
