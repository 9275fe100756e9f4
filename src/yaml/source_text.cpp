#include "yaml/source_text.h"

namespace triggerd {
namespace {

// What would move the cursor, hide text or turn its direction on a terminal.
bool is_unprintable(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

std::size_t length_from(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

}  // namespace

SourceChar source_char(std::string_view text, std::size_t offset) {
  const SourceChar broken{0xfffd, 1, false};
  const auto lead = static_cast<unsigned char>(text[offset]);
  const std::size_t length = length_from(lead);
  if (length == 1) return {lead, 1, true};
  if (length == 0 || offset + length > text.size()) return broken;
  static constexpr unsigned kLeadBits[] = {0, 0, 0x1f, 0x0f, 0x07};
  char32_t code = lead & kLeadBits[length];
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[offset + i]);
    if ((next & 0xc0) != 0x80) return broken;
    code = (code << 6) | (next & 0x3f);
  }
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    return broken;
  }
  return {code, length, true};
}

std::string_view source_line(std::string_view text, int line) {
  if (line < 1) return {};
  std::size_t start = 0;
  for (int at = 1; at < line; ++at) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos) return {};
    start = end + 1;
  }
  std::string_view found = text.substr(start, text.find('\n', start) - start);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

int chars_in(std::string_view line, std::size_t bytes) {
  int count = 0;
  for (std::size_t at = 0; at < bytes && at < line.size(); at += source_char(line, at).bytes) {
    ++count;
  }
  return count;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const SourceChar next = source_char(text, at);
    if (next.code == '\t') {
      shown += ' ';
    } else if (!next.valid || is_unprintable(next.code)) {
      shown += '?';
    } else {
      shown += text.substr(at, next.bytes);
    }
    at += next.bytes;
  }
  return shown;
}

}  // namespace triggerd
