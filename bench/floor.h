// The floor that triggerd is measured against: the least code that polls with libcurl and SQLite,
// without safety, schedule or configuration. Run by bench_floor in a process of its own.
#pragma once

#include <cstdint>
#include <string>

namespace triggerd::bench {

enum class FloorKind {
  idle,       // fetch, hash the body, compare in memory
  changed,    // and: one new record and its event, group commit with synchronous=FULL
  delivered,  // and: a POST to the sink, its acknowledgement in a later group commit
};

struct FloorRun {
  FloorKind kind = FloorKind::idle;
  std::string url;           // of the upstream
  std::string path;          // such as /same/
  std::int64_t first = 0;    // number of the first stream
  std::int64_t streams = 1;  // each is polled in turn
  std::int64_t polls = 0;    // that are measured, behind one unmeasured round of `warm_up` polls
  std::int64_t warm_up = 0;
  double rate = 0;  // polls a second; 0: as fast as it goes
  int in_flight = 32;
  std::string folder;  // for the database
};

struct FloorResult {
  double cpu_us = 0;  // user and system, of one poll
  double per_second = 0;
};

FloorResult run_floor(const FloorRun& run);

}  // namespace triggerd::bench
