#include "wire.h"

#include <algorithm>
#include <charconv>

namespace triggerd::sandbox {

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned int byte = 0;
    if (text[i] == '+') {
      plain += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() &&
               std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
                   text.data() + i + 3) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view part = raw.substr(0, end);
    const std::size_t equals = std::min(part.find('='), part.size());
    if (!part.empty()) {
      const std::size_t value = std::min(equals + 1, part.size());
      pairs.emplace_back(percent_decoded(part.substr(0, equals)),
                         percent_decoded(part.substr(value)));
    }
    raw.remove_prefix(std::min(end + 1, raw.size()));
  }
  return pairs;
}

}  // namespace triggerd::sandbox
