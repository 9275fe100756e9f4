// One event with all that became of it, as JSON.
#include "store/connection.h"
#include "store/step_rows.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

using nlohmann::json;

json time_text(const std::optional<WallTime>& at) {
  return at ? json(to_iso8601(*at)) : json(nullptr);
}

// JSON as JSON, absent text as null.
json body(const std::string& text) {
  if (text.empty()) return nullptr;
  auto parsed = parse_json(text);
  return parsed ? *std::move(parsed) : json(text);
}

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json list_attempts(Database& database, std::int64_t run, const std::string& key) {
  json list = json::array();
  Query query(database,
              "SELECT number, started_at, ended_at, outcome, status, reason FROM attempts "
              "WHERE run = ? AND key = ? ORDER BY number",
              run, key);
  while (query.next()) {
    list.push_back({{"number", query.number(0)},
                    {"started_at", time_text(query.time(1))},
                    {"ended_at", time_text(query.time(2))},
                    {"outcome", text_or_null(query.text(3))},
                    {"status", query.number(4)},
                    {"reason", text_or_null(query.text(5))}});
  }
  return list;
}

json describe_step(Database& database, std::int64_t run, const StepRow& step) {
  return {{"step", step.step_id},
          {"each", body(step.each_value)},
          {"state", std::string(to_text(step.state))},
          {"key", step.key},
          {"request", body(step.request)},
          {"answer", body(step.answer)},
          {"error", text_or_null(step.error)},
          {"attempts", list_attempts(database, run, step.key)}};
}

}  // namespace

std::optional<json> describe_event(Database& database, const std::string& event_id) {
  json event;
  std::int64_t run = 0;
  {
    Query query(database,
                "SELECT e.id, e.event_id, s.trigger, s.account, s.item, e.kind, e.key, e.n, "
                "e.detected_at, r.state, r.reason, r.next_at, r.finished_at, e.object "
                "FROM events e JOIN runs r ON r.id = e.id JOIN streams s ON s.id = e.stream_id "
                "WHERE e.event_id = ?",
                event_id);
    if (!query.next()) return std::nullopt;
    run = query.number(0);
    event = {{"event_id", query.text(1)},
             {"trigger", query.text(2)},
             {"account", query.text(3)},
             {"item", body(query.text(4))},
             {"kind", query.text(5)},
             {"key", query.text(6)},
             {"n", query.number(7)},
             {"detected_at", time_text(query.time(8))},
             {"state", query.text(9)},
             {"reason", text_or_null(query.text(10))},
             {"next_try", time_text(query.time(11))},
             {"finished_at", time_text(query.time(12))},
             {"object", body(query.text(13))}};
  }
  json steps = json::array();
  for (const StepRow& step : read_steps(database, run)) {
    steps.push_back(describe_step(database, run, step));
  }
  event["steps"] = std::move(steps);
  return event;
}

}  // namespace triggerd
