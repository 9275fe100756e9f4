// Records + what was seen -> detections and new seen rows. Pure: values in, values out; called by
// engine/ for each page and, at the end of a sweep, for what was missing. The rows' types are
// defined here, where they are made; store/ includes them.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/config/config.h"
#include "triggerd/poll/record.h"
#include "triggerd/time.h"

namespace triggerd {

// A row of `seen`: what is known of one record of a stream.
struct Seen {
  std::string key;
  std::uint64_t raw_hash = 0;     // of the record's bytes as last received
  std::uint64_t fingerprint = 0;  // of the canonical form of what counts as its state
  std::uint32_t rule = 0;         // DetectRules::rule under which the fingerprint was made
  std::int64_t n = 0;             // number of its last detection; 0: known from the baseline
  std::optional<WallTime> updated, created, at;
  WallTime first_seen{};
  int missing = 0;  // complete sweeps in a row that lacked it; below 0 they do not count yet, since
                    // the app knows it
  std::optional<WallTime> gone;  // when it was found removed; the row stays as a tombstone
  std::string remembered;        // JSON text, written and read by detect/ alone
};
using SeenMap = std::unordered_map<std::string, Seen>;

inline constexpr std::uint32_t kFingerprintVersion = 1;

// Made once per trigger from config and catalog.
struct DetectRules {
  Shape shape = Shape::list;
  std::vector<std::string> watch;     // empty: everything that is not left out
  std::vector<std::string> left_out;  // ignore + the operation's volatile fields
  std::vector<std::string> unordered;
  Remember remember = Remember::fields;
  std::vector<std::string> remember_pointers;
  std::uint32_t rule = 0;  // hash of all of the above and kFingerprintVersion; never 0
  bool versioned = true;  // a record with an older `updated` than the known one is an older version
  // Watch lists of earlier rules, so that an edited list renews fingerprints silently but a change
  // in fields watched before and after still fires.
  std::map<std::uint32_t, std::vector<std::string>> earlier_watch;
};
DetectRules detect_rules(const Trigger& trigger);

// State of a record: hash of the canonical watched part.
std::uint64_t fingerprint(const nlohmann::json& record, const DetectRules& rules);

struct Change {
  std::string field;    // JSON pointer
  nlohmann::json from;  // discarded value type when it is not remembered: see `from_known`
  nlohmann::json to;
  bool from_known = false;
  std::string from_hash;  // made by detect/ for decide(), when only a hash of `from` is remembered
};

// The n-th new state seen of a record.
struct Detection {
  std::string key;
  std::int64_t n = 0;
  DetectionKind kind = DetectionKind::created;
  std::uint64_t fingerprint = 0;
  nlohmann::json record;    // for removed: what is remembered, never null
  nlohmann::json previous;  // what is remembered of the last version; null when nothing is
  std::vector<Change> changes;
  std::optional<WallTime> updated;
};

enum class PollMode {
  normal,
  baseline,  // records are taken as known, except those created after t0
  backfill,  // every record that never had an event is new
};

struct DetectMode {
  PollMode mode = PollMode::normal;
  std::optional<WallTime> t0;           // server time of the first baseline answer
  std::optional<WallTime> server_time;  // the answer's Date: stamps beyond it are clamped
  // Window operations: the end of the previous walk's window. A record that happens after it came
  // into view because the window moved: it becomes known without an event, unless created after
  // `previous_walk`.
  std::optional<WallTime> previous_window_end;
  std::optional<WallTime> previous_walk;
  WallTime now{};
};

struct PageOutcome {
  std::vector<Seen> rows;  // to insert or replace
  std::vector<Detection> detections;
  std::vector<OddRecord> odd;  // records whose text turned out broken
  bool page_broken = false;    // a record is no valid JSON: the page is not understood as a whole
  std::optional<WallTime> newest;  // largest updated stamp, clamped to server_time
  std::optional<Millis> lateness;  // how far below the watermark a new state appeared
  std::int64_t records = 0, unchanged = 0, stale = 0, created = 0, changed = 0;
};

PageOutcome detect_page(const DetectRules& rules, const Page& page, const SeenMap& seen,
                        const DetectMode& mode, std::optional<WallTime> watermark);

// ---- removals

inline constexpr int kSweepsUntilRemoved = 2;
// A record that the list lacks and the app knows (it left the filter of the list's parameters) is
// asked about again only after this many more sweeps without it: one request for each such record
// in every other sweep would eat the account's budget.
inline constexpr int kSweepsUntilAskedAgain = 30;
inline constexpr Millis kTombstoneLife{30LL * 24 * 3600 * 1000};

struct SweepCount {
  std::int64_t known = 0;    // live rows before the sweep
  std::int64_t present = 0;  // of them, found by it
};
// A sweep that lacks more than half of ten or more known records is an incident of the app rather
// than a mass deletion.
bool sweep_is_suspicious(const SweepCount& count);

enum class MissingStep {
  wait,     // its row counts one more missing sweep
  confirm,  // ask the app directly (when the operation has a confirming read), else removed
  expired,  // it left the window by time: forget it without an event
};
MissingStep judge_missing(const Seen& row, const DetectRules& rules,
                          const std::optional<std::pair<WallTime, WallTime>>& window);

// The row of a record that the list lacks although a direct read found it.
Seen known_elsewhere(const Seen& row);

// The detection of a removal, and its tombstone row.
std::pair<Detection, Seen> removed_detection(const Seen& row, const DetectRules& rules,
                                             WallTime now);

// The remembered value at a pointer (for fan-out values); null when it is not remembered.
nlohmann::json remembered_value(const Seen& row, std::string_view pointer);
// What is known of it: an object of the remembered fields, or the whole record; never null.
nlohmann::json remembered_record(const Seen& row);

}  // namespace triggerd
