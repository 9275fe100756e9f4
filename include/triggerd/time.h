// The two kinds of time, which cannot be mixed, and their texts. Values only: nothing here reads a
// clock. WallTime is UTC in milliseconds (records, tables, views); SteadyTime is the monotonic time
// of one process (schedules, waits). Both are 64 bits wide, so 2038 and 2106 are ordinary moments.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "triggerd/result.h"

namespace triggerd {

using Millis = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Millis>;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Millis>;

inline std::int64_t epoch_ms(WallTime at) { return at.time_since_epoch().count(); }
inline WallTime wall_from_ms(std::int64_t ms) { return WallTime{Millis{ms}}; }

// "2026-03-01T09:30:00.000Z". Years 0001 to 9999; others are clamped to that range.
std::string to_iso8601(WallTime at);

// ISO 8601 date-times with any fraction, "Z", an offset or no zone (read as UTC), "T" or a space
// between date and time, or a date alone. A leap second (:60) is read as the next second.
// Nothing for anything else, "0000-00-00" included.
std::optional<WallTime> parse_iso8601(std::string_view text);

// The three date forms of HTTP (RFC 9110, section 5.6.7); nothing for anything else.
std::optional<WallTime> parse_http_date(std::string_view text);
std::string to_http_date(WallTime at);

// "90s", "5m", "1h30m", "2d", "250ms", "0s". The failure is a sentence for a user ("a duration such
// as 5m").
Result<Millis, std::string> parse_duration(std::string_view text);
std::string format_duration(Millis duration);  // the shortest such text: "1h30m"

}  // namespace triggerd
