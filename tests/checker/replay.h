// Replays what one stream was shown, and says whether what triggerd detected in it is exactly what
// follows from that: nothing missed, nothing invented, nothing twice. Written from the promises
// alone, apart from the detecting code.
//
// Whether an answer was taken in is not always known: the last one before a kill may be lost, and a
// read that only confirmed a removal looks like a poll. Such answers may count or not; all others
// must.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triggerd::checker {

// What one walk over a stream showed of one record.
struct Sight {
  bool present = false;
  std::string state;           // when present
  bool certain = true;         // the answer was taken in
  bool may_be_silent = false;  // taking it as known or unchanged is right, too
  bool baseline = false;       // of the first walk
  bool forgotten = false;      // no sight: the stream forgot everything, and begins anew
  bool may_fire = true;  // in the baseline: it was made after the start, so an event is right, too

  // What only a world that is known exactly can say; read with ReplayRules::sharp.
  std::string text;    // the whole record; empty: `state` is all that is known
  std::string common;  // the part of the state that every rule watches
  int rule = 0;        // which fields counted
  bool asked = false;  // a direct read that was made since sweeps lacked the record
  bool small = false;  // a sweep that lacked so much that it may have been taken for an incident
  std::optional<std::int64_t> stamp, created, server;  // ms: the record's, and the answer's Date
  std::int64_t wall = 0;                               // ms: triggerd's own clock
};

// One detection in order of n.
struct Found {
  std::string kind;   // new, changed, removed
  std::string state;  // empty: not comparable, for example of a removal
};

struct ReplayRules {
  bool keeps_tombstones = true;  // lists: what comes back unchanged is no event
  bool must_remove = false;      // at the end, what has long been missing must have been removed
  bool sharp = false;     // the sights say all there is: baselines, tombstones and stamps are exact
  bool confirms = false;  // sharp: nothing is removed but by a direct read
};

// Empty when the detections follow from the sights; else what does not fit.
std::string check_record(const std::vector<Sight>& sights, const std::vector<Found>& found,
                         const ReplayRules& rules);

}  // namespace triggerd::checker
