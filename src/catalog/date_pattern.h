// Reading and writing times by a strptime-like pattern. Called by date_format.cpp alone; pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "triggerd/time.h"

namespace triggerd {

// A sentence when the pattern holds a directive that is not known; empty when it is fine.
std::string check_date_pattern(std::string_view pattern);

// `zone` is what a text without %z means.
std::optional<WallTime> read_date_pattern(std::string_view text, std::string_view pattern,
                                          std::chrono::minutes zone);
std::string write_date_pattern(WallTime at, std::string_view pattern, std::chrono::minutes zone);

// "+0900", "-0330"; nothing for anything else.
std::optional<std::chrono::minutes> parse_zone(std::string_view text);

}  // namespace triggerd
