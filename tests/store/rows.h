// What the tests of store/ have in common: a stream to work on, pages, and a look at single values.
#pragma once

#include <string>
#include <vector>

#include "fakes/scratch_database.h"
#include "store/connection.h"
#include "triggerd/store/listings.h"
#include "triggerd/store/outbox.h"
#include "triggerd/store/page_commit.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

// 2026-03-01T09:30:00Z and a while later.
inline WallTime at(std::int64_t seconds) {
  return wall_from_ms(1'772'357'400'000 + seconds * 1'000);
}

template <typename... Values>
std::int64_t number(Database& database, const char* sql, Values&&... values) {
  Query query(database, sql, std::forward<Values>(values)...);
  return query.next() ? query.number(0) : -1;
}

template <typename... Values>
std::string text(Database& database, const char* sql, Values&&... values) {
  Query query(database, sql, std::forward<Values>(values)...);
  return query.next() ? query.text(0) : "(no row)";
}

inline StreamRow add_active_stream(Database& database, const std::string& trigger = "leads",
                                   const std::string& item = "{}") {
  TriggerRow row;
  row.id = trigger;
  row.operation = "app.list";
  row.source_hash = "source";
  save_trigger(database, row, at(0));
  StreamRow stream;
  stream.trigger = trigger;
  stream.account = "dental";
  stream.item = item;
  stream.state = "active";
  add_stream(database, stream, at(0));
  return stream;
}

inline Seen seen_row(const std::string& key, std::int64_t n = 0) {
  Seen row;
  row.key = key;
  row.raw_hash = 0xFFFF'FFFF'FFFF'FFF0ULL;
  row.fingerprint = 7;
  row.rule = 0xFFFF'FFFFU;
  row.n = n;
  row.first_seen = at(0);
  row.remembered = R"({"name":"Ann"})";
  return row;
}

inline DetectionRow fired(const std::string& key, std::int64_t n = 1) {
  DetectionRow row;
  row.key = key;
  row.n = n;
  row.kind = n == 1 ? DetectionKind::created : DetectionKind::changed;
  row.fingerprint = 0x8000'0000'0000'0001ULL;
  row.event_id = "evt_" + key + "_" + std::to_string(n);
  row.object = R"({"record":{"id":")" + key + R"("}})";
  return row;
}

// A page of one walk; by default the only one, whose steps are `deal` and `hook`.
inline PageCommit page_of(StreamRow& stream, std::vector<DetectionRow> detections,
                          std::int64_t seconds = 0) {
  PageCommit page;
  page.stream = &stream;
  page.generation = stream.generation;
  page.detections = std::move(detections);
  page.steps_hash = "steps";
  page.step_ids = {"deal", "hook"};
  page.walk_over = true;
  page.now = at(seconds);
  return page;
}

inline std::vector<std::string> due_keys(Database& database, std::int64_t seconds) {
  std::vector<std::string> keys;
  for (const std::int64_t run : due_runs(database, at(seconds), {}, 1'000)) {
    const RunRow row = *read_run(database, run);
    keys.push_back(row.key + "/" + std::to_string(row.n));
  }
  return keys;
}

inline std::int64_t run_of(Database& database, const std::string& event_id) {
  return number(database, "SELECT id FROM events WHERE event_id = ?", event_id);
}

inline std::string state_of(Database& database, const std::string& event_id) {
  return text(database,
              "SELECT r.state FROM runs r JOIN events e ON e.id = r.id WHERE e.event_id = ?",
              event_id);
}

// Sends the step once with this end.
inline Attempt try_step(Database& database, std::int64_t run, std::size_t row,
                        const AttemptEnd& end, std::int64_t seconds) {
  const Attempt attempt = begin_attempt(database, run, read_run(database, run)->steps[row],
                                        R"({"url":"x"})", at(seconds));
  finish_attempt(database, attempt, end, at(seconds));
  return attempt;
}

inline AttemptEnd success() {
  AttemptEnd end;
  end.status = 200;
  end.answer = R"({"ok":true})";
  return end;
}

inline AttemptEnd death(const std::string& reason = "HTTP 422") {
  AttemptEnd end;
  end.kind = AttemptEnd::Kind::dead;
  end.status = 422;
  end.reason = reason;
  return end;
}

inline AttemptEnd retry_at(std::int64_t seconds) {
  AttemptEnd end;
  end.kind = AttemptEnd::Kind::retry;
  end.status = 503;
  end.reason = "HTTP 503";
  end.retry_at = at(seconds);
  return end;
}

inline void succeed_run(Database& database, const std::string& event_id, std::int64_t seconds) {
  const std::int64_t run = run_of(database, event_id);
  const std::size_t steps = read_run(database, run)->steps.size();
  for (std::size_t step = 0; step < steps; ++step)
    try_step(database, run, step, success(), seconds);
  finish_run(database, run, at(seconds));
}

}  // namespace triggerd
