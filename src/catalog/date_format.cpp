#include "triggerd/catalog/date_format.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "catalog/date_pattern.h"

namespace triggerd {
namespace {

using std::chrono::minutes;

constexpr std::int64_t kYear1Ms = -62135596800000;
constexpr std::int64_t kYear9999EndMs = 253402300799999;
// Shorter digit texts in an ISO place are dates without separators or years, not milliseconds.
constexpr std::size_t kEpochMsDigitsMin = 12;

std::int64_t units_per_second(DateFamily family) {
  switch (family) {
    case DateFamily::epoch_s:
      return 1;
    case DateFamily::epoch_ms:
    case DateFamily::number:
      return 1'000;
    case DateFamily::epoch_us:
      return 1'000'000;
    case DateFamily::iso8601:
    case DateFamily::date:
    case DateFamily::date_time:
    case DateFamily::pattern:
      return 0;
  }
  return 0;
}

std::optional<WallTime> within_years(double ms) {
  if (!std::isfinite(ms) || ms < static_cast<double>(kYear1Ms) ||
      ms > static_cast<double>(kYear9999EndMs)) {
    return std::nullopt;
  }
  return wall_from_ms(static_cast<std::int64_t>(std::floor(ms)));
}

std::optional<WallTime> from_units(std::int64_t units, std::int64_t per_second) {
  // Integers do not pass through double unless they must be scaled up, so microseconds stay exact.
  if (per_second >= 1'000) {
    const std::int64_t divisor = per_second / 1'000;
    const std::int64_t ms = units / divisor - (units % divisor < 0 ? 1 : 0);
    return ms < kYear1Ms || ms > kYear9999EndMs ? std::nullopt : std::optional(wall_from_ms(ms));
  }
  return within_years(static_cast<double>(units) * 1'000);
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<WallTime> read_epoch(const nlohmann::json& value, std::int64_t per_second) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  if (value.is_number_integer()) return from_units(value.get<std::int64_t>(), per_second);
  const double scale = 1'000.0 / static_cast<double>(per_second);
  if (value.is_number_float()) return within_years(value.get<double>() * scale);
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  if (const auto units = whole_number<std::int64_t>(*text)) return from_units(*units, per_second);
  // "1355517523.000005": seconds with a fraction, as text.
  if (text->find_first_not_of("-0123456789.") != std::string::npos) return std::nullopt;
  const auto units = whole_number<double>(*text);
  return units ? within_years(*units * scale) : std::nullopt;
}

bool names_zone(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) return true;
  const std::size_t time = text.find(':');
  return time != std::string_view::npos && text.find_first_of("+-", time) != std::string_view::npos;
}

std::optional<WallTime> read_iso(const nlohmann::json& value, const DateFormat& format) {
  const auto* text = value.get_ptr<const std::string*>();
  const bool all_digits =
      text != nullptr && text->find_first_not_of("0123456789") == std::string::npos;
  if (text == nullptr || (all_digits && text->size() >= kEpochMsDigitsMin)) {
    return format.family == DateFamily::iso8601 ? read_epoch(value, 1'000) : std::nullopt;
  }
  const std::optional<WallTime> at = parse_iso8601(*text);
  if (!at || names_zone(*text)) return at;
  return *at - format.zone;
}

std::optional<minutes> read_zone(std::string_view text) {
  if (text == "Z" || text == "UTC") return minutes{0};
  if (text.size() == 6 && text[3] == ':') {
    const std::string joined = std::string(text.substr(0, 3)) + std::string(text.substr(4));
    return parse_zone(joined);
  }
  return parse_zone(text);
}

}  // namespace

Result<DateFormat, std::string> parse_date_format(std::string_view text) {
  DateFormat format;
  if (text.find('%') != std::string_view::npos) {
    format.family = DateFamily::pattern;
    format.pattern = text;
    if (std::string wrong = check_date_pattern(text); !wrong.empty())
      return Failure<std::string>(wrong);
    return format;
  }
  const std::size_t space = text.find(' ');
  const std::string_view name = text.substr(0, space);
  if (name == "iso8601") {
    format.family = DateFamily::iso8601;
  } else if (name == "epoch_s") {
    format.family = DateFamily::epoch_s;
  } else if (name == "epoch_ms") {
    format.family = DateFamily::epoch_ms;
  } else if (name == "epoch_us") {
    format.family = DateFamily::epoch_us;
  } else if (name == "date") {
    format.family = DateFamily::date;
  } else if (name == "date_time") {
    format.family = DateFamily::date_time;
  } else if (name == "number") {
    format.family = DateFamily::number;
  } else {
    return Failure<std::string>("`" + std::string(text) +
                                "` is not one of iso8601, epoch_s, epoch_ms, epoch_us, date, "
                                "date_time, number, or a pattern with %");
  }
  if (space == std::string_view::npos) return format;
  const std::optional<minutes> zone = read_zone(text.substr(space + 1));
  if (!zone || units_per_second(format.family) != 0) {
    return Failure<std::string>("`" + std::string(text) +
                                "`: what follows the name must be a zone such as +09:00");
  }
  format.zone = *zone;
  return format;
}

std::optional<WallTime> read_date(const nlohmann::json& value, const DateFormat& format) {
  switch (format.family) {
    case DateFamily::epoch_s:
    case DateFamily::epoch_ms:
    case DateFamily::epoch_us:
    case DateFamily::number:
      return read_epoch(value, units_per_second(format.family));
    case DateFamily::iso8601:
    case DateFamily::date:
    case DateFamily::date_time:
      return read_iso(value, format);
    case DateFamily::pattern: {
      const auto* text = value.get_ptr<const std::string*>();
      if (text == nullptr) return std::nullopt;
      return read_date_pattern(*text, format.pattern, format.zone);
    }
  }
  return std::nullopt;
}

nlohmann::json write_date(WallTime at, const DateFormat& format) {
  const std::int64_t ms = epoch_ms(at);
  switch (format.family) {
    case DateFamily::epoch_s:
      return ms / 1'000 - (ms % 1'000 < 0 ? 1 : 0);
    case DateFamily::epoch_ms:
    case DateFamily::number:
      return ms;
    case DateFamily::epoch_us:
      return ms * 1'000;
    case DateFamily::iso8601:
      return to_iso8601(at);
    case DateFamily::date:
      return to_iso8601(at + format.zone).substr(0, 10);
    case DateFamily::date_time:
      return write_date_pattern(at, "%Y-%m-%d %H:%M:%S", format.zone);
    case DateFamily::pattern:
      return write_date_pattern(at, format.pattern, format.zone);
  }
  return nullptr;
}

}  // namespace triggerd
