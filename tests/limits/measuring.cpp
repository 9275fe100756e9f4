#include "limits/measuring.h"

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
// Of the sanitizers' library; GCC installs no header for it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#else
#include <malloc.h>
#endif

#include <fstream>

#include "proof/run_listener.h"

namespace triggerd::proof {

std::string part_name() { return "limits"; }

std::string repeat_command() {
  std::string command;
  for (const char* name : {"TRIGGERD_CONTACTS", "TRIGGERD_KILLS", "TRIGGERD_DAYS",
                           "TRIGGERD_STREAMS", "TRIGGERD_WAITING", "TRIGGERD_SEED"}) {
    if (const std::int64_t value = setting(name, 0); value > 0) {
      command += std::string(name) + "=" + std::to_string(value) + " ";
    }
  }
  return command + "tests_limits";
}

}  // namespace triggerd::proof

namespace triggerd::limits {

double memory_mb(int pid, const std::string& which) {
  std::ifstream file("/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(which + ":")) return std::stod(line.substr(which.size() + 1)) / 1024;
  }
  return 0;
}

std::int64_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__)
  return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes());
#else
  const struct mallinfo2 all = mallinfo2();
  return static_cast<std::int64_t>(all.uordblks + all.hblkhd);
#endif
}

}  // namespace triggerd::limits
