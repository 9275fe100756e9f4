// The end of a complete, undisturbed sweep: what is known but was not met. Reads the stream's rows
// in key order; decides nothing about HTTP. Called by engine/page_step. A stream of few rows is
// judged with its last page; one of many in steps, each in a turn and transaction of its own, so
// that no other stream waits for it. A stop between two steps is no harm: a row that counts as
// missing was missed by a whole sweep, and the sweep is due again.
#pragma once

#include <string>
#include <vector>

#include "engine/stream.h"
#include "triggerd/detect/detect.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct SweepEnd {
  std::vector<Seen> rows;              // counted as missing once more, or tombstones
  std::vector<std::string> forgotten;  // left the window by time
  std::vector<Detection> removed;
  std::vector<Seen> confirms;  // the app must be asked first
  bool marked = false;         // rows are marked as missing: the next sweep must look again
  bool unfinished = false;     // there are more rows than one step judges
};

// `row` is the stream's row after the page; its count of suspicious sweeps is kept here. With too
// many rows for one step nothing is judged, and `unfinished` says so.
SweepEnd judge_sweep(Database& database, const Stream& stream, StreamRow& row, WallTime now);

// The next step for a stream of many rows. `confirms` are those that earlier steps have found.
SweepEnd judge_step(Database& database, const Stream& stream, Judging& judging, StreamRow& row,
                    std::size_t confirms, WallTime now);

}  // namespace triggerd
