#include "checker/crash_image.h"

#include <sqlite3.h>

#include <map>
#include <nlohmann/json.hpp>

#include "checker/database_rules.h"
#include "checker/state_reader.h"

namespace triggerd::checker {

namespace {

// Whether there are tables yet: the very first transaction may be what the crash undid. Reading in
// a connection that may write recovers the write-ahead log.
std::string recover(const std::string& database, bool& begun) {
  sqlite3* opened = nullptr;
  std::string problem;
  if (sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
    problem = sqlite3_errmsg(opened);
  }
  const auto version = [](void* into, int, char** values, char**) {
    *static_cast<bool*>(into) = values[0] != nullptr && values[0][0] != '0';
    return 0;
  };
  if (problem.empty() &&
      sqlite3_exec(opened, "PRAGMA user_version", version, &begun, nullptr) != SQLITE_OK) {
    problem = sqlite3_errmsg(opened);
  }
  sqlite3_close_v2(opened);
  return problem;
}

}  // namespace

std::vector<std::string> check_crash_image(const std::string& database,
                                           const std::vector<Arrival>& arrivals,
                                           std::size_t count) {
  bool begun = false;
  const std::string unusable = recover(database, begun);
  if (!unusable.empty()) return {"no database: " + unusable + " (I1)"};
  if (!begun) {
    if (count == 0) return {};
    return {"nothing, though something was sent (P13)"};
  }
  std::vector<std::string> problems = check_database(database);
  std::map<std::string, std::int64_t> recorded;
  for (const nlohmann::json& row : query_state(database, "SELECT key, attempts FROM steps")) {
    recorded[row.at("key").get<std::string>()] = row.at("attempts").get<std::int64_t>();
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Arrival& arrival = arrivals[i];
    const auto found = recorded.find(arrival.key);
    if (found == recorded.end() || found->second < arrival.attempt) {
      problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                         " has left and is not recorded (I13)");
    }
  }
  return problems;
}

}  // namespace triggerd::checker
