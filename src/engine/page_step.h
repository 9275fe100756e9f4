// One page that was read -> what is committed and what follows from it: detection, verdicts, the
// cursor, and at the end of a sweep the removals. Called by engine/poller inside the turn's
// transaction.
#pragma once

#include <string>
#include <vector>

#include "engine/metrics.h"
#include "engine/stream.h"
#include "triggerd/store/database.h"
#include "triggerd/store/page_commit.h"

namespace triggerd {

struct NewChild {
  const Trigger* trigger = nullptr;
  StreamRow row;
};

struct PageResult {
  StreamRow row;           // the stream's row after the page; valid once committed
  bool unchanged = false;  // nothing had to be written but the poll's note
  bool walk_over = false;
  bool stale = false;    // the stream was reset meanwhile: the page was dropped
  std::string failure;   // not understood after all: nothing was written
  std::string dead_end;  // the walk was cut where none can go on: it has failed after all
  bool missing_pending = false;
  bool judging = false;        // of a sweep of many records: commit_judged has more to do
  KnownPage known;             // to know the next answer again by
  std::vector<Seen> confirms;  // to be asked about before they count as removed
  std::vector<NewChild> children;
  std::vector<std::string> changed_keys;  // of a parent: its streams go first in their next turn
  std::vector<std::string> gone_keys;     // of a parent: its streams end
  std::int64_t held = 0;
  PageCounts counts;               // of what was written
  std::optional<Millis> lateness;  // see PageOutcome
};

struct PageTime {
  WallTime wall{};
};

PageResult commit_read(Database& database, const Config& config, Stream& stream, PageRead read,
                       PageTime time);
// The walk is over with the page that its start has named as known: nothing is written.
PageResult take_same(const Stream& stream, const SamePage& same, PageTime time);
// The object of the stream does not exist (now): a complete walk without records.
PageResult commit_absent(Database& database, const Config& config, Stream& stream,
                         std::optional<WallTime> server_time, PageTime time);
// The app has confirmed that a record is gone, or that it is not. While the walk has further
// `confirms`, its events wait, so that a flood of removals is seen as one.
PageResult commit_confirmed(Database& database, const Config& config, Stream& stream,
                            const Seen& record, bool gone, PageTime time);

// One step of the judgement of a sweep of many records; writes, in a transaction that it begins,
// only where something is missing.
PageResult commit_judged(Database& database, const Config& config, Stream& stream, PageTime time);

// Streams that a parent's record calls for.
std::vector<NewChild> children_of(const Stream& parent, const Seen& record, bool fire_first);

}  // namespace triggerd
