// Keeps the log lines of a test instead of writing them.
#pragma once

#include <string>
#include <vector>

#include "triggerd/log.h"

namespace triggerd {

struct LogLine {
  LogLevel level;
  std::string fact;
  std::vector<LogField> fields;
};

std::vector<LogLine>& recorded_log();

}  // namespace triggerd
