// A program started by the bench, and what it costs: CPU time and memory as the kernel counts them.
// Killed when the object dies. Used by daemon.cpp and figures.cpp; knows no program by name.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace triggerd::bench {

class MeasuredProcess {
 public:
  // What it prints goes to the end of the file `output`.
  MeasuredProcess(const std::vector<std::string>& command, const std::string& output);
  ~MeasuredProcess();
  MeasuredProcess(const MeasuredProcess&) = delete;
  MeasuredProcess& operator=(const MeasuredProcess&) = delete;

  double cpu_us() const;       // user and system, of all its threads, up to now
  double resident_mb() const;  // now; 10^6 bytes
  double peak_mb() const;      // the most so far
  pid_t pid() const { return pid_; }
  bool running();
  int stop();  // SIGTERM, and waits; the exit code, or minus the signal
  int wait();

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

std::string read_file(const std::string& path);
void sleep_ms(int milliseconds);

}  // namespace triggerd::bench
