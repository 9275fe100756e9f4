// The schema as users see it in the sqlite3 shell: a comment on everything, views that are kept
// stable.
#include <doctest/doctest.h>

#include <map>
#include <sstream>

#include "rows.h"

namespace triggerd {
namespace {

using Names = std::vector<std::string>;

const std::map<std::string, Names>& documented_views() {
  static const std::map<std::string, Names> views = {
      {"status",
       {"trigger", "account", "item", "state", "health", "last_poll", "last_success", "next_poll",
        "lag_seconds", "polls", "records", "new", "changed", "removed", "events", "failures",
        "last_error", "paused", "held"}},
      {"recent_events",
       {"rowid", "event_id", "trigger", "account", "item", "kind", "key", "n", "detected_at",
        "state", "reason"}},
      {"pending_runs",
       {"event_id", "trigger", "account", "item", "kind", "key", "n", "state", "step", "attempts",
        "error", "next_try", "detected_at"}},
      {"dead_letters",
       {"event_id", "trigger", "account", "item", "kind", "key", "n", "step", "attempts", "error",
        "died_at"}},
      {"held",
       {"event_id", "trigger", "account", "item", "kind", "key", "n", "reason", "detected_at"}},
      {"budget",
       {"account", "day_start", "day_used", "day_remaining", "blocked_until", "blocked_reason",
        "window_start", "window_used", "suspended", "suspended_at"}},
      {"why",
       {"trigger", "account", "item", "key", "n", "kind", "verdict", "reason", "at", "event_id",
        "run"}},
      {"gaps",
       {"trigger", "account", "item", "reason", "since", "until", "times", "first_at", "last_at"}},
      {"cursors",
       {"trigger", "account", "item", "state", "generation", "watermark", "overlap_seconds",
        "window_end", "last_walk", "last_sweep", "walk", "walk_started", "walk_pages"}},
      {"links", {"name", "left_id", "right_id", "made_at"}},
  };
  return views;
}

// Lines of the SQL text behind the one that opens it.
std::vector<std::string> body_lines(const std::string& sql) {
  std::vector<std::string> lines;
  std::istringstream text(sql);
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) lines.push_back(line);
  return lines;
}

bool is_comment(const std::string& line) {
  const auto first = line.find_first_not_of(' ');
  return first != std::string::npos && line.compare(first, 3, "-- ") == 0;
}

TEST_CASE("every table says what it is, and every column what it holds") {
  ScratchDatabase scratch;
  Query tables(*scratch, "SELECT name, sql FROM sqlite_schema WHERE type = 'table'");
  int count = 0;
  while (tables.next()) {
    ++count;
    const std::string table = tables.text(0);
    CAPTURE(table);
    const std::vector<std::string> lines = body_lines(tables.text(1));
    REQUIRE(!lines.empty());
    CHECK(is_comment(lines.front()));
    Query columns(*scratch, "SELECT name FROM pragma_table_info(?)", table);
    while (columns.next()) {
      const std::string column = columns.text(0);
      CAPTURE(column);
      bool commented = false;
      for (const std::string& line : lines) {
        const bool its_line = line.rfind("  " + column + " ", 0) == 0;
        const std::size_t added = line.find(", " + column + " ");  // by a later migration
        commented = commented || (its_line && line.find(" -- ") != std::string::npos) ||
                    (added != std::string::npos && line.find(" /* ", added) != std::string::npos);
      }
      CHECK(commented);
    }
  }
  CHECK(count >= 14);
}

TEST_CASE("every view says what it shows") {
  ScratchDatabase scratch;
  Query views(*scratch, "SELECT name, sql FROM sqlite_schema WHERE type = 'view'");
  std::size_t count = 0;
  while (views.next()) {
    ++count;
    CAPTURE(views.text(0));
    CHECK(is_comment(body_lines(views.text(1)).front()));
    CHECK(documented_views().contains(views.text(0)));
  }
  CHECK(count == documented_views().size());
}

TEST_CASE("tables are strict") {
  ScratchDatabase scratch;
  CHECK(number(*scratch,
               "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' "
               "AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'") == 0);
}

TEST_CASE("every documented view has its columns in their order, with and without a trigger") {
  ScratchDatabase scratch;
  for (const auto& [view, columns] : documented_views()) {
    CAPTURE(view);
    CHECK(list_view(*scratch, view, "", 10).columns == columns);
    CHECK(list_view(*scratch, view, "leads", 10).rows.empty());
  }
}

TEST_CASE("the page about the schema names every view and table") {
  ScratchDatabase scratch;
  std::string page;
  {
    std::FILE* file = std::fopen(TRIGGERD_SOURCE "/schema/README.md", "r");
    REQUIRE(file != nullptr);
    char part[4096];
    while (const std::size_t count = std::fread(part, 1, sizeof part, file))
      page.append(part, count);
    std::fclose(file);
  }
  Query names(*scratch,
              "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
              "AND name NOT LIKE 'sqlite_%'");
  while (names.next()) {
    CAPTURE(names.text(0));
    CHECK(page.find("`" + names.text(0) + "`") != std::string::npos);
  }
  for (const auto& [view, columns] : documented_views()) {
    for (const std::string& column : columns) {
      CAPTURE(view);
      CAPTURE(column);
      CHECK(page.find("`" + column + "`") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace triggerd
