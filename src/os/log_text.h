// How the texts of a log line are written, so that no text can look like another line, move a
// terminal's cursor or turn the direction of what follows. Pure functions, for log.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace triggerd {

inline constexpr std::size_t kLogFieldBytesMax = 512;

// In double quotes, valid as a JSON string: control characters (C0, DEL, C1), line and paragraph
// separators and marks of writing direction as \uXXXX, invalid UTF-8 as \ufffd, cut at
// kLogFieldBytesMax.
std::string quoted_log_text(std::string_view text);

// The same without quotes where nothing in it needs them ("status=500"), for lines that people
// read.
std::string plain_log_text(std::string_view text);

}  // namespace triggerd
