// One structured log line per fact, on stderr. Declared here for all folders right of `detect`;
// written by os/log.cpp, recorded by tests/fakes/log_recorder.cpp in tests. Never given record
// content or secrets.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace triggerd {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  LogField(std::string_view field_name, std::string_view text);
  LogField(std::string_view field_name, const char* text);
  LogField(std::string_view field_name, const std::string& text);
  LogField(std::string_view field_name, std::int64_t number);
  LogField(std::string_view field_name, int number);
  LogField(std::string_view field_name, std::size_t number);
  std::string name;
  std::string text;
};

// `fact` is a constant sentence ("poll failed"), so that equal facts can be counted and
// rate-limited; what varies goes into the fields. Control characters in fields are escaped by the
// writer.
// Under which the action `log` writes its lines: none of them is left out when there are many.
inline constexpr std::string_view kActionFact = "event";

void log(LogLevel level, std::string_view fact, std::initializer_list<LogField> fields = {});

}  // namespace triggerd
