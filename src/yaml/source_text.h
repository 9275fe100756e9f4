// Walks over source text by characters instead of bytes: columns for people, and source lines that
// are safe on a terminal. Used by reader.cpp and problem.cpp; knows nothing of YAML. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace triggerd {

// The character at `offset` (inside the text) and its length in bytes; `code` is U+FFFD with length
// 1 for a byte that is not valid UTF-8 (overlong forms and surrogates included).
struct SourceChar {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = true;
};
SourceChar source_char(std::string_view text, std::size_t offset);

// The n-th line from 1, without its line end; empty beyond the last one.
std::string_view source_line(std::string_view text, int line);

// Characters in the first `bytes` bytes of a line.
int chars_in(std::string_view line, std::size_t bytes);

// One line that is safe to print: tabs become spaces, control and direction marks become "?".
std::string printable(std::string_view text);

}  // namespace triggerd
