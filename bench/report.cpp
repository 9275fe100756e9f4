#include "report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace triggerd::bench {

namespace {

template <typename... Values>
std::string format(const char* how, Values... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), how, values...);
  return text.data();
}

std::string text_of(const Spread& spread) {
  if (spread.low == spread.high) return format("%.1f", spread.median);
  return format("%.1f (%.1f-%.1f)", spread.median, spread.low, spread.high);
}

nlohmann::json json_of(const Spread& spread) {
  return {{"median", spread.median}, {"low", spread.low}, {"high", spread.high}};
}

}  // namespace

Spread spread_of(std::vector<double> rounds) {
  if (rounds.empty()) return {};
  std::sort(rounds.begin(), rounds.end());
  return {rounds[rounds.size() / 2], rounds.front(), rounds.back()};
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(std::ceil(place))];
}

std::string to_table(const std::vector<Figure>& figures) {
  std::string text = "| figure | triggerd | floor | ratio | goal | |\n|---|---|---|---|---|---|\n";
  for (const Figure& figure : figures) {
    text += "| " + figure.name + " | " + text_of(figure.value) + " " + figure.unit + " | ";
    text += figure.floor ? text_of(*figure.floor) : "";
    text += " | " + (figure.floor ? format("%.2f", figure.ratio()) : "") + " | ";
    if (figure.goal) text += format(figure.floor ? "<= %g x" : "<= %g", *figure.goal);
    text += figure.goal ? (figure.met() ? " | met |\n" : " | NOT MET |\n") : " | |\n";
  }
  return text;
}

nlohmann::json to_json(const std::vector<Figure>& figures) {
  nlohmann::json all = nlohmann::json::array();
  for (const Figure& figure : figures) {
    nlohmann::json one{{"name", figure.name}, {"unit", figure.unit}};
    one["value"] = json_of(figure.value);
    if (figure.floor) {
      one["floor"] = json_of(*figure.floor);
      one["ratio"] = figure.ratio();
    }
    if (figure.goal) {
      one["goal"] = *figure.goal;
      one["met"] = figure.met();
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace triggerd::bench
