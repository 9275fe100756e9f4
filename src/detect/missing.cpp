#include <nlohmann/json.hpp>
#include <utility>

#include "remembered.h"
#include "triggerd/detect/detect.h"

namespace triggerd {
namespace {

// Below this a set is so small that its owner may well empty it by hand.
constexpr std::int64_t kSuspicionFrom = 10;

}  // namespace

bool sweep_is_suspicious(const SweepCount& count) {
  return count.known >= kSuspicionFrom && count.present < (count.known + 1) / 2;
}

MissingStep judge_missing(const Seen& row, const DetectRules&,
                          const std::optional<std::pair<WallTime, WallTime>>& window) {
  // Beyond the end: the configuration has made the window shorter.
  const bool outside = window && row.at && (*row.at < window->first || *row.at > window->second);
  if (outside) {
    return MissingStep::expired;
  }
  return row.missing + 1 >= kSweepsUntilRemoved ? MissingStep::confirm : MissingStep::wait;
}

Seen known_elsewhere(const Seen& row) {
  Seen waiting = row;
  waiting.missing = kSweepsUntilRemoved - 1 - kSweepsUntilAskedAgain;
  return waiting;
}

std::pair<Detection, Seen> removed_detection(const Seen& row, const DetectRules&, WallTime now) {
  Seen tombstone = row;
  ++tombstone.n;
  tombstone.missing = 0;
  tombstone.gone = now;
  Detection detection;
  detection.key = row.key;
  detection.n = tombstone.n;
  detection.kind = DetectionKind::removed;
  detection.fingerprint = row.fingerprint;
  detection.record = remembered_record(row);
  detection.previous = Remembered(row.remembered).record();
  detection.updated = row.updated;
  return {std::move(detection), std::move(tombstone)};
}

}  // namespace triggerd
