// What the tests of limits measure and report: memory of a process, settings from the environment,
// and the line of figures that a run of proofs collects (TRIGGERD_PROOF_LOG).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace triggerd::limits {

// A number from the environment.
std::int64_t setting(const char* name, std::int64_t otherwise);

// Of /proc/PID/status, in megabytes: VmHWM, VmRSS. 0 where there is none. `pid` 0: this process.
double memory_mb(int pid, const std::string& which);
// What the heap of this process has handed out, in bytes.
std::int64_t heap_in_use();

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Told on the screen and kept for the line.
void note_limit(const std::string& name, double value, const std::string& unit, double bound);
// For information: no bound.
void note_figure(const std::string& name, double value, const std::string& unit);
void note_count(const std::string& name, std::int64_t count);
void note_not_run(const std::string& what);

}  // namespace triggerd::limits
