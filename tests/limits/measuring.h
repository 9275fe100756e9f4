// What the tests of limits measure: memory of a process. What they report goes to proof/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proof/proof_line.h"

namespace triggerd::limits {

using proof::count;
using proof::note_figure;
using proof::note_limit;
using proof::note_not_run;
using proof::note_seeds;
using proof::setting;

// Of /proc/PID/status, in megabytes: VmHWM, VmRSS. 0 where there is none. `pid` 0: this process.
double memory_mb(int pid, const std::string& which);
// What the heap of this process has handed out, in bytes.
std::int64_t heap_in_use();

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
// Records of the short form; a program with sanitizers takes a minute for ten thousand.
inline constexpr std::int64_t kContactsShort = kSanitized ? 3'000 : 20'000;

}  // namespace triggerd::limits
