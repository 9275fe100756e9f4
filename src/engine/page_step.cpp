#include "engine/page_step.h"

#include <algorithm>
#include <unordered_set>

#include "engine/event_place.h"
#include "engine/judge_detection.h"
#include "engine/sweep_end.h"
#include "triggerd/detect/event.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {

std::uint64_t key_hash(const std::string& key) { return hash64(key); }

namespace {

// The overlap of a since-cursor grows with the lateness that was seen, up to this.
constexpr Millis kOverlapMax{3'600'000};
// What a sweep may hold in memory of what it met: about 50 MB. Nothing is missing from a longer
// list.
constexpr std::size_t kKeysMetMax = 4'000'000;

DetectMode detect_mode(const StreamRow& row, const PageRead& read, const WalkStart& start,
                       WallTime now) {
  DetectMode mode;
  if (row.state == "backfill" || (row.state == "baseline" && row.fire_first)) {
    mode.mode = PollMode::backfill;
  } else if (row.state == "baseline") {
    mode.mode = PollMode::baseline;
  }
  mode.t0 = row.t0;
  mode.server_time = read.server_time;
  if (start.window) {
    mode.previous_window_end = row.window_end;
    mode.previous_walk = row.last_walk;
  }
  mode.now = now;
  return mode;
}

// Each way in which a filter fails is told once, since it fails for record after record. What jq
// quotes is record content and stays out of the log; `triggerd held` shows it.
void tell_filter_error(const TriggerParts& parts, const std::string& reason) {
  std::string kind = reason.substr(0, reason.find_first_of("\"'(["));
  kind.erase(kind.find_last_not_of(' ') + 1);
  if (!parts.filter_errors_told.insert(kind).second) return;
  log(LogLevel::warning, "a filter failed, so its events are held",
      {{"trigger", parts.trigger->id}, {"error", kind}});
}

void add_detections(Database& database, PageCommit& page, const std::vector<Detection>& detections,
                    Stream& stream, const Config& config, const EventPlace& place) {
  StreamRow& row = *page.stream;
  const std::int64_t limit = row.state == "backfill" || row.state == "baseline"
                                 ? stream.parts->trigger->backfill_limit
                                 : 0;
  for (const Detection& detection : detections) {
    DetectionRow judged = judge_detection(database, place, stream, config, detection);
    std::int64_t& fired = stream.walk->fired.emplace(stream.walk->fired.value_or(0));
    if (judged.verdict == Verdict::fired && limit > 0 && fired >= limit) {
      judged.verdict = Verdict::filtered;
      judged.reason = "beyond the limit of the backfill";
      judged.event_id.clear();
      judged.object.clear();
    }
    if (judged.verdict == Verdict::fired) {
      ++fired;
      ++row.events;
    }
    if (judged.verdict == Verdict::filter_error) tell_filter_error(*stream.parts, judged.reason);
    switch (detection.kind) {
      case DetectionKind::created:
        ++row.created;
        break;
      case DetectionKind::changed:
        ++row.changed;
        break;
      case DetectionKind::removed:
        ++row.removed;
        break;
    }
    page.detections.push_back(std::move(judged));
  }
}

PageCommit new_commit(const Stream& stream, StreamRow& row, WallTime now) {
  const Trigger& trigger = *stream.parts->trigger;
  PageCommit page;
  page.stream = &row;
  page.generation = stream.walk->generation;
  page.steps_hash = trigger.steps_hash;
  page.step_ids = stream.parts->step_ids;
  page.ordering = trigger.ordering;
  page.hold_above = trigger.hold_above;
  page.never_hold = row.state == "backfill" || row.state == "baseline";
  page.now = now;
  return page;
}

void move_cursor(StreamRow& row, const PageRead& read, const WalkStart& start, CycleKind kind,
                 WallTime now) {
  if (row.walk_newest && (!row.watermark || *row.walk_newest > *row.watermark)) {
    row.watermark = row.walk_newest;
  }
  row.last_walk = read.server_time.value_or(now);
  if (kind == CycleKind::sweep) {
    row.last_sweep = now;
    row.sweep_pages = row.walk_pages;
  }
  if (start.window) row.window_end = start.window->second;
  const bool one_page = row.walk_pages == 1 && kind == CycleKind::sweep && !row.walk_disturbed;
  row.content_hash = one_page ? read.page.content_hash : 0;
  row.etag = one_page ? read.etag : "";
  row.last_modified = one_page ? read.last_modified : "";
  if (row.state != "active") row.fire_first = false;
  row.state = "active";
}

void leave_walk(StreamRow& row) {
  row.walk_kind.clear();
  row.walk_cursor.clear();
  row.walk_newest.reset();
  row.walk_pages = 0;
  row.walk_disturbed = false;
}

// What a page does to the rows of the streams that hang on this one.
void follow_children(PageResult& result, const Stream& stream, const PageOutcome& outcome,
                     const SeenMap& seen) {
  if (stream.parts->children.empty()) return;
  std::unordered_set<std::string> fresh;
  for (const Detection& detection : outcome.detections) {
    if (detection.kind == DetectionKind::created) fresh.insert(detection.key);
  }
  for (const Seen& row : outcome.rows) {
    if (row.gone) continue;
    if (seen.contains(row.key)) result.changed_keys.push_back(row.key);
    std::vector<NewChild> made = children_of(stream, row, fresh.contains(row.key));
    std::move(made.begin(), made.end(), std::back_inserter(result.children));
  }
}

// What the sweep has met. A record that cannot be used but has an id is there all the same.
void note_present(Met& met, const std::vector<std::string>& keys, const Page& page,
                  StreamRow& row) {
  const auto nameless = [](const OddRecord& one) { return one.key.empty(); };
  met.unread += std::count_if(page.odd.begin(), page.odd.end(), nameless);
  if (row.walk_disturbed || row.state != "active") return;  // it will not be judged
  for (const std::string& key : keys) met.keys.insert(key_hash(key));
  for (const std::string& key : page.gone) met.gone.insert(key_hash(key));
  for (const OddRecord& one : page.odd) {
    if (!one.key.empty()) met.keys.insert(key_hash(one.key));
  }
  if (met.keys.size() <= kKeysMetMax) return;
  log(LogLevel::warning, "a list is too long for removals to be looked for",
      {{"trigger", row.trigger}, {"account", row.account}, {"records", met.keys.size()}});
  row.walk_disturbed = true;
  met.keys.clear();
  met.gone.clear();
}

bool same_as_last_time(const Stream& stream, const PageRead& read) {
  const StreamRow& row = stream.row;
  return read.last && row.walk_pages == 0 && row.state == "active" && read.page.odd.empty() &&
         row.content_hash != 0 && read.page.content_hash == row.content_hash &&
         stream.walk->cycle.kind() == CycleKind::sweep && !row.walk_disturbed &&
         !stream.missing_pending && !stream.walk->cycle.start().window;
}

void take_judgement(Database& database, PageResult& result, PageCommit& page, SweepEnd end,
                    Stream& stream, const Config& config, const EventPlace& place) {
  result.judging = end.unfinished;
  std::move(end.rows.begin(), end.rows.end(), std::back_inserter(page.seen));
  std::move(end.forgotten.begin(), end.forgotten.end(), std::back_inserter(page.forgotten));
  for (const Detection& detection : end.removed) result.gone_keys.push_back(detection.key);
  add_detections(database, page, end.removed, stream, config, place);
  result.confirms = std::move(end.confirms);
}

// So that a start knows without looking at all rows whether a sweep has more to judge.
void note_settled(PageResult& result, const Stream& stream) {
  const bool settled = !result.missing_pending && !result.judging;
  result.row.settled = settled ? stream.parts->reading : 0;
}

// The last page is read: what is missing, and where the next walk begins.
void end_walk(Database& database, PageResult& result, PageCommit& page, const PageRead& read,
              Stream& stream, const Config& config, const EventPlace& place) {
  const Walk& walk = *stream.walk;
  const bool sweep = walk.cycle.kind() == CycleKind::sweep;
  // Whether a missing record is among those that could not be read, only the app itself can tell.
  const bool certain = walk.met.unread == 0 || stream.parts->trigger->operation->read->confirm;
  if (sweep && !result.row.walk_disturbed && certain && stream.row.state == "active") {
    SweepEnd end = judge_sweep(database, stream, result.row, page.now);
    result.missing_pending = end.marked;
    take_judgement(database, result, page, std::move(end), stream, config, place);
    note_settled(result, stream);
  }
  move_cursor(result.row, read, walk.cycle.start(), walk.cycle.kind(), page.now);
  // A sweep that a stop keeps from being judged is due again.
  if (result.judging) result.row.last_sweep = stream.row.last_sweep;
  leave_walk(result.row);
}

void store_page(Database& database, PageResult& result, const PageCommit& page) {
  const PageStored stored = commit_page(database, page);
  result.stale = stored.stale;
  result.held = result.counts.held = stored.held;
  for (const DetectionRow& row : page.detections) {
    const auto kind = static_cast<std::size_t>(row.kind);
    ++result.counts.detections[kind];
    if (row.verdict == Verdict::fired) ++result.counts.events[kind];
  }
}

}  // namespace

