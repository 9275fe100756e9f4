#include "end_to_end/comparison.h"

#include <set>

#include "checker/replay.h"
#include "checker/state_reader.h"
#include "end_to_end/shown_streams.h"

namespace triggerd::end_to_end {

using namespace checker;

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

}  // namespace triggerd::end_to_end
