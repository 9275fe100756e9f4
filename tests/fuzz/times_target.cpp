// Every spelling of time: ISO 8601, the dates of HTTP, formats and patterns of connectors,
// durations, Retry-After. What is read can be written, and is read again as the same. Input: a
// format, then the text.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "triggerd/account/retry_after.h"
#include "triggerd/catalog/date_format.h"
#include "triggerd/json_text.h"
#include "triggerd/time.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

// Years that every format can write, zones included; of two digits only these are told apart.
const WallTime kFirst = *parse_iso8601("1970-01-02T00:00:00Z");
const WallTime kLast = *parse_iso8601("2068-01-01T00:00:00Z");

bool is_usual(WallTime at) { return at >= kFirst && at <= kLast; }

void check_plain(const std::string& text) {
  if (const auto at = parse_iso8601(text); at && is_usual(*at)) {
    expect(parse_iso8601(to_iso8601(*at)) == at, "ISO 8601 comes back");
  }
  if (const auto at = parse_http_date(text)) {
    expect(parse_http_date(to_http_date(*at)) == at || !is_usual(*at), "a date of HTTP comes back");
  }
  if (const auto length = parse_duration(text)) {
    expect(length->count() >= 0, "a duration is not negative");
    expect(parse_duration(format_duration(*length)) == *length, "a duration comes back");
  } else {
    expect(!length.error().empty(), "a refusal says why");
  }
}

// Patterns whose parts run together ("%f1", "%Zx") cannot be read back, nor can a part that stands
// twice with two values.
bool is_readable(std::string_view pattern) {
  std::string seen;
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    const char directive = pattern[++i];
    if (directive != '%' && seen.find(directive) != std::string::npos) return false;
    seen += directive;
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : ' ';
    if (next == '%' || std::isalnum(static_cast<unsigned char>(next)) != 0) return false;
  }
  // The day of a year takes the place of month and day, and a century that of two digits.
  const auto both = [&](char a, char b) {
    return seen.find(a) != std::string::npos && seen.find(b) != std::string::npos;
  };
  return !both('m', 'b') && !both('Y', 'y') && !both('j', 'd') && !both('j', 'm') &&
         !both('j', 'b');
}

void check_format(std::string_view name, const json& value) {
  const auto format = parse_date_format(name);
  if (!format) return expect(!format.error().empty(), "a refusal says why");
  const auto at = read_date(value, *format);
  if (!at) return;
  const json written = write_date(*at, *format);
  const bool pattern = format->family == DateFamily::pattern;
  if (!is_usual(*at) || (pattern && !is_readable(format->pattern))) return;
  const auto again = read_date(written, *format);
  expect(again.has_value(), "what a format writes it reads");
  expect(write_date(*again, *format) == written, "what a format reads it writes");
}

void check_waits(const std::string& text) {
  HttpReply reply;
  reply.headers = {{"Date", "Sun, 01 Mar 2026 09:30:00 GMT", false},
                   {"retry-after", text, false},
                   {"Retry-After", "1", false}};
  const auto wait = retry_after(reply);
  expect(wait.has_value(), "the header that can be read counts");
  expect(*wait >= Millis{1'000} && *wait <= kRetryAfterMax, "a wait is bounded");
  reply.headers[0].value = text;
  expect(retry_after(reply).value_or(Millis{0}) <= kRetryAfterMax, "a wait is bounded, again");
}

}  // namespace

void times_target(std::string_view input) {
  const std::string_view format = take_line(input);
  const std::string text(input);
  check_plain(text);
  check_waits(text);
  check_format(format, text);
  if (const auto value = parse_json(input)) check_format(format, *value);
}

}  // namespace triggerd::fuzz
