#include "cli/table_text.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr std::size_t kCellMax = 60;

// Characters, not bytes, so that names with accents keep the columns straight.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string cell_text(const nlohmann::json& row, const std::string& column) {
  const std::string text = cell_value(row, column);
  std::string shown;
  std::size_t letters = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool starts = (byte & 0xC0) != 0x80;
    if (starts && ++letters > kCellMax) return shown + "...";
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return shown;
}

}  // namespace

bool colour_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string coloured(const std::string& text, int code) {
  return colour_wanted() ? "\033[" + std::to_string(code) + "m" + text + "\033[0m" : text;
}

std::string table_text(const Listing& listing, const std::vector<std::string>& columns) {
  const std::vector<std::string>& shown = columns.empty() ? listing.columns : columns;
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> cells;
  for (const std::string& column : shown) widths.push_back(width_of(column));
  for (const nlohmann::json& row : listing.rows) {
    std::vector<std::string> line;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      line.push_back(cell_text(row, shown[i]));
      widths[i] = std::max(widths[i], width_of(line.back()));
    }
    cells.push_back(std::move(line));
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths[i] - width_of(line[i]) + 2, ' ');
    }
    text += '\n';
  };
  add_line(shown);
  for (const auto& line : cells) add_line(line);
  return text;
}

std::string cell_value(const nlohmann::json& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? "" : plain_text(*found);
}

nlohmann::json row_json(const nlohmann::json& row) {
  nlohmann::json shown = row;
  const auto item = shown.find("item");
  if (item == shown.end() || !item->is_string()) return shown;
  if (auto parsed = parse_json(item->get_ref<const std::string&>())) *item = *std::move(parsed);
  return shown;
}

void print_listing(const Listing& listing, const std::vector<std::string>& columns, bool json,
                   const std::string& when_empty) {
  if (json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const nlohmann::json& row : listing.rows) rows.push_back(row_json(row));
    std::cout << rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else if (listing.rows.empty()) {
    std::cout << when_empty << '\n';
  } else {
    std::cout << table_text(listing, columns);
  }
}

void print_left_out(std::int64_t all, std::int64_t shown) {
  if (all <= shown) return;
  std::string digits = std::to_string(all - shown);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  std::cout << "... " << digits << " more (--limit)\n";
}

void print_rows(Database& database, const ViewRows& rows, const CommandOptions& options) {
  const std::int64_t most = options.limit > 0 ? options.limit
                            : options.json    ? 0
                                              : rows.most_by_default;
  const Listing listing = list_view(database, rows.view, rows.trigger, most);
  print_listing(listing, rows.columns, options.json, rows.when_empty);
  if (options.json) return;
  print_left_out(count_view(database, rows.view, rows.trigger),
                 static_cast<std::int64_t>(listing.rows.size()));
}

}  // namespace triggerd
