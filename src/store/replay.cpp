#include "triggerd/store/replay.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/connection.h"
#include "store/run_order.h"
#include "store/step_rows.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr std::size_t kIdLetters = 26;

struct Finished {
  std::int64_t id = 0, stream = 0, n = 0;
  std::string event_id, key, kind, object;
};

// Other than any id before, also of a replay that a restored backup does not know of.
std::string replay_id(Database& database, const Finished& event, std::int64_t row, WallTime now) {
  const std::string text = database.instance() + "\n" + std::to_string(database.epoch()) + "\n" +
                           event.event_id + "\n" + std::to_string(row) + "\n" +
                           std::to_string(epoch_ms(now));
  return "evt_" + to_base32(sha256(text)).substr(0, kIdLetters);
}

void add_replay(Database& database, const ReplayWish& wish, const Finished& event,
                nlohmann::json object, WallTime now) {
  std::int64_t row = 0;
  {
    Query last(database, "SELECT max(id) FROM events");
    if (last.next()) row = last.number(0) + 1;
  }
  const std::string id = replay_id(database, event, row, now);
  nlohmann::json& about = object["event"];
  about["id"] = id;
  about["replay_of"] = event.event_id;
  Query(database,
        "INSERT INTO events (id, event_id, stream_id, key, n, kind, detected_at, object) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        row, id, event.stream, event.key, event.n, event.kind, now, compact_json(object))
      .run();
  Query(database,
        "INSERT INTO runs (id, stream_id, key, state, reason, steps_hash, ordered, next_at) "
        "VALUES (?, ?, ?, 'waiting', ?, ?, ?, NULL)",
        row, event.stream, event.key, "replay of " + event.event_id, wish.steps_hash, wish.ordered)
      .run();
  for (std::size_t position = 0; position < wish.step_ids.size(); ++position) {
    StepRow step;
    step.position = static_cast<int>(position);
    step.step_id = wish.step_ids[position];
    step.key = step_key(id, step.step_id, 0);
    insert_step(database, row, step);
  }
}

std::vector<Finished> finished_events(Database& database, const ReplayWish& wish,
                                      std::int64_t up_to) {
  std::vector<Finished> found;
  Query query(database,
              "SELECT e.id, e.stream_id, e.n, e.event_id, e.key, e.kind, e.object FROM events e "
              "JOIN runs r ON r.id = e.id JOIN streams s ON s.id = e.stream_id "
              "WHERE e.id > ?1 AND e.id <= ?2 AND r.state = 'done' AND s.trigger = ?3 "
              "AND (?4 = '' OR e.event_id = ?4) AND e.detected_at >= ?5 ORDER BY e.id LIMIT ?6",
              wish.after, up_to, wish.trigger, wish.event_id, wish.since.value_or(wall_from_ms(0)),
              kReplayRunsMax);
  while (query.next()) {
    found.push_back({query.number(0), query.number(1), query.number(2), query.text(3),
                     query.text(4), query.text(5), query.text(6)});
  }
  return found;
}

}  // namespace

ReplayDone replay_events(Database& database, const ReplayWish& wish, WallTime now) {
  ReplayDone done;
  done.until = wish.until;
  if (done.until == 0) {
    Query newest(database, "SELECT max(id) FROM events");
    if (newest.next()) done.until = newest.number(0);
  }
  // One that is named is found wherever it is.
  const std::int64_t up_to =
      wish.event_id.empty() ? std::min(done.until, wish.after + kReplayLookedAtMax) : done.until;
  const std::vector<Finished> found = finished_events(database, wish, up_to);
  for (const Finished& event : found) {
    auto object = parse_json(event.object);
    if (!object || !object->is_object()) {
      ++done.without_body;
      continue;
    }
    const auto about = object->find("event");
    const bool is_replay = about != object->end() && about->contains("replay_of");
    // All of a trigger are its own events; a repetition of one is not repeated with it.
    if (is_replay && wish.event_id.empty()) continue;
    add_replay(database, wish, event, *std::move(object), now);
    ++done.runs;
  }
  const bool cut = static_cast<std::int64_t>(found.size()) == kReplayRunsMax;
  done.after = cut ? found.back().id : up_to;
  done.more = done.after < done.until;
  if (done.runs > 0) start_next_of_all(database, now);
  return done;
}

std::optional<EventState> event_state(Database& database, const std::string& event_id) {
  Query query(database,
              "SELECT s.trigger, r.state FROM events e JOIN runs r ON r.id = e.id "
              "JOIN streams s ON s.id = e.stream_id WHERE e.event_id = ?",
              event_id);
  if (!query.next()) return std::nullopt;
  return EventState{query.text(0), query.text(1)};
}

}  // namespace triggerd
