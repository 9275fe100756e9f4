// Rows as a table for the terminal, or as JSON. Colour only on a terminal and without NO_COLOR.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "triggerd/store/listings.h"

namespace triggerd {

bool colour_wanted();  // of stdout
std::string coloured(const std::string& text, int code);

// Columns of equal width; cells longer than 60 characters are cut; control characters are shown as
// '?'. `columns` chooses and orders; empty: all of the listing.
std::string table_text(const Listing& listing, const std::vector<std::string>& columns);
// A row as --json shows it: what is stored as JSON text (fan-out values) becomes JSON.
nlohmann::json row_json(const nlohmann::json& row);
// The text of one column; empty when it is absent or null.
std::string cell_value(const nlohmann::json& row, const std::string& column);
void print_listing(const Listing& listing, const std::vector<std::string>& columns, bool json,
                   const std::string& when_empty);

// "... 1,644 more (--limit)", when a listing shows fewer rows than there are.
void print_left_out(std::int64_t all, std::int64_t shown);

// The rows of a view that has a column `trigger`: all with --json, else as many as --limit says.
struct ViewRows {
  std::string view, trigger;
  std::vector<std::string> columns;
  std::string when_empty;
  std::int64_t most_by_default = 0;
};
void print_rows(Database& database, const ViewRows& rows, const CommandOptions& options);

}  // namespace triggerd
