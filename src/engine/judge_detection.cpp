#include "engine/judge_detection.h"

#include <nlohmann/json.hpp>

#include "engine/own_change.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

// Which fields moved, for `triggerd why`; an event's own object says it, too.
std::string changed_fields(const Detection& detection) {
  constexpr std::size_t kFieldsTold = 5;
  std::string text;
  for (std::size_t i = 0; i < detection.changes.size() && i < kFieldsTold; ++i) {
    text += (i == 0 ? "changed " : ", ") + detection.changes[i].field;
  }
  return detection.changes.size() > kFieldsTold ? text + ", ..." : text;
}

bool makes_event(Verdict verdict) {
  return verdict == Verdict::fired || verdict == Verdict::filter_error;
}

void judge_own_change(Database& database, const Stream& stream, const Detection& detection,
                      WallTime now, DetectionRow& row) {
  if (!makes_event(row.verdict)) return;
  const OwnChange own = find_own_change(database, stream, detection, now);
  if (own.echo && stream.parts->trigger->suppress_echo) {
    row.verdict = Verdict::echo;
    row.reason.clear();
  } else {
    row.after_own_write = own.follows_write;
  }
}

}  // namespace

DetectionRow judge_detection(Database& database, const EventPlace& place, const Stream& stream,
                             const Config& config, const Detection& detection) {
  DetectionRow row;
  row.key = detection.key;
  row.n = detection.n;
  row.kind = detection.kind;
  row.fingerprint = detection.fingerprint;
  const Trigger& trigger = *stream.parts->trigger;
  const nlohmann::json object = event_object(place, trigger, detection);
  const Decision decision = decide(trigger, detection, object, *config.expressions);
  row.verdict = decision.verdict;
  row.reason = decision.reason;
  judge_own_change(database, stream, detection, place.now, row);
  if (!makes_event(row.verdict) && row.reason.empty()) row.reason = changed_fields(detection);
  if (makes_event(row.verdict)) {
    row.event_id = event_id(place, detection);
    row.object = compact_json(object);
  }
  return row;
}

}  // namespace triggerd
