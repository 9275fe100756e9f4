// commit_page(): the one function that writes what belongs together - seen rows, detections,
// events, runs, odd records, gaps and the stream's cursor. Several pages may share a transaction; a
// page is never split. Called by engine/ inside a transaction; nothing of it is acted upon before
// that is committed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/detect/detect.h"
#include "triggerd/detect/event.h"
#include "triggerd/store/database.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

// A detection with its verdict and, when it fired or is held, its event.
struct DetectionRow {
  std::string key;
  std::int64_t n = 0;
  DetectionKind kind = DetectionKind::created;
  std::uint64_t fingerprint = 0;
  Verdict verdict = Verdict::fired;
  std::string reason;
  std::string event_id;          // of fired and filter_error; else empty
  std::string object;            // the event object, JSON text
  bool after_own_write = false;  // it follows a write of ours to the record: counts towards a loop
};

// Records that a walk could not read although they may exist (a limit, a guard): shown by the view
// `gaps`.
struct Gap {
  std::string reason;
  std::optional<WallTime> from, to;
};

struct PageCommit {
  StreamRow* stream = nullptr;  // the row as it is after this page
  std::int64_t generation = 0;  // of the walk's start
  std::vector<Seen> seen;
  std::vector<std::string> forgotten;  // keys that count as never met again (they left the window)
  std::vector<DetectionRow> detections;
  std::vector<OddRecord> odd;
  std::optional<Gap> gap;
  // Steps that the events' runs will walk.
  std::string steps_hash;
  std::vector<std::string> step_ids;
  Ordering ordering = Ordering::record;
  bool walk_over = false;       // judge the flood now and let the walk's events go, or hold them
  std::int64_t hold_above = 0;  // 0: automatic: max(200, 20 x what the stream usually yields)
  bool never_hold = false;      // a backfill
  WallTime now{};
};

struct PageStored {
  bool stale = false;  // the stream's generation has moved: nothing was written
  std::int64_t events = 0;
  std::int64_t held = 0;  // of the whole walk, when walk_over found a flood
};

// Within this time, more than a few events of one record that each follow a write of ours are a
// loop: they are held with the reason "loop".
inline constexpr Millis kLoopSpan{3'600'000};

// Events of a walk of several pages wait as `open` until its last page, so that a flood is held as
// a whole.
PageStored commit_page(Database& database, const PageCommit& page);
// The walk of a stream ended without a further page (failure, 304): judges its open events.
PageStored close_walk(Database& database, const PageCommit& page);
// How many of the stream's events passed the filter since a moment.
std::int64_t events_since(Database& database, StreamId stream, WallTime since);

// A shared instant: confirmed removals are written as a page of their own through commit_page.

}  // namespace triggerd
