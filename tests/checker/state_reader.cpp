#include "checker/state_reader.h"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace triggerd::checker {

namespace {

using nlohmann::json;

constexpr int kBusyMs = 10'000;

struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

json value_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    default:
      return nullptr;
  }
}

// A name that is missing in a database that has tables is a mistake of the question.
bool is_empty(sqlite3* database) {
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v2(database, "SELECT 1 FROM sqlite_master LIMIT 1", -1, &made, nullptr);
  const std::unique_ptr<sqlite3_stmt, Closer> statement(made);
  return sqlite3_step(made) == SQLITE_DONE;
}

}  // namespace

std::vector<json> query_state(const std::string& path, const std::string& sql) {
  std::vector<json> rows;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, Closer> database(opened);
  if (code != SQLITE_OK) return rows;
  sqlite3_busy_timeout(opened, kBusyMs);
  // The file is there a moment before its tables are.
  sqlite3_stmt* made = nullptr;
  const int prepared = sqlite3_prepare_v2(opened, sql.c_str(), -1, &made, nullptr);
  const std::unique_ptr<sqlite3_stmt, Closer> statement(made);
  const std::string problem = sqlite3_errmsg(opened);
  if (prepared != SQLITE_OK && problem.starts_with("no such table") && is_empty(opened))
    return rows;
  if (prepared != SQLITE_OK) throw std::runtime_error(problem + " in " + sql);
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(made)) == SQLITE_ROW) {
    json row = json::object();
    for (int column = 0; column < sqlite3_column_count(made); ++column) {
      row[sqlite3_column_name(made, column)] = value_of(made, column);
    }
    rows.push_back(std::move(row));
  }
  if (step != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(opened) + (" in " + sql));
  return rows;
}

std::int64_t query_number(const std::string& database, const std::string& sql) {
  const auto rows = query_state(database, sql);
  if (rows.empty() || rows.front().empty()) return 0;
  const json& value = *rows.front().begin();
  return value.is_number() ? value.get<std::int64_t>() : 0;
}

std::string query_text(const std::string& database, const std::string& sql) {
  const auto rows = query_state(database, sql);
  if (rows.empty() || rows.front().empty()) return {};
  const json& value = *rows.front().begin();
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace triggerd::checker
