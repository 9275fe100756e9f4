// Seeded random choices (splitmix64): the same seed gives the same world and the same life on
// every machine, which the distributions of <random> do not promise. One owner, no locking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triggerd::sandbox {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // 0 <= result < bound; bound must be above 0.
  std::size_t below(std::size_t bound);
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  // Letters and digits, as HighLevel's ids look.
  std::string id(std::size_t length = 20);
  // Lower-case hexadecimal digits, as its older (MongoDB) ids look.
  std::string hex(std::size_t length);
  std::string uuid();

  template <typename Container>
  const auto& pick(const Container& from) {
    return from[below(std::size(from))];
  }
  template <typename T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  std::uint64_t state_;
};

// A stable number for a text, to derive one seed per location.
std::uint64_t seed_from(std::uint64_t seed, std::string_view text);

}  // namespace triggerd::sandbox
