#include "instant.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace triggerd::sandbox {
namespace {

struct Civil {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
};

Civil to_civil(Millis at) {
  const std::int64_t days = day_number(at);
  const Millis rest = at - days * kDay;
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  Civil civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.hour = static_cast<int>(rest / kHour);
  civil.minute = static_cast<int>(rest % kHour / kMinute);
  civil.second = static_cast<int>(rest % kMinute / kSecond);
  civil.millis = static_cast<int>(rest % kSecond);
  return civil;
}

std::optional<Millis> from_civil(const Civil& civil) {
  const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                         std::chrono::month{static_cast<unsigned>(civil.month)},
                                         std::chrono::day{static_cast<unsigned>(civil.day)}};
  if (!date.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return static_cast<Millis>(days) * kDay + civil.hour * kHour + civil.minute * kMinute +
         civil.second * kSecond + civil.millis;
}

// Reads exactly `width` digits at `position` and moves past them.
bool take_digits(std::string_view text, std::size_t& position, std::size_t width, int& value) {
  if (position + width > text.size()) return false;
  value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const char digit = text[position + i];
    if (digit < '0' || digit > '9') return false;
    value = value * 10 + (digit - '0');
  }
  position += width;
  return true;
}

bool take_mark(std::string_view text, std::size_t& position, char mark) {
  if (position >= text.size() || text[position] != mark) return false;
  ++position;
  return true;
}

bool take_fraction(std::string_view text, std::size_t& position, int& millis) {
  if (position >= text.size() || text[position] != '.') return true;
  ++position;
  int scale = 100;
  const std::size_t start = position;
  while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
    millis += (text[position] - '0') * scale;
    scale /= 10;
    ++position;
  }
  return position > start;
}

std::optional<Millis> take_zone(std::string_view text, std::size_t position) {
  if (position == text.size() || text.substr(position) == "Z") return 0;
  const char sign = text[position];
  if (sign != '+' && sign != '-') return std::nullopt;
  ++position;
  int hours = 0;
  int minutes = 0;
  if (!take_digits(text, position, 2, hours)) return std::nullopt;
  take_mark(text, position, ':');
  if (!take_digits(text, position, 2, minutes) || position != text.size()) return std::nullopt;
  const Millis offset = hours * kHour + minutes * kMinute;
  return sign == '-' ? -offset : offset;
}

template <typename... Parts>
std::string printed(const char* format, Parts... parts) {
  std::array<char, 64> room{};
  const int length = std::snprintf(room.data(), room.size(), format, parts...);
  return {room.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::int64_t day_number(Millis at) { return at >= 0 ? at / kDay : -((-at + kDay - 1) / kDay); }

int day_of_week(Millis at) {
  const std::int64_t shifted = (day_number(at) + 4) % 7;  // 1 January 1970 was a Thursday.
  return static_cast<int>(shifted < 0 ? shifted + 7 : shifted);
}

std::string iso_utc(Millis at) {
  const Civil c = to_civil(at);
  return printed("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day, c.hour, c.minute,
                 c.second, c.millis);
}

std::string iso_with_offset(Millis at, int offset_minutes) {
  const Civil c = to_civil(at + offset_minutes * kMinute);
  const int size = std::abs(offset_minutes);
  return printed("%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c.year, c.month, c.day, c.hour,
                 c.minute, c.second, offset_minutes < 0 ? '-' : '+', size / 60, size % 60);
}

std::string plain_utc(Millis at) {
  const Civil c = to_civil(at);
  return printed("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
}

std::string http_date(Millis at) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil c = to_civil(at);
  return printed(
      "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<std::size_t>(day_of_week(at))],
      c.day, kMonths[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
}

std::string day_text(Millis at) {
  const Civil c = to_civil(at);
  return printed("%04d-%02d-%02d", c.year, c.month, c.day);
}

std::optional<Millis> parse_iso(std::string_view text) {
  Civil c;
  std::size_t at = 0;
  if (!take_digits(text, at, 4, c.year) || !take_mark(text, at, '-') ||
      !take_digits(text, at, 2, c.month) || !take_mark(text, at, '-') ||
      !take_digits(text, at, 2, c.day)) {
    return std::nullopt;
  }
  if (at == text.size()) return from_civil(c);
  if (!take_mark(text, at, 'T') && !take_mark(text, at, ' ')) return std::nullopt;
  if (!take_digits(text, at, 2, c.hour) || !take_mark(text, at, ':') ||
      !take_digits(text, at, 2, c.minute)) {
    return std::nullopt;
  }
  if (take_mark(text, at, ':') && !take_digits(text, at, 2, c.second)) return std::nullopt;
  if (!take_fraction(text, at, c.millis)) return std::nullopt;
  const auto offset = take_zone(text, at);
  const auto local = from_civil(c);
  if (!offset || !local) return std::nullopt;
  return *local - *offset;
}

std::optional<Millis> parse_month_day_year(std::string_view text) {
  Civil c;
  std::size_t at = 0;
  if (!take_digits(text, at, 2, c.month) || !take_mark(text, at, '-') ||
      !take_digits(text, at, 2, c.day) || !take_mark(text, at, '-') ||
      !take_digits(text, at, 4, c.year) || at != text.size()) {
    return std::nullopt;
  }
  return from_civil(c);
}

std::optional<int> zone_offset_minutes(std::string_view zone) {
  struct Zone {
    std::string_view name;
    int minutes;
  };
  static constexpr std::array<Zone, 18> kZones = {{{"UTC", 0},
                                                   {"Etc/UTC", 0},
                                                   {"GMT", 0},
                                                   {"Europe/London", 0},
                                                   {"Europe/Berlin", 60},
                                                   {"Europe/Paris", 60},
                                                   {"Asia/Kolkata", 330},
                                                   {"Asia/Calcutta", 330},
                                                   {"Asia/Seoul", 540},
                                                   {"Asia/Tokyo", 540},
                                                   {"Australia/Sydney", 600},
                                                   {"US/Eastern", -300},
                                                   {"America/New_York", -300},
                                                   {"US/Central", -360},
                                                   {"America/Chicago", -360},
                                                   {"America/Denver", -420},
                                                   {"US/Pacific", -480},
                                                   {"America/Los_Angeles", -480}}};
  for (const Zone& known : kZones) {
    if (known.name == zone) return known.minutes;
  }
  return std::nullopt;
}

}  // namespace triggerd::sandbox
