#include "simulation/observer.h"

#include <algorithm>

#include "checker/state_reader.h"

namespace triggerd::simulation {

namespace {

constexpr std::int64_t kOverlapMs = 120'000;  // of the connector
constexpr std::size_t kBurst = 100;           // likewise
constexpr Millis kBurstTime{10'000};
constexpr Millis kSavedWithin{10'000};  // the loop may come round some seconds late

std::string time_text(std::int64_t ms) { return to_iso8601(wall_from_ms(ms)); }

}  // namespace

void Observer::settle_end(StreamLog& stream) {
  if (!stream.pending_end) return;
  Learnt& end = stream.learnt[*stream.pending_end];
  end.counts = stream.sweep && stream.pending_clean && stream.active;
  if (stream.sweep) ++stream.sweeps;
  stream.pending_end.reset();
  stream.open = false;
  // Where the program died in it, the database says whether it did end.
  stream.active = stream.active || end.certain;
  if (stream.newest) {
    stream.watermark = std::max(stream.watermark.value_or(*stream.newest), *stream.newest);
  }
}

void Observer::served(const Answer& answer) {
  if (answer.outdated) return;
  StreamLog& stream = streams_[answer.stream];
  if (!answer.asked.empty()) {
    settle_end(stream);
    return;
  }
  answer.first ? begin_walk(stream, answer) : go_on(stream, answer);
}

void Observer::begin_walk(StreamLog& stream, const Answer& answer) {
  settle_end(stream);
  if (stream.open && !stream.excused) {
    problems_.push_back(answer.stream + ": the walk before " + time_text(answer.served) +
                        " was given up in the middle (I4)");
  }
  if (std::exchange(stream.unsure, false)) stream.active = stands_active(answer.stream);
  if (answer.since) {
    const bool below = stream.watermark && *answer.since <= *stream.watermark - kOverlapMs;
    if (!below) {
      problems_.push_back(answer.stream + ": at " + time_text(answer.served) + " changes since " +
                          time_text(*answer.since) +
                          " are asked for, above what was seen less the overlap (I4, I8)");
    }
  }
  stream.met.clear();
  stream.cursors_given.clear();
  stream.pages.clear();
  stream.cursors_done.clear();
  stream.newest.reset();
  stream.open = stream.excused = false;
  stream.sweep = !answer.since;
  stream.clean = true;
  stream.odd = false;
  ++stream.walks;
}

bool Observer::stands_active(const std::string& name) const {
  for (const json& row : checker::query_state(
           database_, "SELECT trigger || ' ' || item AS name, state FROM streams")) {
    if (row.at("name") == name) return row.at("state") == "active";
  }
  return false;
}

void Observer::go_on(StreamLog& stream, const Answer& answer) {
  stream.pending_end.reset();  // it did not end there
  if (!stream.cursors_given.contains(answer.cursor)) {
    problems_.push_back(answer.stream + ": at " + time_text(answer.served) + " the cursor " +
                        answer.cursor + " is asked for, which this walk was not given (I4)");
  }
  if (stream.cursors_done.contains(answer.cursor)) {
    problems_.push_back(answer.stream + ": at " + time_text(answer.served) + " the cursor " +
                        answer.cursor + " is followed again (I15)");
  }
}

void Observer::poll_left(SteadyTime now) {
  while (!polls_.empty() && polls_.front() <= now - kBurstTime) polls_.pop_front();
  polls_.push_back(now);
  if (polls_.size() > kBurst) problems_.push_back("more requests than the app allows (I15)");
  if (wait_until_ && now < *wait_until_) {
    problems_.push_back("a request leaves " + std::to_string((*wait_until_ - now).count()) +
                        " ms before a stated wait is over (I15)");
    wait_until_.reset();
  }
}

void Observer::told_to_wait(Millis wait, SteadyTime now) {
  wait_until_ = std::max(wait_until_.value_or(now), now + wait);
  wait_noted_ = now;
}

void Observer::taken(const Answer& answer, std::int64_t wall, int rule, bool certain) {
  StreamLog& stream = streams_[answer.stream];
  if (answer.outdated) return;
  if (!answer.understood) {
    stream.clean = false;
    stream.excused = true;
    return;
  }
  Learnt learnt;
  learnt.at = answer.served;
  learnt.wall = wall;
  learnt.certain = certain;
  learnt.rule = rule;
  learnt.server = answer.server;
  learnt.shown = answer.shown;
  if (answer.asked.empty()) {
    take_page(stream, answer, std::move(learnt));
  } else {
    learnt.kind = Learnt::Kind::direct_read;
    learnt.key = answer.asked;
    stream.learnt.push_back(std::move(learnt));
  }
}

void Observer::take_page(StreamLog& stream, const Answer& answer, Learnt learnt) {
  if (!stream.t0 && answer.server) {
    stream.t0_candidates.insert(*answer.server);
    stream.t0 = answer.server;
  }
  learnt.baseline = !stream.active;
  learnt.t0 = stream.t0;
  for (const auto& [key, record] : learnt.shown) {
    stream.met.insert(key);
    if (!record.contains("updated")) continue;
    std::int64_t stamp = epoch_ms(*parse_iso8601(record.at("updated").get<std::string>()));
    if (answer.server) stamp = std::min(stamp, *answer.server);
    stream.newest = std::max(stream.newest.value_or(stamp), stamp);
  }
  if (answer.odd) stream.odd = true;
  if (answer.bad_cursor) stream.excused = true;
  stream.cursors_done.insert(answer.cursor);
  if (!answer.next.empty()) stream.cursors_given.insert(answer.next);
  stream.open = !answer.next.empty() && !answer.may_end;
  Learnt end = learnt;
  stream.learnt.push_back(std::move(learnt));
  // A page that repeats one before leads in a circle, and is no end.
  std::string page;
  for (const auto& [key, record] : answer.shown) page += record.dump();
  if (!page.empty() && !stream.pages.insert(std::move(page)).second) {
    stream.excused = true;
    return;
  }
  if (!answer.may_end) return;
  end.kind = Learnt::Kind::sweep_end;
  end.shown.clear();
  end.met = stream.met;
  end.odd = stream.odd;
  stream.pending_end = stream.learnt.size();
  stream.pending_clean = stream.clean;
  stream.learnt.push_back(std::move(end));
}

void Observer::excuse() {
  wait_until_.reset();
  for (auto& [name, stream] : streams_) stream.excused = true;
}

void Observer::begin_anew(StreamLog& stream, std::int64_t at) {
  settle_end(stream);
  Learnt learnt;
  learnt.kind = Learnt::Kind::forgotten;
  learnt.at = learnt.wall = at;
  stream.learnt.push_back(std::move(learnt));
  stream.active = stream.open = stream.clean = false;
  stream.excused = true;
  stream.t0.reset();
  stream.t0_candidates.clear();
  stream.watermark.reset();
  stream.newest.reset();
}

void Observer::look_for_new_beginnings(const std::string& database, std::int64_t at) {
  came_back_.clear();
  for (const json& row : checker::query_state(
           database, "SELECT trigger, trigger || ' ' || item AS name, generation FROM streams")) {
    const std::string name = row.at("name").get<std::string>();
    const auto generation = row.at("generation").get<std::int64_t>();
    const auto [known, added] = generations_.emplace(name, generation);
    if (generation == known->second) continue;
    known->second = generation;
    // Without being asked for, it is a loss, and the rest of the checks will say so. But the stream
    // of a member that was away begins anew with it.
    if (row.at("trigger") == "cards") came_back_.insert(name);
    if (row.at("trigger") != asked_anew_) continue;
    begin_anew(streams_[name], at);
    stored_watermarks_.erase(name);
  }
}

void Observer::begin_quiet() {
  for (auto& [name, stream] : streams_) stream.sweeps = stream.walks = 0;
}

void Observer::end() {
  for (auto& [name, stream] : streams_) settle_end(stream);
}

void Observer::restarted(const std::string& database, std::int64_t at, SteadyTime died) {
  const std::optional<SteadyTime> noted_wait = wait_until_;
  const SteadyTime noted_at = wait_noted_;
  interrupted(database, at);
  // A walk that is resumed shows no removals.
  for (auto& [name, stream] : streams_) {
    stream.clean = false;
    stream.cursors_done.clear();
  }
  polls_.clear();
  // A wait that the app stated is on the disk soon, and holds for the next life.
  if (noted_wait && died - noted_at >= kSavedWithin) wait_until_ = noted_wait;
}

void Observer::disk_full(const std::string& database, std::int64_t at) {
  const std::optional<SteadyTime> wait = wait_until_;
  interrupted(database, at);
  // A walk goes on behind what was written last.
  for (auto& [name, stream] : streams_) stream.cursors_done.clear();
  wait_until_ = wait;
}

void Observer::interrupted(const std::string& database, std::int64_t at) {
  excuse();
  for (auto& [name, stream] : streams_) {
    // Nobody saw whether the walk would have gone on.
    if (stream.pending_end) stream.learnt[*stream.pending_end].certain = false;
    settle_end(stream);
  }
  look_for_new_beginnings(database, at);
  database_ = database;
  for (const json& row : checker::query_state(
           database, "SELECT trigger || ' ' || item AS name, state, t0, watermark FROM streams")) {
    const std::string name = row.at("name").get<std::string>();
    StreamLog& stream = streams_[name];
    const bool active = row.at("state") == "active";
    if (stream.active && !active && !came_back_.contains(name)) {
      problems_.push_back(name + ": it has fallen back to its baseline (P10, P13)");
    }
    stream.active = active;
    stream.unsure = !active;
    stream.t0.reset();
    if (row.at("t0").is_number()) stream.t0 = row.at("t0").get<std::int64_t>();
    if (stream.t0 && !stream.t0_candidates.contains(*stream.t0)) {
      problems_.push_back(name + ": its T0 " + time_text(*stream.t0) +
                          " was the time of no answer (I7)");
    }
    check_watermark(name, row);
  }
}

void Observer::check_watermark(const std::string& name, const json& row) {
  if (!row.at("watermark").is_number()) {
    if (stored_watermarks_.contains(name)) {
      problems_.push_back(name + ": its watermark is gone (I8)");
    }
    return;
  }
  const auto watermark = row.at("watermark").get<std::int64_t>();
  const auto [before, added] = stored_watermarks_.emplace(name, watermark);
  if (!added && watermark < before->second) {
    problems_.push_back(name + ": its watermark fell (I8)");
  }
  before->second = watermark;
}

}  // namespace triggerd::simulation
