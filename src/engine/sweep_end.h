// The end of a complete, undisturbed sweep: what is known but was not met. Reads the stream's rows
// in key order; decides nothing about HTTP. Called by engine/page_step.
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
};

// `row` is the stream's row after the page; its count of suspicious sweeps is kept here.
SweepEnd judge_sweep(Database& database, const Stream& stream, StreamRow& row, WallTime now);

}  // namespace triggerd
