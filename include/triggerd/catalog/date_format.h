// The spellings of time that apps use, in answers and in requests. Five families cover 97 % of 431
// public connectors that were measured; a custom pattern covers the rest. Read by poll/ and
// catalog/; pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "triggerd/result.h"
#include "triggerd/time.h"

namespace triggerd {

// `number` is no time but a count that rises with each change; it is carried as milliseconds.
enum class DateFamily { iso8601, epoch_s, epoch_ms, epoch_us, date, date_time, number, pattern };

struct DateFormat {
  DateFamily family = DateFamily::iso8601;
  // For `pattern`: strptime-like, of %Y %m %d %H %M %S %f (fraction) %y %b %j %z and %Z (a zone
  // word that is ignored); everything else stands for itself.
  std::string pattern;
  std::chrono::minutes zone{0};  // what a spelling without zone means
};

// "iso8601", "epoch_s", "epoch_ms", "epoch_us", "date" (2026-03-01), "date_time" (2026-03-01
// 09:30:00), "number", or a text with % which is a pattern.
Result<DateFormat, std::string> parse_date_format(std::string_view text);

// Reads a stamp: text or number (epoch numbers may also come as text; iso8601 also accepts epoch
// milliseconds, as HighLevel's lastMessageDate comes in both). Nothing when it does not fit.
std::optional<WallTime> read_date(const nlohmann::json& value, const DateFormat& format);

// The stamp as a request wants it: a number for the epoch families, else text.
nlohmann::json write_date(WallTime at, const DateFormat& format);

}  // namespace triggerd
