// Where `log()` writes: stderr, one line a fact, as text or JSON. It never waits: a line that a
// full or stopped receiver does not take is dropped and counted. Set up once by cli/; before that
// lines go out as text from `info` on. The one home of spdlog. Loop thread only.
#pragma once

#include <optional>
#include <string_view>

#include "triggerd/log.h"

namespace triggerd {

enum class LogFormat { text, json };

void setup_logging(LogFormat format, LogLevel level);

// "debug", "info", "warning", "error"; nothing for other words.
std::optional<LogLevel> log_level_named(std::string_view word);

// Writes what is still counted ("repeated 5 times"). Before the program ends.
void finish_logging();

}  // namespace triggerd
