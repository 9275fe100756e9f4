#include "end_to_end/comparison.h"

#include <algorithm>
#include <set>

#include "end_to_end/replay.h"
#include "end_to_end/shown_streams.h"
#include "end_to_end/state_reader.h"

namespace triggerd::end_to_end {

namespace {

std::vector<StoredStream> stored_streams(const std::string& database) {
  std::vector<StoredStream> streams;
  for (const json& row : query_state(
           database,
           "SELECT s.id, s.trigger, s.item, s.ended_at, EXISTS (SELECT 1 FROM detections d "
           "WHERE d.stream_id = s.parent AND d.key = s.parent_key AND d.kind = 'new') AS by_event "
           "FROM streams s")) {
    streams.push_back({row.at("id").get<std::int64_t>(), row.at("trigger").get<std::string>(),
                       json::parse(row.at("item").get<std::string>()),
                       !row.at("ended_at").is_null(), row.at("by_event") == 1});
  }
  return streams;
}

// The id under which the truth log names the record.
std::string truth_id(const std::string& operation, const std::string& key) {
  if (operation != "list_calendar_resources") return key;
  return key.substr(key.find('/') + 1);
}

// Audio and texts are stored by their hash, which the log does not have.
std::string found_state(const std::string& operation, const json& object) {
  static const std::set<std::string> kOther = {"get_message_recording", "get_message_transcription",
                                               "download_transcription"};
  if (object.is_discarded() || kOther.contains(operation)) return {};
  const json& record = object.at("record");
  return state_of(operation == "get_free_slots" ? record.at("value") : record);
}

struct StoredDetections {
  std::map<std::string, std::vector<Found>> by_id;
};

std::map<std::int64_t, StoredDetections> stored_detections(
    const std::string& database, const std::map<std::int64_t, std::string>& operations) {
  std::map<std::int64_t, StoredDetections> found;
  const auto rows =
      query_state(database,
                  "SELECT d.stream_id, d.key, d.kind, e.object FROM detections d "
                  "LEFT JOIN events e ON e.id = d.event ORDER BY d.stream_id, d.key, d.n");
  for (const json& row : rows) {
    const auto stream = row.at("stream_id").get<std::int64_t>();
    const std::string& operation = operations.at(stream);
    Found one{row.at("kind").get<std::string>(), {}};
    if (one.kind != "removed" && row.at("object").is_string()) {
      one.state =
          found_state(operation, json::parse(row.at("object").get<std::string>(), nullptr, false));
    }
    const std::string id = truth_id(operation, row.at("key").get<std::string>());
    found[stream].by_id[id].push_back(std::move(one));
  }
  return found;
}

void compare_stream(Comparison& comparison, const StoredStream& stream,
                    std::map<std::string, RecordSights> sights, StoredDetections found,
                    const Lives& lives) {
  for (const auto& [id, detections] : found.by_id) sights.try_emplace(id);
  for (auto& [id, record] : sights) {
    std::vector<Found>& detections = found.by_id[id];
    for (Found& one : detections) {
      const auto same = record.same_as.find(one.state);
      if (same != record.same_as.end()) one.state = same->second;
    }
    ReplayRules rules;
    rules.keeps_tombstones = is_list(stream.operation);
    // A contact that left its business is still there when it is asked for.
    rules.must_remove = !stream.ended && (stream.operation != "get_contacts_by_business" ||
                                          lives.deleted.contains(id));
    const std::string problem = check_record(record.sights, detections, rules);
    ++comparison.records;
    if (problem.empty()) {
      comparison.confirmed[stream.operation] += static_cast<int>(detections.size());
    } else {
      comparison.problems.push_back(stream.operation + " " + stream.item.dump() + " record " + id +
                                    ": " + problem);
    }
  }
}

struct StoredStep {
  std::string event, run_state, step_state, stream_record;
  std::int64_t run = 0;
  std::int64_t attempts = 0;
  std::int64_t n = 0;
};

std::map<std::string, StoredStep> stored_steps(const std::string& database) {
  std::map<std::string, StoredStep> steps;
  for (const json& row : query_state(
           database,
           "SELECT p.key, e.event_id, r.state AS run_state, p.state AS step_state, p.attempts, "
           "e.n, e.stream_id || ' ' || e.key AS record FROM steps p JOIN runs r ON r.id = p.run "
           "JOIN events e ON e.id = r.id ORDER BY e.id")) {
    steps[row.at("key").get<std::string>()] = {row.at("event_id").get<std::string>(),
                                               row.at("run_state").get<std::string>(),
                                               row.at("step_state").get<std::string>(),
                                               row.at("record").get<std::string>(),
                                               0,
                                               row.at("attempts").get<std::int64_t>(),
                                               row.at("n").get<std::int64_t>()};
  }
  return steps;
}

struct Arrived {
  std::string body;
  std::set<std::int64_t> attempts;
  std::int64_t first_seq = 0, accepted_seq = 0, last_attempt = 0;
};

void take_arrival(std::vector<std::string>& problems, const Arrival& arrival, Arrived& so_far) {
  if (so_far.attempts.empty()) {
    so_far.body = arrival.body;
    so_far.first_seq = arrival.seq;
  }
  if (arrival.body != so_far.body) problems.push_back(arrival.key + ": another body (I10)");
  if (!so_far.attempts.insert(arrival.attempt).second) {
    problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                       " twice (I13)");
  }
  if (arrival.attempt < so_far.last_attempt) problems.push_back(arrival.key + ": attempts fall");
  so_far.last_attempt = std::max(so_far.last_attempt, arrival.attempt);
  if (arrival.accepted() && so_far.accepted_seq == 0) so_far.accepted_seq = arrival.seq;
}

// I12: of one record, n arrives before n+1 is tried.
void check_order(std::vector<std::string>& problems, const std::map<std::string, StoredStep>& steps,
                 const std::map<std::string, Arrived>& arrived) {
  std::map<std::string, std::map<std::int64_t, const Arrived*>> by_record;
  for (const auto& [key, step] : steps) {
    const auto found = arrived.find(key);
    if (found != arrived.end()) by_record[step.stream_record][step.n] = &found->second;
  }
  for (const auto& [record, runs] : by_record) {
    const Arrived* before = nullptr;
    for (const auto& [n, one] : runs) {
      if (before != nullptr && before->accepted_seq > one->first_seq) {
        problems.push_back(record + ": run " + std::to_string(n) + " began too early (I12)");
      }
      before = one;
    }
  }
}

}  // namespace

