// Problem: something wrong in a YAML file of the user (triggers.yaml, a connector), and how it is
// shown:
//   triggers.yaml:12:12: error: every: 30s is too short; an interval is 1m to 15m
//      12 |     every: 30s
//         |            ^
//         hint: write every: 1m
// Made by yaml/reader and the loaders, printed by cli/, compared as text in tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triggerd {

struct Place {
  int line = 0;    // from 1; 0 when the problem has no place
  int column = 0;  // from 1
  bool operator==(const Place&) const = default;
};

struct Problem {
  std::string file;  // as the user named it
  Place place;
  std::string what;  // one sentence, begins with the path of keys: "triggers.hot-leads.every: ..."
  std::string hint;  // the way out; may be empty ("did you mean `watch`?")
  bool warning = false;
};

// `text` is the file's text, from which the source line is shown.
std::string render_problem(const Problem& problem, std::string_view text);

// Ordered by file, line and column; equal ones once.
void sort_problems(std::vector<Problem>& problems);

// The candidate with the smallest edit distance, when it is near enough to be meant (at most a
// third of its length, at least 1); empty otherwise.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace triggerd
