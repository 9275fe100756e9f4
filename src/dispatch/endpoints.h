// Who may be sent to now: pauses that an endpoint asked for, its share of the sends in flight, and
// the budget for retries. An endpoint is a webhook's origin, an operation's account or a program.
// Called by dispatch/dispatcher alone; knows nothing of runs. Loop thread only; all times are wall
// times, like the runs' due times that they lead to.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "triggerd/dispatch/retry.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr Millis kGonePause{
    3'600'000};  // how long an endpoint that answered 410 is left alone
inline constexpr Millis kFailurePauseMax{60'000};
inline constexpr Millis kPutOffMax{60'000};
inline constexpr int kFailuresUntilPause = 5;   // in a row
inline constexpr double kRetriesPerSecond = 5;  // the floor of the retry budget
inline constexpr double kRetriesPerSend = 0.1;  // and what each first attempt adds
inline constexpr double kRetriesSavedMax = 50;

class Endpoints {
 public:
  // Nothing: go. Otherwise the time to which the asking run is put off. Each asking gets a later
  // time, as far apart as the endpoint takes sends, so that a long queue is looked at about once
  // per send and not once per turn.
  std::optional<WallTime> put_off(const std::string& endpoint, WallTime now);
  // The same for a wait that somebody else (an account's budget) asks of it.
  WallTime put_off_by(const std::string& endpoint, Millis wait, WallTime now);
  // Takes one retry from the budget; nothing when it may go, else when to ask again.
  std::optional<WallTime> claim_retry(WallTime now);

  void started(const std::string& endpoint, bool first_attempt);
  void ended(const std::string& endpoint, const SendEnd& end, Millis took, WallTime now);
  void abandoned(const std::string& endpoint);
  // The latest time that was given out for want of a place or of budget alone: nothing is wrong
  // with what waits until then.
  WallTime places_until() const { return places_until_; }
  // The wall clock was stepped: what is waited for is as far away as it was.
  void shift(Millis by);
  // A new configuration: what stood still because of answers may be tried again.
  void forget_pauses();

 private:
  struct Endpoint {
    std::size_t in_flight = 0;
    std::size_t allowed = 0;  // rises by one with a success, halves with a failure
    int failures = 0;         // in a row
    double took_ms = 5;       // moving mean of a send
    WallTime paused_until{};
    WallTime queue_end{};  // the latest time that was given out
  };
  Endpoint& find(const std::string& endpoint);
  WallTime behind_queue(Endpoint& endpoint, WallTime at, WallTime now) const;
  void drop_idle(WallTime now);

  std::map<std::string, Endpoint> endpoints_;
  WallTime places_until_{};
  double retries_ = kRetriesSavedMax;
  WallTime retries_at_{};
  WallTime retry_queue_end_{};
};

}  // namespace triggerd
