#include "measured_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace triggerd::bench {

namespace {

double memory_mb(pid_t pid, const std::string& name) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = status.find(name);
  if (at == std::string::npos) return 0;
  constexpr double kKib = 1024;
  return std::atof(status.c_str() + at + name.size()) * kKib / 1e6;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

MeasuredProcess::MeasuredProcess(const std::vector<std::string>& command,
                                 const std::string& output) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process can be started");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(out);
}

MeasuredProcess::~MeasuredProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

double MeasuredProcess::cpu_us() const {
  // Nanoseconds on a CPU, thread by thread; the clock ticks of `stat` are too coarse.
  double sum = 0;
  std::error_code gone;
  const std::string threads = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(threads, gone)) {
    sum += std::atof(read_file(thread.path().string() + "/schedstat").c_str());
  }
  return sum / 1e3;
}

double MeasuredProcess::resident_mb() const { return memory_mb(pid_, "VmRSS:"); }
double MeasuredProcess::peak_mb() const { return memory_mb(pid_, "VmHWM:"); }

bool MeasuredProcess::running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, &status_, WNOHANG) != pid_) return true;
  pid_ = -1;
  return false;
}

int MeasuredProcess::stop() {
  if (pid_ >= 0) ::kill(pid_, SIGTERM);
  return wait();
}

int MeasuredProcess::wait() {
  if (pid_ >= 0) ::waitpid(pid_, &status_, 0);
  pid_ = -1;
  return WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_);
}

}  // namespace triggerd::bench
