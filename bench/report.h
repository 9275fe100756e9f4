// What the bench prints: one row a figure, as a table for people and as JSON. Used by figures.cpp
// and main.cpp; values only.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace triggerd::bench {

struct Spread {
  double median = 0, low = 0, high = 0;
};
Spread spread_of(std::vector<double> rounds);
double percentile(std::vector<double> values, double share);  // share 0.99: p99

struct Figure {
  std::string name, unit;
  Spread value;
  std::optional<Spread> floor;  // of the same run
  // The most that is aimed at: of the ratio to the floor where there is one, else of the value.
  std::optional<double> goal;

  double ratio() const { return floor ? value.median / floor->median : 0; }
  bool met() const { return !goal || (floor ? ratio() : value.median) <= *goal; }
};

std::string to_table(const std::vector<Figure>& figures);
nlohmann::json to_json(const std::vector<Figure>& figures);

}  // namespace triggerd::bench
