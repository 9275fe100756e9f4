#include "os/log_limiter.h"

namespace triggerd {

bool LogLimiter::admit(std::string_view fact, SteadyTime now) {
  auto found = spans_.find(fact);
  if (found == spans_.end()) {
    found = spans_.emplace(std::string(fact), Span{now}).first;
  }
  Span& span = found->second;
  if (now - span.start >= kSpan && span.left_out == 0) {
    span = {now};
  }
  if (span.written < kLinesMax) {
    ++span.written;
    return true;
  }
  ++span.left_out;
  return false;
}

std::vector<LogLimiter::Collapsed> LogLimiter::over(SteadyTime now) {
  std::vector<Collapsed> collapsed;
  for (auto at = spans_.begin(); at != spans_.end();) {
    if (now - at->second.start < kSpan) {
      ++at;
      continue;
    }
    if (at->second.left_out > 0) {
      collapsed.push_back({at->first, at->second.left_out});
    }
    at = spans_.erase(at);
  }
  return collapsed;
}

}  // namespace triggerd
