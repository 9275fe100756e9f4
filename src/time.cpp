#include "triggerd/time.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace triggerd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

constexpr WallTime kFirst{sys_days{std::chrono::year{1} / 1 / 1}};
constexpr WallTime kLast =
    WallTime{sys_days{std::chrono::year{9999} / 12 / 31}} + days{1} - Millis{1};
constexpr std::int64_t kDurationMsMax = std::int64_t{100} * 366 * 24 * 3600 * 1000;  // 100 years

// Reads a text from left to right; each reader moves only when it succeeds.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  bool word(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) {
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  // Exactly `count` digits.
  std::optional<int> number(std::size_t count) {
    if (rest_.size() < count) {
      return std::nullopt;
    }
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') {
        return std::nullopt;
      }
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  std::string_view digits() {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return found;
  }

 private:
  std::string_view rest_;
};

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;  // 60 in a leap second
  int millis = 0;
};

std::optional<WallTime> to_wall(int year, int month, int day, const TimeOfDay& time) {
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok() || time.hour > 23 || time.minute > 59 || time.second > 60) {
    return std::nullopt;
  }
  return WallTime{sys_days{date}} + hours{time.hour} + minutes{time.minute} + seconds{time.second} +
         Millis{time.millis};
}

// ".5", ",123456": milliseconds, further digits dropped.
std::optional<int> read_fraction(Cursor& cursor) {
  if (!cursor.one_of(".,")) {
    return 0;
  }
  const std::string_view digits = cursor.digits();
  if (digits.empty()) {
    return std::nullopt;
  }
  int millis = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    millis = millis * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return millis;
}

std::optional<TimeOfDay> read_clock_time(Cursor& cursor) {
  const auto hour = cursor.number(2);
  if (!hour || !cursor.one_of(":")) {
    return std::nullopt;
  }
  const auto minute = cursor.number(2);
  if (!minute) {
    return std::nullopt;
  }
  TimeOfDay time{*hour, *minute, 0, 0};
  if (!cursor.one_of(":")) {
    return time;
  }
  const auto second = cursor.number(2);
  const auto millis = second ? read_fraction(cursor) : std::nullopt;
  if (!millis) {
    return std::nullopt;
  }
  time.second = *second;
  time.millis = *millis;
  return time;
}

// What is to be taken from the written time to get UTC.
std::optional<minutes> read_zone(Cursor& cursor) {
  if (cursor.done() || cursor.one_of("Zz")) {
    return minutes{0};
  }
  const bool east = cursor.one_of("+");
  if (!east && !cursor.one_of("-")) {
    return std::nullopt;
  }
  const auto hour = cursor.number(2);
  cursor.one_of(":");
  const auto minute = cursor.done() ? std::optional<int>{0} : cursor.number(2);
  if (!hour || !minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  const minutes offset = hours{*hour} + minutes{*minute};
  return east ? offset : -offset;
}

std::optional<int> read_month(Cursor& cursor) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (cursor.word(kMonths[i])) {
      return static_cast<int>(i) + 1;
    }
  }
  return std::nullopt;
}

bool read_weekday(Cursor& cursor, bool whole) {
  return std::any_of(kWeekdays.begin(), kWeekdays.end(), [&](std::string_view name) {
    return cursor.word(whole ? name : name.substr(0, 3));
  });
}

std::optional<TimeOfDay> read_seconds_time(Cursor& cursor) {
  const auto hour = cursor.number(2);
  const bool colon = cursor.one_of(":");
  const auto minute = cursor.number(2);
  const bool second_colon = cursor.one_of(":");
  const auto second = cursor.number(2);
  if (!hour || !colon || !minute || !second_colon || !second) {
    return std::nullopt;
  }
  return TimeOfDay{*hour, *minute, *second, 0};
}

// "06 Nov 1994 08:49:37 GMT" or "06-Nov-94 08:49:37 GMT", what follows the weekday.
std::optional<WallTime> read_http_rest(Cursor& cursor, char separator, std::size_t year_digits) {
  const std::string_view between(&separator, 1);
  const auto day = cursor.number(2);
  if (!day || !cursor.one_of(between)) {
    return std::nullopt;
  }
  const auto month = read_month(cursor);
  if (!month || !cursor.one_of(between)) {
    return std::nullopt;
  }
  auto year = cursor.number(year_digits);
  if (!year || !cursor.one_of(" ")) {
    return std::nullopt;
  }
  if (year_digits == 2) {
    *year += *year < 70 ? 2000 : 1900;
  }
  const auto time = read_seconds_time(cursor);
  if (!time || !cursor.word(" GMT") || !cursor.done()) {
    return std::nullopt;
  }
  return to_wall(*year, *month, *day, *time);
}

