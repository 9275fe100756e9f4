#include "random.h"

namespace triggerd::sandbox {

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::size_t Random::below(std::size_t bound) {
  return static_cast<std::size_t>(next() % static_cast<std::uint64_t>(bound));
}

std::string Random::id(std::size_t length) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += kLetters[below(kLetters.size())];
  return text;
}

std::string Random::hex(std::size_t length) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += kDigits[below(kDigits.size())];
  return text;
}

std::string Random::uuid() {
  return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-b" + hex(3) + "-" + hex(12);
}

std::uint64_t seed_from(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 1099511628211ULL;
  }
  return hash;
}

}  // namespace triggerd::sandbox
