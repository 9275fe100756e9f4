// What a program that dies of a signal leaves behind: one line, and no core file, since its memory
// holds the users' credentials. Called once by main.cpp, before anything else. Writes to standard
// error without the log, which may be what broke.
#pragma once

namespace triggerd {

// Core files off, memory closed to debuggers of the same user; SIGQUIT, SIGABRT and the signals of
// broken programs say their number before they end the process as they always do. A sanitizer's
// own reports stay.
void die_quietly_of_signals();

}  // namespace triggerd
