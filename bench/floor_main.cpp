// bench_floor KIND URL PATH FIRST STREAMS POLLS WARM_UP RATE FOLDER: one run of the floor; prints
// the CPU time of one poll in microseconds, and polls a second.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "floor.h"

int main(int count, char** words) {
  using triggerd::bench::FloorKind;
  if (count != 10) return 2;
  triggerd::bench::FloorRun run;
  const std::string kind = words[1];
  run.kind = kind == "idle"      ? FloorKind::idle
             : kind == "changed" ? FloorKind::changed
                                 : FloorKind::delivered;
  run.url = words[2];
  run.path = words[3];
  run.first = std::atoll(words[4]);
  run.streams = std::atoll(words[5]);
  run.polls = std::atoll(words[6]);
  run.warm_up = std::atoll(words[7]);
  run.rate = std::atof(words[8]);
  run.folder = words[9];
  const auto result = triggerd::bench::run_floor(run);
  std::printf("%.2f %.1f\n", result.cpu_us, result.per_second);
  return 0;
}
