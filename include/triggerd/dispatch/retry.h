// Attempt number and how it ended -> next time, or give up. Called by dispatch/dispatcher; SendEnd
// is also made by file_action and by engine/ tests. Pure: time and chance come in as arguments.
#pragma once

#include <optional>
#include <string>

#include "triggerd/config/config.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr Millis kRetryHorizon{72LL * 3600 * 1000};
inline constexpr Millis kAuthRetryMin{60'000};
inline constexpr int kPermanentAttempts = 3;

enum class SendClass { succeeded, transient, throttled, auth, permanent, gone };

struct SendEnd {
  SendClass end = SendClass::transient;
  int status = 0;              // HTTP status or exit code
  std::string reason;          // one redacted line
  std::string answer;          // of a success: JSON text, at most 1 MiB; empty stands for null
  std::optional<Millis> wait;  // Retry-After
  bool unknown = false;        // no success, but it may have been carried out
  // Of the unknown ones: it was not the other side that said that it failed. No answer of its own
  // came, or none that can be read.
  bool lost = false;
};

// Nothing: dead letter. `attempts` have been made, the first of them at `first_attempt`; transient
// ends are tried for at least kRetryHorizon (unless `retry.attempts` says otherwise) with growing,
// jittered waits; permanent ones kPermanentAttempts times; auth like transient, slowly; gone never.
// A wait that the other side stated is always kept. `random` in [0, 1).
std::optional<WallTime> next_attempt_at(const SendEnd& end, int attempts, const Retry& retry,
                                        WallTime first_attempt, WallTime now, double random);

}  // namespace triggerd
