// What this process has done so far, counted for an operator's monitoring: polls, failures,
// records, events, attempts, by trigger and account up to a bound, the others together as `other`.
// Told by engine/poller and the engine; what a turn counts stands once its transaction is
// committed. Loop thread only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/metrics_text.h"
#include "triggerd/config/config.h"
#include "triggerd/poll/reply_kind.h"
#include "triggerd/store/outbox.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

// Monitoring holds each combination of labels for ever; an agency of 2,000 locations with 20
// triggers each would fill it.
inline constexpr std::size_t kMeteredPairsMax = 1'000;
inline constexpr std::string_view kOtherLabel = "other";

using KindCounts = std::array<std::int64_t, 3>;  // in the order of DetectionKind

// What one page, or one step of a judgement, has brought.
struct PageCounts {
  KindCounts detections{}, events{};
  std::int64_t records = 0, held = 0;
};

struct PollTally {
  std::int64_t polls = 0;
  std::map<ReplyKind, std::int64_t> failures;
  PageCounts pages;
};

class Meter {
 public:
  Meter();

  // Pairs that the configuration no longer has make room.
  void follow(const Config& config);

  void polled(const StreamRow& stream);
  void failed(const StreamRow& stream, ReplyKind kind);
  void page(const StreamRow& stream, const PageCounts& counts);
  void attempt(const std::string& trigger, AttemptEnd::Kind outcome);
  void interrupted(std::int64_t attempts) { interrupted_ += attempts; }
  void started_late(Millis by);             // a poll, against its promise
  void seen_late(Millis by);                // a record, against the stream's watermark
  void commit(std::optional<Millis> took);  // what was counted since is kept
  void rollback() { open_.clear(); }
  void turned() { ++turns_; }

  void write(MetricsText& page) const;

 private:
  using Pair = std::pair<std::string, std::string>;  // trigger, account
  struct Open {
    Pair pair;
    std::optional<ReplyKind> failure;
    std::optional<AttemptEnd::Kind> attempt;
    bool poll = false;
    PageCounts counts;
  };
  PollTally& tally(const Pair& pair);
  void keep(const Open& one);
  void write_polls(MetricsText& page) const;
  void write_pages(MetricsText& page) const;

  std::map<Pair, PollTally> tallies_;
  std::map<std::string, KindCounts> attempts_;  // by trigger; in the order of AttemptEnd::Kind
  std::vector<Open> open_;                      // not committed yet
  std::int64_t interrupted_ = 0, turns_ = 0;
  Histogram delays_, lateness_, commits_;
};

// The labels under which something of a trigger and account is told, once the bound is met.
class LabelBound {
 public:
  explicit LabelBound(std::size_t most) : most_(most) {}
  template <typename Map, typename Key>
  typename Map::mapped_type& in(Map& map, const Key& key, const Key& other) const {
    const auto found = map.find(key);
    if (found != map.end()) return found->second;
    return map[map.size() < most_ ? key : other];
  }

 private:
  std::size_t most_;
};

}  // namespace triggerd