PageResult commit_read(Database& database, const Config& config, Stream& stream, PageRead read,
                       PageTime time) {
  PageResult result;
  result.row = stream.row;
  StreamRow& row = result.row;
  Walk& walk = *stream.walk;
  const WalkStart& start = walk.cycle.start();
  result.missing_pending = stream.missing_pending;
  row.records += static_cast<std::int64_t>(read.page.records.size());
  ++row.pages;
  if (!row.t0 && read.server_time) row.t0 = read.server_time;
  if (same_as_last_time(stream, read)) {
    row.walk_pages = 1;
    move_cursor(row, read, start, CycleKind::sweep, time.wall);
    leave_walk(row);
    result.unchanged = result.walk_over = true;
    result.known = read.known;
    return result;
  }

  std::vector<std::string> keys;
  keys.reserve(read.page.records.size());
  for (const Record& record : read.page.records) keys.push_back(record.key);
  const SeenMap seen = read_seen(database, row.id, keys);
  PageOutcome outcome = detect_page(stream.parts->rules, read.page, seen,
                                    detect_mode(row, read, start, time.wall), row.watermark);
  if (outcome.page_broken) {
    result.failure = "a record of the page is not valid JSON";
    return result;
  }
  if (outcome.newest && (!row.walk_newest || *outcome.newest > *row.walk_newest)) {
    row.walk_newest = outcome.newest;
  }
  result.lateness = outcome.lateness;
  if (outcome.lateness && *outcome.lateness * 2 > row.overlap) {
    row.overlap = std::min(*outcome.lateness * 2, kOverlapMax);
  }
  ++row.walk_pages;
  row.page_size_seen = read.page_size_seen;
  row.walk_cursor = read.cursor.is_null() ? "" : compact_json(read.cursor);
  // One that only pauses is as good as another, if what it has met is still known when it goes on.
  if (read.cut && read.cursor.is_null()) row.walk_disturbed = true;
  if (walk.cycle.kind() == CycleKind::sweep) note_present(walk.met, keys, read.page, row);
  const bool limited = row.state != "active" && stream.parts->trigger->backfill_limit > 0;
  if (limited && row.walk_started && !walk.fired) {
    walk.fired = events_since(database, row.id, *row.walk_started);
  }

  PageCommit page = new_commit(stream, row, time.wall);
  const EventPlace place = event_place(database, stream, time.wall);
  follow_children(result, stream, outcome, seen);
  page.seen = std::move(outcome.rows);
  page.odd = std::move(read.page.odd);
  std::move(outcome.odd.begin(), outcome.odd.end(), std::back_inserter(page.odd));
  add_detections(database, page, outcome.detections, stream, config, place);
  // A walk for changes that the app does not answer as such skips nothing: a sweep reads it all.
  const bool asked_anew = !stream.since_trouble.empty() && row.walk_kind == "incremental";
  if (read.cut && !asked_anew) page.gap = Gap{read.reason, row.watermark, row.walk_newest};
  page.walk_over = result.walk_over = read.last || read.cut;
  if (read.last) {
    end_walk(database, result, page, read, stream, config, place);
  } else if (read.cut && read.cursor.is_null()) {
    leave_walk(row);
    if (read.reason != stream.since_trouble) result.dead_end = read.reason;
  }
  if (row.content_hash != 0 && page.odd.empty()) result.known = read.known;
  store_page(database, result, page);
  return result;
}

