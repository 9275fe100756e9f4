#include "engine/metrics.h"

#include <algorithm>

namespace triggerd {

namespace {

using Type = MetricsText::Type;

constexpr std::array<DetectionKind, 3> kKinds{DetectionKind::created, DetectionKind::changed,
                                              DetectionKind::removed};
constexpr std::array<std::string_view, 3> kOutcomes{"succeeded", "retry", "dead"};
const LabelBound kBound(kMeteredPairsMax);

double seconds(Millis time) { return static_cast<double>(time.count()) / 1'000; }

void add(KindCounts& to, const KindCounts& more) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

std::size_t place_of(AttemptEnd::Kind outcome) {
  switch (outcome) {
    case AttemptEnd::Kind::succeeded:
      return 0;
    case AttemptEnd::Kind::retry:
      return 1;
    case AttemptEnd::Kind::dead:
      return 2;
  }
  return 0;
}

}  // namespace

Meter::Meter()
    : delays_({0.5, 1, 5, 15, 60, 300, 900, 3600}),
      lateness_({1, 10, 60, 300, 900, 3600, 21'600, 86'400}),
      commits_({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5}) {}

void Meter::follow(const Config& config) {
  std::erase_if(tallies_, [&](const auto& one) {
    const Trigger* trigger = config.trigger(one.first.first);
    if (trigger == nullptr) return one.first.first != kOtherLabel;
    return std::find(trigger->accounts.begin(), trigger->accounts.end(), one.first.second) ==
           trigger->accounts.end();
  });
  std::erase_if(attempts_, [&](const auto& one) {
    return one.first != kOtherLabel && config.trigger(one.first) == nullptr;
  });
}

void Meter::polled(const StreamRow& stream) {
  open_.push_back({{stream.trigger, stream.account}, {}, {}, true, {}});
}

void Meter::failed(const StreamRow& stream, ReplyKind kind) {
  open_.push_back({{stream.trigger, stream.account}, kind, {}, false, {}});
}

void Meter::page(const StreamRow& stream, const PageCounts& counts) {
  open_.push_back({{stream.trigger, stream.account}, {}, {}, false, counts});
}

void Meter::attempt(const std::string& trigger, AttemptEnd::Kind outcome) {
  open_.push_back({{trigger, ""}, {}, outcome, false, {}});
}

void Meter::started_late(Millis by) { delays_.add(seconds(std::max(by, Millis{0}))); }

void Meter::seen_late(Millis by) { lateness_.add(seconds(by)); }

void Meter::commit(std::optional<Millis> took) {
  if (took) commits_.add(seconds(*took));
  for (const Open& one : open_) keep(one);
  open_.clear();
}

PollTally& Meter::tally(const Pair& pair) {
  return kBound.in(tallies_, pair, Pair{kOtherLabel, kOtherLabel});
}

void Meter::keep(const Open& one) {
  if (one.attempt) {
    KindCounts& counts = kBound.in(attempts_, one.pair.first, std::string(kOtherLabel));
    ++counts[place_of(*one.attempt)];
    return;
  }
  PollTally& to = tally(one.pair);
  to.polls += one.poll ? 1 : 0;
  if (one.failure) ++to.failures[*one.failure];
  to.pages.records += one.counts.records;
  to.pages.held += one.counts.held;
  add(to.pages.detections, one.counts.detections);
  add(to.pages.events, one.counts.events);
}

void Meter::write_polls(MetricsText& page) const {
  page.family("triggerd_polls_total", Type::counter, "Polls that ended, however they did.");
  for (const auto& [pair, tally] : tallies_) {
    page.sample({{"trigger", pair.first}, {"account", pair.second}},
                static_cast<double>(tally.polls));
  }
  page.family("triggerd_poll_failures_total", Type::counter,
              "Polls that failed, by what the answer meant.");
  for (const auto& [pair, tally] : tallies_) {
    for (const auto& [kind, count] : tally.failures) {
      page.sample({{"trigger", pair.first}, {"account", pair.second}, {"kind", to_text(kind)}},
                  static_cast<double>(count));
    }
  }
  page.family("triggerd_records_total", Type::counter, "Records that were read.");
  for (const auto& [pair, tally] : tallies_) {
    page.sample({{"trigger", pair.first}, {"account", pair.second}},
                static_cast<double>(tally.pages.records));
  }
}

void Meter::write_pages(MetricsText& page) const {
  const auto by_kind = [&](KindCounts PageCounts::*counts) {
    for (const auto& [pair, tally] : tallies_) {
      for (std::size_t i = 0; i < kKinds.size(); ++i) {
        page.sample(
            {{"trigger", pair.first}, {"account", pair.second}, {"kind", to_text(kKinds[i])}},
            static_cast<double>((tally.pages.*counts)[i]));
      }
    }
  };
  page.family("triggerd_detections_total", Type::counter, "New states of records.");
  by_kind(&PageCounts::detections);
  page.family("triggerd_events_total", Type::counter, "Detections that passed their filter.");
  by_kind(&PageCounts::events);
  page.family("triggerd_events_held_total", Type::counter, "Events that were held as a flood.");
  for (const auto& [pair, tally] : tallies_) {
    page.sample({{"trigger", pair.first}, {"account", pair.second}},
                static_cast<double>(tally.pages.held));
  }
}

void Meter::write(MetricsText& page) const {
  write_polls(page);
  write_pages(page);
  page.family("triggerd_attempts_total", Type::counter, "Attempts of steps, by how they ended.");
  for (const auto& [trigger, counts] : attempts_) {
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
      page.sample({{"trigger", trigger}, {"outcome", kOutcomes[i]}},
                  static_cast<double>(counts[i]));
    }
  }
  page.single("triggerd_attempts_interrupted_total", Type::counter,
              "Attempts that a stop of the daemon cut off; they are tried again.",
              static_cast<double>(interrupted_));
  page.family("triggerd_poll_delay_seconds", Type::histogram,
              "How much later than promised polls began.");
  page.samples(delays_);
  page.family("triggerd_record_lateness_seconds", Type::histogram,
              "How far below the cursor records appeared.");
  page.samples(lateness_);
  page.family("triggerd_commit_seconds", Type::histogram, "How long commits took.");
  page.samples(commits_);
  page.single("triggerd_turns_total", Type::counter, "Turns of the loop.",
              static_cast<double>(turns_));
}

}  // namespace triggerd
