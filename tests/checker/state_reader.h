// Reads triggerd's database as its users may: with SQL, read-only, also while the daemon runs or
// after it was killed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace triggerd::checker {

// Each row an object by column name: numbers, texts and null. Empty while there is no database yet.
// Throws std::runtime_error when the statement fails.
std::vector<nlohmann::json> query_state(const std::string& database, const std::string& sql);
// The first column of the first row as a number; 0 without a row.
std::int64_t query_number(const std::string& database, const std::string& sql);
std::string query_text(const std::string& database, const std::string& sql);

}  // namespace triggerd::checker
