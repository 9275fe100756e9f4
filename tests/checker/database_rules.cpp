#include "checker/database_rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checker/state_reader.h"

namespace triggerd::checker {

using nlohmann::json;

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
  for (const json& row :
       query_state(database,
                   "SELECT a.key, a.number FROM attempts a JOIN attempts s ON s.run = a.run AND "
                   "s.key = a.key "
                   "AND s.number < a.number AND s.outcome IN ('succeeded', 'dead') LIMIT 20")) {
    problems.push_back(row.at("key").get<std::string>() + ": attempt " + row.at("number").dump() +
                       " has no cause (I14)");
  }
  return problems;
}

std::string joined(const std::vector<std::string>& lines, std::size_t most) {
  std::string text = std::to_string(lines.size()) + " problems";
  for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) text += "\n  " + lines[i];
  return text;
}

}  // namespace triggerd::checker
