// Chance from one seed: the same on every machine, so that a run can be repeated by its seed alone.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace triggerd::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t end) {  // 0 to end - 1
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(end));
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + below(most - least + 1);
  }
  bool in(std::int64_t per_thousand) { return below(1'000) < per_thousand; }
  template <typename Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[static_cast<std::size_t>(below(static_cast<std::int64_t>(values.size())))];
  }
  std::mt19937_64& generator() { return random_; }

 private:
  std::mt19937_64 random_;
};

}  // namespace triggerd::simulation
