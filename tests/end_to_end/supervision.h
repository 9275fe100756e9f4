// The other side of a supervised daemon: the socket that systemd listens on, and a thread that is
// stopped as a deadlock would stop it. Used by operations_test.
#pragma once

#include <doctest/doctest.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::end_to_end {

inline constexpr Wait kToldMost{60'000};

// The supervisor's end of NOTIFY_SOCKET.
class Systemd {
 public:
  explicit Systemd(const Folder& folder)
      : path_(folder.at("notify")),
        socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path_.size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, path_.c_str());
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Systemd() { ::close(socket_); }
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;

  // Everything told since the last call.
  std::string told() {
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = ::recv(socket_, buffer.data(), buffer.size(), 0)) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n)).append("\n");
    }
    return text;
  }
  bool tells(const std::string& part) {
    return wait_until(kToldMost, [&] { return told().find(part) != std::string::npos; });
  }
  std::vector<std::string> environment() const {
    return {"NOTIFY_SOCKET=" + path_, "WATCHDOG_USEC=1000000"};
  }

 private:
  std::string path_;
  int socket_;
};

// Stops one thread of a process as a deadlock would, the others go on.
class StoppedThread {
 public:
  explicit StoppedThread(int thread) : thread_(thread) {
    const bool taken = ::ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0 &&
                       ::ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0;
    if (!taken) {
      reason_ = std::strerror(errno);
      thread_ = 0;
      return;
    }
    int status = 0;
    ::waitpid(thread_, &status, __WALL);
  }
  ~StoppedThread() { go_on(); }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;
  const std::string& reason() const { return reason_; }
  void go_on() {
    if (thread_ != 0) ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
    thread_ = 0;
  }

 private:
  int thread_;
  std::string reason_;
};

}  // namespace triggerd::end_to_end
