#include "triggerd/yaml/problem.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <tuple>

#include "yaml/source_text.h"

namespace triggerd {
namespace {

constexpr std::size_t kShownCharsMax =
    120;  // of a source line, so that one of a megabyte stays readable
constexpr std::size_t kNameBytesMax =
    100;  // longer names are no typing errors; bounds the table below

struct ShownLine {
  std::string text;
  std::size_t caret = 0;  // characters in front of it
};

// A window around the column when the line is long.
ShownLine show_line(std::string_view line, int column) {
  std::size_t skip_chars = 0;
  const auto wanted = static_cast<std::size_t>(std::max(column, 1) - 1);
  if (wanted + 20 > kShownCharsMax) skip_chars = wanted - kShownCharsMax / 2;
  std::size_t at = 0;
  for (std::size_t i = 0; i < skip_chars && at < line.size(); ++i) {
    at += source_char(line, at).bytes;
  }
  const std::size_t start = at;
  for (std::size_t i = 0; i < kShownCharsMax && at < line.size(); ++i) {
    at += source_char(line, at).bytes;
  }
  ShownLine shown;
  shown.text = (start > 0 ? "..." : "") + printable(line.substr(start, at - start)) +
               (at < line.size() ? "..." : "");
  shown.caret = wanted - skip_chars + (start > 0 ? 3 : 0);
  return shown;
}

char folded(char c) {
  if (c == '-') return '_';
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Edit distance with transpositions ("wacth"); capitals and `-` for `_` cost nothing, since people
// mix them up without a slip of the finger.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) table[i * width] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      std::size_t best = std::min(table[(i - 1) * width + j], table[i * width + j - 1]) + 1;
      best = std::min(best, table[(i - 1) * width + j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
          folded(a[i - 2]) == folded(b[j - 1])) {
        best = std::min(best, table[(i - 2) * width + j - 2] + 1);
      }
      table[i * width + j] = best;
    }
  }
  return table.back();
}

}  // namespace

std::string render_problem(const Problem& problem, std::string_view text) {
  std::string shown = printable(problem.file);
  if (problem.place.line > 0) {
    shown += ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
  }
  shown += problem.warning ? ": warning: " : ": error: ";
  shown += printable(problem.what) + "\n";
  if (problem.place.line > 0) {
    const std::string_view line = source_line(text, problem.place.line);
    const ShownLine window = show_line(line, problem.place.column);
    char number[16];
    std::snprintf(number, sizeof number, "%5d", problem.place.line);
    shown += std::string(number) + " | " + window.text + "\n";
    shown += "      | " + std::string(window.caret, ' ') + "^\n";
  }
  if (!problem.hint.empty()) shown += "      hint: " + printable(problem.hint) + "\n";
  return shown;
}

void sort_problems(std::vector<Problem>& problems) {
  const auto order = [](const Problem& p) {
    return std::tie(p.file, p.place.line, p.place.column, p.what, p.hint, p.warning);
  };
  std::sort(problems.begin(), problems.end(),
            [&](const Problem& a, const Problem& b) { return order(a) < order(b); });
  problems.erase(
      std::unique(problems.begin(), problems.end(),
                  [&](const Problem& a, const Problem& b) { return order(a) == order(b); }),
      problems.end());
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > kNameBytesMax) return {};
  const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
  std::string nearest;
  std::size_t nearest_distance = allowed + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > name.size() + allowed) continue;
    const std::size_t distance = edit_distance(name, candidate);
    // A name whose every letter differs is no guess, however short it is.
    if (distance < nearest_distance && distance < std::max(name.size(), candidate.size())) {
      nearest_distance = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace triggerd