PageResult take_same(const Stream& stream, const SamePage& same, PageTime time) {
  PageResult result;
  result.unchanged = result.walk_over = true;
  result.missing_pending = stream.missing_pending;
  result.known = stream.known;
  StreamRow& row = result.row = stream.row;
  row.records += stream.known.records;
  ++row.pages;
  if (!row.t0 && same.server_time) row.t0 = same.server_time;
  row.last_walk = same.server_time.value_or(time.wall);
  row.last_sweep = time.wall;
  row.sweep_pages = 1;
  row.etag = same.etag;
  row.last_modified = same.last_modified;
  leave_walk(row);
  return result;
}

PageResult commit_absent(Database& database, const Config& config, Stream& stream,
                         std::optional<WallTime> server_time, PageTime time) {
  PageRead nothing;
  nothing.page.body = std::make_unique<const std::string>();
  nothing.page.content_hash = hash64("absent");
  nothing.last = true;
  nothing.server_time = server_time;
  return commit_read(database, config, stream, std::move(nothing), time);
}

PageResult commit_judged(Database& database, const Config& config, Stream& stream, PageTime time) {
  Walk& walk = *stream.walk;
  PageResult result;
  result.row = stream.row;
  result.walk_over = true;
  PageCommit page = new_commit(stream, result.row, time.wall);
  SweepEnd end =
      judge_step(database, stream, *walk.judging, result.row, walk.confirms.size(), time.wall);
  result.missing_pending = stream.missing_pending || end.marked;
  if (!end.unfinished) result.row.last_sweep = time.wall;
  const bool writes = !end.unfinished || !end.rows.empty() || !end.forgotten.empty();
  const EventPlace place = event_place(database, stream, time.wall);
  take_judgement(database, result, page, std::move(end), stream, config, place);
  note_settled(result, stream);
  walk.confirms.insert(walk.confirms.end(), std::make_move_iterator(result.confirms.begin()),
                       std::make_move_iterator(result.confirms.end()));
  result.confirms.clear();
  page.walk_over = !result.judging && walk.confirms.empty();
  if (!writes) return result;
  database.begin();
  store_page(database, result, page);
  return result;
}

PageResult commit_confirmed(Database& database, const Config& config, Stream& stream,
                            const Seen& record, bool gone, PageTime time) {
  PageResult result;
  result.row = stream.row;
  result.walk_over = true;
  result.missing_pending = stream.missing_pending;
  PageCommit page = new_commit(stream, result.row, time.wall);
  page.walk_over = stream.walk->confirms.empty();
  if (gone) {
    auto [detection, row] = removed_detection(record, stream.parts->rules, time.wall);
    result.gone_keys.push_back(record.key);
    page.seen.push_back(std::move(row));
    add_detections(database, page, {detection}, stream, config,
                   event_place(database, stream, time.wall));
  } else {
    page.seen.push_back(known_elsewhere(record));
  }
  store_page(database, result, page);
  return result;
}

}  // namespace triggerd