// "Nov  6 08:49:37 1994", what follows the weekday.
std::optional<WallTime> read_asctime_rest(Cursor& cursor) {
  const auto month = read_month(cursor);
  if (!month || !cursor.one_of(" ")) {
    return std::nullopt;
  }
  const auto day = cursor.one_of(" ") ? cursor.number(1) : cursor.number(2);
  if (!day || !cursor.one_of(" ")) {
    return std::nullopt;
  }
  const auto time = read_seconds_time(cursor);
  if (!time || !cursor.one_of(" ")) {
    return std::nullopt;
  }
  const auto year = cursor.number(4);
  if (!year || !cursor.done()) {
    return std::nullopt;
  }
  return to_wall(*year, *month, *day, *time);
}

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
// "ms" stands before "m", which it begins with; the sizes otherwise fall.
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}}};

struct Parts {
  year_month_day date;
  std::chrono::hh_mm_ss<Millis> time;
  unsigned weekday;
};

Parts split(WallTime at) {
  const WallTime clamped = std::clamp(at, kFirst, kLast);
  const sys_days day = std::chrono::floor<days>(clamped);
  return {year_month_day{day}, std::chrono::hh_mm_ss<Millis>{clamped - day},
          std::chrono::weekday{day}.c_encoding()};
}

}  // namespace

std::string to_iso8601(WallTime at) {
  const Parts parts = split(at);
  std::array<char, 40> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(parts.date.year()), static_cast<unsigned>(parts.date.month()),
      static_cast<unsigned>(parts.date.day()), static_cast<int>(parts.time.hours().count()),
      static_cast<int>(parts.time.minutes().count()),
      static_cast<int>(parts.time.seconds().count()),
      static_cast<int>(parts.time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<WallTime> parse_iso8601(std::string_view text) {
  Cursor cursor(text);
  const auto year = cursor.number(4);
  const bool dash = cursor.one_of("-");
  const auto month = cursor.number(2);
  const bool second_dash = cursor.one_of("-");
  const auto day = cursor.number(2);
  if (!year || !dash || !month || !second_dash || !day) {
    return std::nullopt;
  }
  if (cursor.done()) {
    return to_wall(*year, *month, *day, {});
  }
  if (!cursor.one_of("Tt ")) {
    return std::nullopt;
  }
  const auto time = read_clock_time(cursor);
  const auto offset = time ? read_zone(cursor) : std::nullopt;
  const auto local = offset && cursor.done() ? to_wall(*year, *month, *day, *time) : std::nullopt;
  if (!local) {
    return std::nullopt;
  }
  return *local - *offset;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  if (Cursor fixed(text); read_weekday(fixed, false) && fixed.word(", ")) {
    return read_http_rest(fixed, ' ', 4);
  }
  if (Cursor old(text); read_weekday(old, true) && old.word(", ")) {
    return read_http_rest(old, '-', 2);
  }
  if (Cursor plain(text); read_weekday(plain, false) && plain.word(" ")) {
    return read_asctime_rest(plain);
  }
  return std::nullopt;
}

std::string to_http_date(WallTime at) {
  const Parts parts = split(at);
  std::array<char, 40> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
      kWeekdays[parts.weekday].data(), static_cast<unsigned>(parts.date.day()),
      kMonths[static_cast<unsigned>(parts.date.month()) - 1].data(),
      static_cast<int>(parts.date.year()), static_cast<int>(parts.time.hours().count()),
      static_cast<int>(parts.time.minutes().count()),
      static_cast<int>(parts.time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

Result<Millis, std::string> parse_duration(std::string_view text) {
  const auto refused = [](std::string what) { return Failure<std::string>(std::move(what)); };
  constexpr const char* kExpected = "expected a duration such as 90s, 5m, 1h30m or 2d";
  Cursor cursor(text);
  std::int64_t total = 0;
  std::int64_t last_unit = kDurationMsMax;
  if (cursor.done()) {
    return refused(kExpected);
  }
  while (!cursor.done()) {
    const std::string_view digits = cursor.digits();
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& one) { return cursor.word(one.name); });
    if (digits.empty() || unit == kUnits.end() || unit->ms >= last_unit) {
      return refused(kExpected);
    }
    std::int64_t count = 0;
    for (const char digit : digits) {
      count = std::min(count * 10 + (digit - '0'), kDurationMsMax);
    }
    last_unit = unit->ms;
    if (count > (kDurationMsMax - total) / unit->ms) {
      return refused("a duration cannot be longer than 36600d");
    }
    total += count * unit->ms;
  }
  return Millis{total};
}

std::string format_duration(Millis duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) {
    return "0s";
  }
  std::string text = rest < 0 ? "-" : "";
  rest = rest < 0 ? -rest : rest;
  for (const Unit& unit : {kUnits[0], kUnits[1], kUnits[3], kUnits[4], kUnits[2]}) {
    if (rest >= unit.ms) {
      text += std::to_string(rest / unit.ms) + std::string(unit.name);
      rest %= unit.ms;
    }
  }
  return text;
}

}  // namespace triggerd
