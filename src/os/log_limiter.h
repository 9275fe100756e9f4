// LogLimiter: lets so many lines of one fact through in a span of time and counts the rest, so that
// a million bad records do not fill a disk. Used by log.cpp; time is an argument.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/time.h"

namespace triggerd {

class LogLimiter {
 public:
  static constexpr int kLinesMax = 20;
  static constexpr Millis kSpan{10'000};

  // Whether a line of this fact may be written now.
  bool admit(std::string_view fact, SteadyTime now);

  struct Collapsed {
    std::string fact;
    std::int64_t lines = 0;
  };
  // The facts whose span is over with lines left out; each is told once.
  std::vector<Collapsed> over(SteadyTime now);

 private:
  struct Span {
    SteadyTime start;
    int written = 0;
    std::int64_t left_out = 0;
  };
  std::map<std::string, Span, std::less<>> spans_;  // facts are constants, so there are few
};

}  // namespace triggerd