Comparison compare_detections(const Truth& truth, const std::string& database, const json& routes) {
  Comparison comparison;
  const std::vector<StoredStream> streams = stored_streams(database);
  std::map<std::int64_t, std::string> operations;
  for (const StoredStream& stream : streams) operations[stream.id] = stream.operation;
  Sorted sorted = sort_answers(truth, streams, routes);
  comparison.problems = std::move(sorted.problems);
  const Lives lives = lives_of(truth);
  auto found = stored_detections(database, operations);
  for (const StoredStream& stream : streams) {
    compare_stream(comparison, stream, sights_of(stream, sorted.by_stream[stream.id], lives),
                   std::move(found[stream.id]), lives);
  }
  return comparison;
}

std::vector<std::string> compare_deliveries(const Truth& truth, const std::string& database) {
  std::vector<std::string> problems;
  const std::map<std::string, StoredStep> steps = stored_steps(database);
  std::map<std::string, Arrived> arrived;
  for (const Arrival& arrival : truth.arrivals) {
    const auto step = steps.find(arrival.key);
    if (step == steps.end()) {
      problems.push_back(arrival.key + " arrived and is not known (I10)");
      continue;
    }
    if (arrival.attempt < 1 || arrival.attempt > step->second.attempts) {
      problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                         " is not recorded (I13)");
    }
    take_arrival(problems, arrival, arrived[arrival.key]);
  }
  for (const auto& [key, step] : steps) {
    if (step.run_state == "held" || step.run_state == "dead") continue;
    const auto found = arrived.find(key);
    if (step.run_state != "done" || found == arrived.end() || found->second.accepted_seq == 0) {
      problems.push_back(step.event + " did not arrive; its run is " + step.run_state + " (I11)");
    }
  }
  check_order(problems, steps, arrived);
  return problems;
}

std::vector<std::string> check_database(const std::string& database) {
  std::vector<std::string> problems;
  const std::string integrity = query_text(database, "PRAGMA integrity_check");
  if (integrity != "ok") problems.push_back("integrity_check: " + integrity + " (I1)");
  if (!query_state(database, "PRAGMA foreign_key_check").empty()) {
    problems.push_back("a foreign key points nowhere (I1)");
  }
  const auto none = [&](const char* what, const char* sql) {
    for (const json& row : query_state(database, sql)) {
      problems.push_back(std::string(what) + ": " + row.dump());
    }
  };
  none("a gap in a record's numbers (I2)",
       "SELECT stream_id, key, count(*) c, max(n) m FROM detections GROUP BY stream_id, key "
       "HAVING c <> m OR min(n) <> 1");
  none("a record whose number differs from its detections' (I2)",
       "SELECT s.stream_id, s.key, s.n FROM seen s WHERE s.n <> (SELECT count(*) FROM detections d "
       "WHERE d.stream_id = s.stream_id AND d.key = s.key)");
  none("a fired detection without an event (I9)",
       "SELECT stream_id, key, n FROM detections WHERE verdict = 'fired' AND event IS NULL");
  none("an event without a run (I9)",
       "SELECT e.event_id FROM events e LEFT JOIN runs r ON r.id = e.id WHERE r.id IS NULL");
  none("an event without steps (I9)",
       "SELECT e.event_id FROM events e LEFT JOIN steps p ON p.run = e.id WHERE p.run IS NULL");
  return problems;
}

std::string joined(const std::vector<std::string>& lines, std::size_t most) {
  std::string text = std::to_string(lines.size()) + " problems";
  for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) text += "\n  " + lines[i];
  return text;
}

}  // namespace triggerd::end_to_end
