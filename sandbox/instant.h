// Instants of the sandbox and the texts in which the HighLevel API shows them. An instant is
// epoch milliseconds in UTC. Used by every part of the sandbox; knows no clock and no world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triggerd::sandbox {

using Millis = std::int64_t;

inline constexpr Millis kSecond = 1000;
inline constexpr Millis kMinute = 60 * kSecond;
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

std::string iso_utc(Millis at);                              // 2026-11-21T10:00:00.000Z
std::string iso_with_offset(Millis at, int offset_minutes);  // 2026-11-21T04:00:00-06:00
std::string plain_utc(Millis at);                            // 2026-11-21 10:00:00
std::string day_text(Millis at);                             // 2026-11-21
std::string http_date(Millis at);                            // Sat, 21 Nov 2026 10:00:00 GMT

// Days since the epoch, rounded down, so that days before 1970 are right too.
std::int64_t day_number(Millis at);
// 0 is Sunday, as in the API's daysOfTheWeek.
int day_of_week(Millis at);

// Accepts ISO 8601 with Z, an offset or no zone (then UTC), with or without a fraction.
std::optional<Millis> parse_iso(std::string_view text);
// The filter format of opportunities: mm-dd-yyyy, start of that day in UTC.
std::optional<Millis> parse_month_day_year(std::string_view text);

// Offset from UTC in minutes of a few well-known zones, always without daylight saving, so that
// the rendering of a slot never jumps. Nothing for a zone that the sandbox does not know.
std::optional<int> zone_offset_minutes(std::string_view zone);

}  // namespace triggerd::sandbox
