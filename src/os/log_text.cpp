#include "os/log_text.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace triggerd {
namespace {

constexpr std::uint32_t kInvalid = 0xFFFD;

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

// The character at the start of a text; kInvalid for a byte that starts none.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) : 0U;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) {
    return {kInvalid, 1};
  }
  std::uint32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return {kInvalid, 1};
    }
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[bytes] || code > 0x10FFFF || surrogate) {
    return {kInvalid, 1};
  }
  return {code, bytes};
}

bool needs_escape(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool direction = code == 0x061C || code == 0x200E || code == 0x200F ||
                         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || separator || direction || code == kInvalid || code == 0xFEFF;
}

void append_escape(std::string& out, std::uint32_t code) {
  std::array<char, 16> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(code));
  out += escape.data();
}

}  // namespace

std::string quoted_log_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Character next = first_character(text);
    if (out.size() + next.bytes > kLogFieldBytesMax) {
      out += "...";
      break;
    }
    if (next.code == '"' || next.code == '\\') {
      out.append(1, '\\').append(1, text.front());
    } else if (next.code == '\n') {
      out += "\\n";
    } else if (needs_escape(next.code)) {
      append_escape(out, next.code);
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return out + "\"";
}

std::string plain_log_text(std::string_view text) {
  std::string quoted = quoted_log_text(text);
  // Something was escaped or cut, or a space, `=` or quote would blur where the field ends.
  const bool changed = quoted.size() != text.size() + 2;
  if (changed || text.empty() || text.find_first_of(" =\"'") != std::string_view::npos) {
    return quoted;
  }
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace triggerd
