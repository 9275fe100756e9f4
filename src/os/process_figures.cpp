#include "os/process_figures.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <sstream>
#include <string_view>
#include <vector>

#include "os/descriptor.h"

namespace triggerd {
namespace {

// Without a stream of the library: a program that is started meanwhile must not inherit it.
std::string read_file(const char* path) {
  std::array<char, 4096> buffer;
  const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
  const ssize_t length = file.open() ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
  return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

void add(std::string& text, std::string_view name, std::string_view type, std::string_view help,
         double value) {
  std::ostringstream number;
  number.precision(15);
  number << value;
  text.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  text.append(name).append(" ").append(number.str()).append("\n");
}

// Fields of /proc/self/stat behind the program's name, which may hold anything; the first is number
// 3 of the manual.
std::vector<double> stat_fields() {
  const std::string stat = read_file("/proc/self/stat");
  std::istringstream rest(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string state;
  rest >> state;
  std::vector<double> fields;
  for (double value = 0; rest >> value;) fields.push_back(value);
  return fields;
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

int open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  if (folder == nullptr) return 0;
  int count = -3;  // `.`, `..` and the folder's own
  while (::readdir(folder.get()) != nullptr) ++count;
  return count;
}

}  // namespace

std::string process_figures() {
  std::string text;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const std::vector<double> fields = stat_fields();
  constexpr std::size_t kUser = 10, kSystem = 11, kThreads = 16, kStart = 18, kResident = 20;
  if (fields.size() > kResident) {
    add(text, "process_cpu_seconds_total", "counter", "Processor time used.",
        (fields[kUser] + fields[kSystem]) / ticks);
    add(text, "process_resident_memory_bytes", "gauge", "Memory in use.",
        fields[kResident] * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    add(text, "process_threads", "gauge", "Threads.", fields[kThreads]);
    // /proc/stat, which knows when the machine started, is hidden from a hardened service.
    const double boot = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
    add(text, "process_start_time_seconds", "gauge", "When the process started.",
        boot + fields[kStart] / ticks);
  }
  add(text, "process_open_fds", "gauge", "Open file descriptors.", open_descriptors());
  return text;
}

}  // namespace triggerd
