#include <cctype>
#include <cstdlib>

#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr std::size_t kEscapeBytes = 6;  // \uXXXX

// The code unit of an escape at `at`, or -1 when there is none.
long code_unit(const std::string& text, std::size_t at) {
  if (at + kEscapeBytes > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  for (std::size_t i = at + 2; i < at + kEscapeBytes; ++i) {
    if (std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return -1;
  }
  return std::strtol(text.substr(at + 2, 4).c_str(), nullptr, 16);
}

bool is_high(long unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(long unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

void mend_surrogates(std::string& text) {
  std::size_t at = text.find('\\');
  while (at != std::string::npos) {
    const long unit = code_unit(text, at);
    if (unit < 0) {
      at = text.find('\\', at + 2);  // the character behind a backslash is escaped by it
      continue;
    }
    if (is_high(unit) && is_low(code_unit(text, at + kEscapeBytes))) {
      at = text.find('\\', at + 2 * kEscapeBytes);
      continue;
    }
    if (is_high(unit) || is_low(unit)) text.replace(at + 2, 4, "fffd");
    at = text.find('\\', at + kEscapeBytes);
  }
}

}  // namespace triggerd
