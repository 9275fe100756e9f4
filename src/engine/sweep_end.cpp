#include "engine/sweep_end.h"

namespace triggerd {

namespace {

constexpr std::size_t kRowsAtOnce = 1'000;
// Rows that one step writes, with their events.
constexpr std::size_t kActsAtOnce = 200;
// A sweep that lacks most records counts only after this many agreeing ones; the flood hold follows
// behind it.
constexpr int kSuspiciousSweeps = 5;
// Direct reads after one sweep; what is left is asked about after the next.
constexpr std::size_t kConfirmsPerSweep = 100;

// Whether the sweep lacks the record.
bool count_row(Judging& judging, const Stream& stream, const Seen& seen) {
  ++judging.known;
  if (stream.walk->met.keys.contains(key_hash(seen.key))) {
    ++judging.present;
    return false;
  }
  const MissingStep step =
      judge_missing(seen, stream.parts->rules, stream.walk->cycle.start().window);
  if (step == MissingStep::expired) ++judging.expired;
  return true;
}

// Whether what is missing may be taken as missing, all rows being counted.
bool may_act(const Judging& judging, SweepEnd& end, StreamRow& row) {
  if (judging.known == judging.present) {
    row.suspicious = 0;
    return false;
  }
  // Rows that leave a rolling window are no loss, however many they are.
  const bool suspicious =
      sweep_is_suspicious(SweepCount{judging.known - judging.expired, judging.present});
  if (suspicious && ++row.suspicious < kSuspiciousSweeps) {
    end.marked = true;
    return false;
  }
  if (!suspicious) row.suspicious = 0;
  return true;
}

// `confirms`: those found by earlier steps.
void judge_row(SweepEnd& end, const Stream& stream, const Seen& seen, std::size_t confirms,
               WallTime now) {
  const Walk& walk = *stream.walk;
  const ReadRules& read = *stream.parts->trigger->operation->read;
  // What the list itself calls gone needs no second opinion.
  const bool ask = read.confirm && stream.parts->trigger->detect_removed &&
                   !walk.met.gone.contains(key_hash(seen.key));
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
        if (confirms + end.confirms.size() < kConfirmsPerSweep) end.confirms.push_back(seen);
      }
      return;
  }
}

}  // namespace

SweepEnd judge_sweep(Database& database, const Stream& stream, StreamRow& row, WallTime now) {
  SweepEnd end;
  std::vector<Seen> rows = read_seen_range(database, row.id, "", kRowsAtOnce);
  if (rows.size() == kRowsAtOnce) {
    end.unfinished = true;
    return end;
  }
  Judging all;
  std::vector<Seen> missing;
  for (Seen& seen : rows) {
    if (count_row(all, stream, seen)) missing.push_back(std::move(seen));
  }
  if (!may_act(all, end, row)) return end;
  for (const Seen& seen : missing) judge_row(end, stream, seen, 0, now);
  return end;
}

SweepEnd judge_step(Database& database, const Stream& stream, Judging& judging, StreamRow& row,
                    std::size_t confirms, WallTime now) {
  SweepEnd end;
  const std::vector<Seen> rows = read_seen_range(database, row.id, judging.after, kRowsAtOnce);
  std::size_t acted = 0;
  for (const Seen& seen : rows) {
    judging.after = seen.key;
    if (!judging.acting) {
      count_row(judging, stream, seen);
    } else if (!stream.walk->met.keys.contains(key_hash(seen.key))) {
      judge_row(end, stream, seen, confirms, now);
      if (++acted == kActsAtOnce) break;
    }
  }
  end.unfinished = rows.size() == kRowsAtOnce || acted == kActsAtOnce;
  if (end.unfinished || judging.acting) return end;
  end.unfinished = judging.acting = may_act(judging, end, row);
  judging.after.clear();
  return end;
}

}  // namespace triggerd
