#include "triggerd/detect/detect.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "changes.h"
#include "counted_part.h"
#include "remembered.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// `Date` has whole seconds: a record of that very second may have been there before.
constexpr Millis kDateStep{1000};
// How far the clocks of an app's parts may be apart. A stamp beyond it is wrong, and proves
// nothing.
constexpr Millis kClockSkewMax{5 * 60'000};

using Moment = std::optional<WallTime>;

// Reads the records of one page in order; what an earlier record of the page left is known to the
// later ones.
class PageReading {
 public:
  PageReading(const DetectRules& rules, const SeenMap& seen, const DetectMode& mode,
              std::optional<WallTime> watermark)
      : rules_(rules), seen_(seen), mode_(mode), watermark_(watermark) {}

  bool take(const Record& record);  // false: it is no JSON at all
  PageOutcome finish() { return std::move(outcome_); }

 private:
  const Seen* known(const std::string& key) const;
  bool is_settled(const Seen& row, const Record& record) const;
  bool is_stale(const Seen& row, const Record& record) const;
  bool is_plausible(WallTime stamp) const;
  bool created_since(const Moment& created, const Moment& moment, Millis margin) const;
  bool fires_at_first_sight(const Record& record) const;
  bool is_another(const Seen& tombstone, const Record& record) const;

  void keep(Seen row);
  void keep_present(const Seen& row);
  void note_newest(const Record& record);
  void first_sight(const Record& record, Seen next, const Version& version);
  void again(const Seen& row, Seen next, const Version& version);
  void detect(Seen next, DetectionKind kind, const Version& version, const Seen* before,
              std::vector<Change> changes);

  const DetectRules& rules_;
  const SeenMap& seen_;
  const DetectMode& mode_;
  const std::optional<WallTime> watermark_;
  std::unordered_map<std::string, std::size_t> kept_;  // key -> index in outcome_.rows
  PageOutcome outcome_;
};

const Seen* PageReading::known(const std::string& key) const {
  if (const auto here = kept_.find(key); here != kept_.end()) {
    return &outcome_.rows[here->second];
  }
  const auto before = seen_.find(key);
  return before == seen_.end() ? nullptr : &before->second;
}

// The same bytes as last time, and nothing about its row is open.
bool PageReading::is_settled(const Seen& row, const Record& record) const {
  const bool to_be_filled_in = mode_.mode == PollMode::backfill && row.n == 0;
  return row.raw_hash == record.raw_hash && row.rule == rules_.rule && !row.gone &&
         !to_be_filled_in;
}

bool PageReading::is_plausible(WallTime stamp) const {
  return !mode_.server_time || stamp <= *mode_.server_time + kClockSkewMax;
}

// An older version than the one that is known, from a replica that lags. A known stamp from the
// future was a mistake of the app; it must not make all later versions look old.
bool PageReading::is_stale(const Seen& row, const Record& record) const {
  return rules_.versioned && row.updated && record.updated && *record.updated < *row.updated &&
         is_plausible(*row.updated);
}

bool PageReading::created_since(const Moment& created, const Moment& moment, Millis margin) const {
  return moment && created && *created >= *moment + margin && is_plausible(*created);
}

bool PageReading::fires_at_first_sight(const Record& record) const {
  switch (mode_.mode) {
    case PollMode::baseline:
      return created_since(record.created, mode_.t0, kDateStep);
    case PollMode::backfill:
      return true;
    case PollMode::normal: {
      const bool window_moved =
          record.at && mode_.previous_window_end && *record.at >= *mode_.previous_window_end;
      return !window_moved || created_since(record.created, mode_.previous_walk, Millis{0});
    }
  }
  return true;
}

// Whether what came back under a removed record's key counts as another record.
bool PageReading::is_another(const Seen& tombstone, const Record& record) const {
  if (rules_.shape != Shape::list || mode_.now - *tombstone.gone > kTombstoneLife) {
    return true;
  }
  return record.created && (*record.created > *tombstone.gone ||
                            (tombstone.created && *record.created > *tombstone.created));
}

void PageReading::keep(Seen row) {
  const auto [place, added] = kept_.emplace(row.key, outcome_.rows.size());
  if (added) {
    outcome_.rows.push_back(std::move(row));
  } else {
    outcome_.rows[place->second] = std::move(row);
  }
}

// It was there, whatever its state: sweeps that lacked it do not count any more.
void PageReading::keep_present(const Seen& row) {
  if (row.missing != 0) {
    Seen present = row;
    present.missing = 0;
    keep(std::move(present));
  }
}

void PageReading::note_newest(const Record& record) {
  if (record.updated) {
    const WallTime stamp =
        mode_.server_time ? std::min(*record.updated, *mode_.server_time) : *record.updated;
    outcome_.newest = std::max(outcome_.newest.value_or(stamp), stamp);
  }
}

bool PageReading::take(const Record& record) {
  ++outcome_.records;
  const Seen* row = known(record.key);
  if (row != nullptr && is_settled(*row, record)) {
    note_newest(record);
    ++outcome_.unchanged;
    keep_present(*row);
    return true;
  }
  const auto parsed = parse_json(record.raw);
  if (!parsed) {
    outcome_.odd.push_back(
        {record.key, parsed.error().what, std::string(record.raw.substr(0, kOddRawBytesMax))});
    // The page was cut wrong or is damaged; all other problems are the record's own.
    return !parsed.error().syntax;
  }
  note_newest(record);
  if (row != nullptr && is_stale(*row, record)) {
    ++outcome_.stale;
    keep_present(*row);
    return true;
  }
  const json counted = counted_part(*parsed, "", rules_);
  Seen next{.key = record.key,
            .raw_hash = record.raw_hash,
            .fingerprint = counted_fingerprint(counted, rules_),
            .rule = rules_.rule,
            .updated = record.updated,
            .created = record.created,
            .at = record.at,
            .first_seen = mode_.now,
            .gone = std::nullopt,
            .remembered = Remembered::write(*parsed, counted, rules_)};
  const Version version{*parsed, counted};
  if (row == nullptr) {
    first_sight(record, std::move(next), version);
    return true;
  }
  next.n = row->n;
  if (row->gone && is_another(*row, record)) {
    first_sight(record, std::move(next), version);
    return true;
  }
  next.first_seen = row->first_seen;
  next.updated = record.updated ? record.updated : row->updated;
  next.created = record.created ? record.created : row->created;
  again(*row, std::move(next), version);
  return true;
}

void PageReading::first_sight(const Record& record, Seen next, const Version& version) {
  if (fires_at_first_sight(record)) {
    detect(std::move(next), DetectionKind::created, version, nullptr, {});
  } else {
    keep(std::move(next));
  }
}

void PageReading::again(const Seen& row, Seen next, const Version& version) {
  if (mode_.mode == PollMode::backfill && row.n == 0) {
    detect(std::move(next), DetectionKind::created, version, nullptr, {});
    return;
  }
  std::vector<Change> changes;
  bool differs = false;
  if (row.rule == rules_.rule) {
    differs = row.fingerprint != next.fingerprint;
    if (differs) {
      changes = list_changes(Remembered(row.remembered), version, rules_);
    }
  } else if (const auto old = rules_.earlier_watch.find(row.rule);
             old != rules_.earlier_watch.end() && row.raw_hash != next.raw_hash) {
    changes = changes_over_edit(Remembered(row.remembered), old->second, version, rules_);
    differs = !changes.empty();
  }
  // The baseline makes no events for what it took as known, also when that moves while it is read.
  // A record that had events before the stream began anew is known all the same.
  const bool silent = mode_.mode == PollMode::baseline &&
                      (row.n == 0 || !created_since(row.created, mode_.t0, kDateStep));
  if (differs && !silent) {
    const Seen before = row;  // `row` may lie in the rows that detect() writes to
    detect(std::move(next), DetectionKind::changed, version, &before, std::move(changes));
  } else {
    ++outcome_.unchanged;
    keep(std::move(next));
  }
}

void PageReading::detect(Seen next, DetectionKind kind, const Version& version, const Seen* before,
                         std::vector<Change> changes) {
  ++next.n;
  ++(kind == DetectionKind::created ? outcome_.created : outcome_.changed);
  const bool below =
      mode_.mode == PollMode::normal && watermark_ && next.updated && *next.updated < *watermark_;
  if (below) {
    const Millis late = *watermark_ - *next.updated;
    outcome_.lateness = std::max(outcome_.lateness.value_or(late), late);
  }
  Detection detection;
  detection.key = next.key;
  detection.n = next.n;
  detection.kind = kind;
  detection.fingerprint = next.fingerprint;
  detection.record = version.record;
  detection.previous = before == nullptr ? json() : Remembered(before->remembered).record();
  detection.changes = std::move(changes);
  detection.updated = next.updated;
  outcome_.detections.push_back(std::move(detection));
  keep(std::move(next));
}

}  // namespace

PageOutcome detect_page(const DetectRules& rules, const Page& page, const SeenMap& seen,
                        const DetectMode& mode, std::optional<WallTime> watermark) {
  PageReading reading(rules, seen, mode, watermark);
  for (const Record& record : page.records) {
    if (!reading.take(record)) {
      PageOutcome broken;
      broken.page_broken = true;
      return broken;
    }
  }
  return reading.finish();
}

}  // namespace triggerd
