// The page that Prometheus reads: families of samples as text (exposition format 0.0.4). Used by
// engine/ and cli/, each for what it knows. Families without samples keep their heads, so that the
// page shows at once what there is. Values only; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triggerd {

// Counts of what fell up to each bound; Prometheus' own form of it.
struct Histogram {
  explicit Histogram(std::vector<double> upper_bounds);
  void add(double value);

  std::vector<double> bounds;         // ascending, without the last one, which has no end
  std::vector<std::int64_t> counted;  // one more than bounds
  double sum = 0;
};

class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;
  enum class Type { counter, gauge, histogram };

  // Begins a family; samples follow. `help` is one sentence.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(const Labels& labels, double value);
  void samples(const Histogram& histogram);
  void single(std::string_view name, Type type, std::string_view help, double value);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view name, const Labels& labels, double value);

  std::string text_;
  std::string name_;  // of the open family
};

}  // namespace triggerd
