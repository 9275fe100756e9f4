// One record of a trigger with every verdict on it, as JSON: what `triggerd why` tells.
#include "store/connection.h"
#include "triggerd/detect/detect.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

using nlohmann::json;

json time_text(const std::optional<WallTime>& at) {
  return at ? json(to_iso8601(*at)) : json(nullptr);
}

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

struct RecordPlace {
  std::int64_t stream = 0;
  std::string account, item;
};

std::vector<RecordPlace> places_of(Database& database, const std::string& trigger,
                                   const std::string& key, std::int64_t most) {
  std::vector<RecordPlace> places;
  Query query(database,
              "SELECT s.id, s.account, s.item FROM streams s WHERE s.trigger = ?1 AND (EXISTS "
              "(SELECT 1 FROM seen k WHERE k.stream_id = s.id AND k.key = ?2) OR EXISTS "
              "(SELECT 1 FROM detections d WHERE d.stream_id = s.id AND d.key = ?2)) "
              "ORDER BY s.account, s.item LIMIT ?3",
              trigger, key, most);
  while (query.next()) places.push_back({query.number(0), query.text(1), query.text(2)});
  return places;
}

json known_of(Database& database, const RecordPlace& place, const std::string& key) {
  Query query(database,
              "SELECT n, first_seen, updated_at, created_at, missing, gone FROM seen "
              "WHERE stream_id = ? AND key = ?",
              place.stream, key);
  if (!query.next()) return nullptr;
  return {{"n", query.number(0)},
          {"first_seen", time_text(query.time(1))},
          {"updated_at", time_text(query.time(2))},
          {"created_at", time_text(query.time(3))},
          {"missing_sweeps", query.number(4)},
          {"gone", time_text(query.time(5))}};
}

json steps_of(Database& database, std::int64_t run) {
  json steps = json::array();
  Query query(database,
              "SELECT p.step_id, p.each_value, p.state, p.attempts, p.error, p.unsure, "
              "a.outcome, a.status, a.ended_at FROM steps p LEFT JOIN attempts a "
              "ON a.run = p.run AND a.key = p.key AND a.number = p.attempts "
              "WHERE p.run = ? ORDER BY p.position, p.each_index LIMIT 1000",
              run);
  while (query.next()) {
    steps.push_back({{"step", query.text(0)},
                     {"each", parse_json(query.text(1)).value_or(json(nullptr))},
                     {"state", query.text(2)},
                     {"attempts", query.number(3)},
                     {"error", text_or_null(query.text(4))},
                     {"unsure_since", time_text(query.time(5))},
                     {"outcome", text_or_null(query.text(6))},
                     {"status", query.number(7)},
                     {"ended_at", time_text(query.time(8))}});
  }
  return steps;
}

json fields_changed(const std::string& object) {
  json fields = json::array();
  const Result<json, JsonProblem> event = parse_json(object);
  const json* changes = event ? find_at(*event, "/changes") : nullptr;
  if (changes == nullptr) return fields;
  for (const json& change : *changes) fields.push_back(change.value("field", ""));
  return fields;
}

json event_of(Database& database, std::int64_t event) {
  json shown;
  {
    Query query(database,
                "SELECT e.event_id, r.state, r.reason, r.next_at, r.finished_at, e.object "
                "FROM events e JOIN runs r ON r.id = e.id WHERE e.id = ?",
                event);
    if (!query.next()) return nullptr;
    shown = {{"event_id", query.text(0)},
             {"state", query.text(1)},
             {"reason", text_or_null(query.text(2))},
             {"next_try", time_text(query.time(3))},
             {"finished_at", time_text(query.time(4))},
             {"changed", fields_changed(query.text(5))}};
  }
  shown["steps"] = steps_of(database, event);
  return shown;
}

// The latest verdicts, the oldest of them first.
json verdicts_of(Database& database, const RecordPlace& place, const std::string& key,
                 std::int64_t most) {
  json verdicts = json::array();
  std::vector<std::optional<std::int64_t>> events;
  {
    Query query(database,
                "SELECT n, kind, verdict, reason, detected_at, event FROM (SELECT * FROM "
                "detections WHERE stream_id = ? AND key = ? ORDER BY n DESC LIMIT ?) ORDER BY n",
                place.stream, key, most);
    while (query.next()) {
      verdicts.push_back({{"n", query.number(0)},
                          {"kind", query.text(1)},
                          {"verdict", query.text(2)},
                          {"reason", text_or_null(query.text(3))},
                          {"at", time_text(query.time(4))}});
      events.push_back(query.maybe_number(5));
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i]) verdicts[i]["event"] = event_of(database, *events[i]);
  }
  return verdicts;
}

}  // namespace

json describe_record(Database& database, const std::string& trigger, const std::string& key) {
  constexpr std::int64_t kStreamsShown = 20;
  json streams = json::array();
  for (const RecordPlace& place : places_of(database, trigger, key, kStreamsShown)) {
    streams.push_back({{"account", place.account},
                       {"item", parse_json(place.item).value_or(json(nullptr))},
                       {"known", known_of(database, place, key)},
                       {"verdicts", verdicts_of(database, place, key, kVerdictsPerRecordMax)}});
  }
  return {{"trigger", trigger}, {"key", key}, {"streams", std::move(streams)}};
}

}  // namespace triggerd
