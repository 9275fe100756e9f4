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
// links. `trigger` restricts it to one; `most` rows, newest or most urgent first as the view orders
// them.
Listing list_view(Database& database, const std::string& view, const std::string& trigger,
                  std::int64_t most);
// All verdicts on one record of a trigger, by account, item and number.
Listing list_why(Database& database, const std::string& trigger, const std::string& key);
// One event with its object, run, steps and attempts; nothing when there is none.
std::optional<nlohmann::json> describe_event(Database& database, const std::string& event_id);
// Events behind a rowid, for `events --follow`: rows of recent_events plus "rowid".
Listing events_after(Database& database, std::int64_t rowid, std::int64_t most);
// Per trigger: polls, records, new, changed, removed, events, delivered, dead, held.
Listing trigger_totals(Database& database);

}  // namespace triggerd
