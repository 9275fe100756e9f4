// How long an answer asks us to wait (Retry-After). Read by account/ for the gate and by poll/ for
// the meaning of an answer; in a header since neither folder links the other. Pure; the local clock
// plays no part.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "triggerd/http_client.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr Millis kRetryAfterMax{3'600'000};

// One value of the header: whole seconds, or a date of HTTP against the answer's own Date.
inline std::optional<Millis> stated_wait(std::string_view value, std::optional<WallTime> answered) {
  while (value.ends_with(' ')) value.remove_suffix(1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), seconds);
    const bool beyond = end.ec != std::errc{} || seconds > kRetryAfterMax.count() / 1'000;
    return beyond ? kRetryAfterMax : Millis{seconds * 1'000};
  }
  const std::optional<WallTime> until = parse_http_date(value);
  if (!until || !answered) return std::nullopt;
  return std::min(kRetryAfterMax, *until - *answered);
}

// Seconds or an HTTP date (relative to the reply's own Date); zero, negative, past or unreadable:
// nothing. Two headers: the longer wait. Capped at kRetryAfterMax.
inline std::optional<Millis> retry_after(const HttpReply& reply) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  constexpr std::string_view kName = "retry-after";
  const std::optional<WallTime> answered = parse_http_date(reply.header("Date"));
  std::optional<Millis> longest;
  for (const HttpHeader& header : reply.headers) {
    if (!std::equal(header.name.begin(), header.name.end(), kName.begin(), kName.end(), same)) {
      continue;
    }
    const std::optional<Millis> wait = stated_wait(header.value, answered);
    if (wait && wait->count() > 0 && (!longest || *wait > *longest)) longest = wait;
  }
  return longest;
}

}  // namespace triggerd
