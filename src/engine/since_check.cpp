#include "engine/since_check.h"

#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr Millis kForcedSweepEvery{3'600'000};
// An answer to "what changed" that holds this much of all that is known was not filtered; of few
// records it may hold as many by chance, and reading them all costs little.
constexpr std::int64_t kUnfilteredTotalMin = 3'000;
constexpr std::int64_t kUnfilteredPercent = 90;

bool is_unfiltered(Database& database, const Stream& stream, const PageRead& read) {
  const Cycle& cycle = stream.walk->cycle;
  const bool first = cycle.pages() == 1 && cycle.start().cursor.is_null();
  if (!first || read.last || !read.total || *read.total < kUnfilteredTotalMin) return false;
  return *read.total * 100 >= count_seen(database, stream.row.id) * kUnfilteredPercent;
}

}  // namespace

void check_since(Database& database, Stream& stream, PageRead& read, WallTime now) {
  const Cycle& cycle = stream.walk->cycle;
  if (cycle.kind() != CycleKind::incremental || !cycle.start().since) return;
  std::string trouble;
  if (read.page.out_of_order) {
    trouble = "the app ignores the order that was asked for";
  } else if (is_unfiltered(database, stream, read)) {
    trouble = "the app ignores the filter for changes";
  }
  if (trouble.empty()) {
    if (read.last) stream.since_trouble.clear();
    return;
  }
  trouble += "; changes are found by full sweeps";
  read.last = false;
  read.cut = true;
  read.cursor = nullptr;
  read.reason = trouble;
  if (stream.since_trouble != trouble) {
    log(LogLevel::warning, "an app cannot be asked for changes",
        {{"trigger", stream.row.trigger}, {"account", stream.row.account}, {"reason", trouble}});
  }
  stream.since_trouble = trouble;
  if (stream.sweep_forced && now - *stream.sweep_forced < kForcedSweepEvery &&
      now >= *stream.sweep_forced) {
    return;
  }
  stream.sweep_forced = now;
  stream.row.last_sweep.reset();
}

}  // namespace triggerd
