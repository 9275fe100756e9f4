#include "log_recorder.h"

namespace triggerd {

std::vector<LogLine>& recorded_log() {
  static std::vector<LogLine> lines;
  return lines;
}

void log(LogLevel level, std::string_view fact, std::initializer_list<LogField> fields) {
  recorded_log().push_back({level, std::string(fact), std::vector<LogField>(fields)});
}

}  // namespace triggerd
