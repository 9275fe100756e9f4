// The living side of a stream: its row, the walk in progress, and what it shares with the other
// streams of its trigger. Used by the files of engine/ only; loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/key_set.h"
#include "triggerd/config/config.h"
#include "triggerd/detect/detect.h"
#include "triggerd/poll/cycle.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

// The moment of a turn of the loop.
struct TurnTime {
  WallTime wall{};
  SteadyTime steady{};
};

// A trigger whose streams come from this trigger's records.
struct ChildLink {
  const Trigger* child = nullptr;
  const ForEach* by = nullptr;
};

// Made once per trigger and configuration; 30,000 streams share it.
struct TriggerParts {
  const Trigger* trigger = nullptr;
  DetectRules rules;
  std::vector<std::string> step_ids;
  std::vector<ChildLink> children;
  std::vector<std::string> touching_writes;  // operations that write to the records it polls
  bool paused = false;
  std::uint64_t reading = 0;  // how pages are asked for and read, see reading_hash.h
  mutable std::set<std::string> filter_errors_told;  // so that each stands in the log once
};

// What a sweep has met.
struct Met {
  KeySet keys;              // hashes of the keys
  KeySet gone;              // and of those whose records say that they are gone
  std::int64_t unread = 0;  // records without an id: any of the missing ones may be among them
};

// How far the judgement of a sweep of many records has come; see sweep_end.h.
struct Judging {
  bool acting = false;  // all rows are counted; now what is missing is acted on
  std::string after;    // the last key that was looked at
  std::int64_t known = 0, present = 0, expired = 0;  // rows, those met, those out of the window
};

// One walk in progress. Holds the configuration that its plan points into.
struct Walk {
  Walk(std::shared_ptr<const Config> made_by, WalkPlan walk_plan, WalkStart start)
      : config(std::move(made_by)), plan(std::move(walk_plan)), cycle(plan, std::move(start)) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  std::shared_ptr<const Config> config;
  WalkPlan plan;
  Cycle cycle;
  std::int64_t generation = 0;
  SteadyTime started{};
  SteadyTime moved{};  // when its last answer came; its start before that
  Met met;
  std::optional<std::int64_t> fired;  // events so far, those before a restart included
  std::optional<Judging> judging;     // all pages are read; what is missing is being found
  std::vector<Seen> confirms;         // missing records that the app is asked about, one by one
  std::optional<HttpTicket> ticket;   // the request in flight
};

struct Stream {
  StreamRow row;
  const TriggerParts* parts = nullptr;
  const Account* account = nullptr;
  std::unique_ptr<Walk> walk;
  // What a sweep of more pages than one cycle may have had met, for the cycle that goes on with it.
  std::optional<Met> met_before;
  std::string met_until;        // the cursor at which it paused
  bool queued = false;          // waits in its lane
  bool dirty = false;           // row differs from the table in what a poll notes
  bool missing_pending = true;  // its next sweep must be read and judged, whatever it brings
  bool urgent = false;          // its parent changed since its last turn
  bool in_turns = false;        // polled by turns of its fan-out, not by a due time of its own
  std::size_t group = 0;        // its place in StreamTable::groups(), when in turns
  bool late_told = false;
  bool had_its_pass = false;               // of a single pass: its poll has ended
  KnownPage known;                         // what row.content_hash was made of
  std::string since_trouble;               // why it cannot be asked for changes; empty: it can
  std::optional<WallTime> sweep_forced{};  // when that last made a sweep due
  int cuts = 0;                            // sweeps in a row that led nowhere
  SteadyTime not_before{};                 // backoff of a stream in turns
};

std::uint64_t key_hash(const std::string& key);

}  // namespace triggerd
