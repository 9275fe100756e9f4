// Replays what one stream was shown, and says whether what triggerd detected in it is exactly what
// follows from that: nothing missed, nothing invented, nothing twice. Written from the promises
// alone, apart from the detecting code.
//
// Whether an answer was taken in is not always known: the last one before a kill may be lost, and a
// read that only confirmed a removal looks like a poll. Such answers may count or not; all others
// must.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace triggerd::end_to_end {

// What one walk over a stream showed of one record.
struct Sight {
  bool present = false;
  std::string state;           // when present
  bool certain = true;         // the answer was taken in
  bool may_be_silent = false;  // taking it as known or unchanged is right, too
  bool baseline = false;       // of the first walk
  bool may_fire = true;  // in the baseline: it was made after the start, so an event is right, too
};

// One detection in order of n.
struct Found {
  std::string kind;   // new, changed, removed
  std::string state;  // empty: not comparable, for example of a removal
};

struct ReplayRules {
  bool keeps_tombstones = true;  // lists: what comes back unchanged is no event
  bool must_remove = false;      // at the end, what has long been missing must have been removed
};

// Empty when the detections follow from the sights; else what does not fit.
std::string check_record(const std::vector<Sight>& sights, const std::vector<Found>& found,
                         const ReplayRules& rules);

}  // namespace triggerd::end_to_end
