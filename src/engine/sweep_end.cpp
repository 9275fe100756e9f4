#include "engine/sweep_end.h"

namespace triggerd {

namespace {

constexpr std::size_t kRowsAtOnce = 2'000;
// A sweep that lacks most records counts only after this many agreeing ones; the flood hold follows
// behind it.
constexpr int kSuspiciousSweeps = 5;
// Direct reads after one sweep; what is left is asked about after the next.
constexpr std::size_t kConfirmsPerSweep = 100;

void judge_row(SweepEnd& end, const Stream& stream, const Seen& seen, WallTime now) {
  const Walk& walk = *stream.walk;
  const ReadRules& read = *stream.parts->trigger->operation->read;
  // What the list itself calls gone needs no second opinion.
  const bool ask = read.confirm && stream.parts->trigger->detect_removed &&
                   !walk.gone.contains(key_hash(seen.key));
  switch (judge_missing(seen, stream.parts->rules, walk.cycle.start().window)) {
    case MissingStep::expired:
      end.forgotten.push_back(seen.key);
      return;
    case MissingStep::wait: {
      Seen marked = seen;
      ++marked.missing;
      end.rows.push_back(std::move(marked));
      end.marked = true;
      return;
    }
    case MissingStep::confirm:
      if (!ask) {
        auto [detection, row] = removed_detection(seen, stream.parts->rules, now);
        end.removed.push_back(std::move(detection));
        end.rows.push_back(std::move(row));
      } else {
        end.marked = true;
        if (end.confirms.size() < kConfirmsPerSweep) end.confirms.push_back(seen);
      }
      return;
  }
}

}  // namespace

SweepEnd judge_sweep(Database& database, const Stream& stream, StreamRow& row, WallTime now) {
  SweepEnd end;
  SweepCount count;
  std::vector<Seen> missing;
  std::string after;
  for (;;) {
    std::vector<Seen> rows = read_seen_range(database, row.id, after, kRowsAtOnce);
    if (rows.empty()) break;
    after = rows.back().key;
    for (Seen& seen : rows) {
      ++count.known;
      if (stream.walk->keys.contains(key_hash(seen.key))) {
        ++count.present;
      } else {
        missing.push_back(std::move(seen));
      }
    }
    if (rows.size() < kRowsAtOnce) break;
  }
  if (missing.empty()) {
    row.suspicious = 0;
    return end;
  }
  // Rows that leave a rolling window are no loss, however many they are.
  SweepCount judged = count;
  for (const Seen& seen : missing) {
    if (judge_missing(seen, stream.parts->rules, stream.walk->cycle.start().window) ==
        MissingStep::expired) {
      --judged.known;
    }
  }
  if (sweep_is_suspicious(judged) && ++row.suspicious < kSuspiciousSweeps) {
    end.marked = true;
    return end;
  }
  if (!sweep_is_suspicious(judged)) row.suspicious = 0;
  for (const Seen& seen : missing) judge_row(end, stream, seen, now);
  return end;
}

}  // namespace triggerd
