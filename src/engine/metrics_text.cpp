#include "engine/metrics_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace triggerd {

namespace {

// Label values come from names in the configuration, which may hold anything.
void append_label_value(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') {
      out.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  std::array<char, 32> digits;
  constexpr double kExact = 9'007'199'254'740'992;  // 2^53
  const bool whole = std::floor(value) == value && std::fabs(value) < kExact;
  const auto end = whole ? std::to_chars(digits.data(), digits.data() + digits.size(),
                                         static_cast<std::int64_t>(value))
                         : std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

std::string_view type_text(MetricsText::Type type) {
  switch (type) {
    case MetricsText::Type::counter:
      return "counter";
    case MetricsText::Type::gauge:
      return "gauge";
    case MetricsText::Type::histogram:
      return "histogram";
  }
  return {};
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds(std::move(upper_bounds)), counted(bounds.size() + 1, 0) {}

void Histogram::add(double value) {
  const auto place = std::lower_bound(bounds.begin(), bounds.end(), value);
  ++counted[static_cast<std::size_t>(place - bounds.begin())];
  sum += value;
}

void MetricsText::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type_text(type)).append("\n");
}

void MetricsText::line(std::string_view name, const Labels& labels, double value) {
  text_ += name;
  char before = '{';
  for (const auto& [label, text] : labels) {
    text_.append(1, before).append(label).append("=\"");
    append_label_value(text_, text);
    text_ += '"';
    before = ',';
  }
  text_ += labels.empty() ? " " : "} ";
  append_number(text_, value);
  text_ += '\n';
}

void MetricsText::sample(const Labels& labels, double value) { line(name_, labels, value); }

void MetricsText::samples(const Histogram& histogram) {
  std::int64_t up_to = 0;
  for (std::size_t i = 0; i < histogram.counted.size(); ++i) {
    up_to += histogram.counted[i];
    const bool last = i == histogram.bounds.size();
    const std::string bound = last ? "+Inf" : number_text(histogram.bounds[i]);
    line(name_ + "_bucket", {{"le", bound}}, static_cast<double>(up_to));
  }
  line(name_ + "_sum", {}, histogram.sum);
  line(name_ + "_count", {}, static_cast<double>(up_to));
}

void MetricsText::single(std::string_view name, Type type, std::string_view help, double value) {
  family(name, type, help);
  sample({}, value);
}

}  // namespace triggerd
