// One account's queue of requests that may go as soon as its gate says so: pages of walks that have
// begun come before new polls, so that what was started ends; among new polls, higher priority
// first. A slow or blocked account fills only its own lane. Used by engine/poller; loop thread.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "triggerd/account/rate_gate.h"
#include "triggerd/config/config.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

struct Lane {
  Lane(const Account* of, RateGate* budget) : account(of), gate(budget) {}

  const Account* account;
  RateGate* gate;                           // shared with the account's actions
  std::deque<StreamId> pages;               // next pages and confirming reads
  std::array<std::deque<StreamId>, 3> due;  // new polls by priority: high, normal, low
  std::string suspended;                    // why nothing new is polled; empty: it is
  SteadyTime suspended_until{};             // one probe goes then
  Millis suspended_for{0};                  // doubles with each refused probe
  std::uint64_t secrets_hash = 0;           // of the credentials that it is polled with
  bool signed_out = false;                  // `suspended` says why it has no token
  bool renewed = false;                     // they are others than before
  std::optional<SteadyTime> accepted{};     // when the app last took the credentials
  // When it last refused them, by operation; until it takes them there.
  std::map<std::string, SteadyTime> refused{};

  bool waiting() const { return !pages.empty() || polls_waiting(); }
  bool polls_waiting() const { return !due[0].empty() || !due[1].empty() || !due[2].empty(); }
};

}  // namespace triggerd
