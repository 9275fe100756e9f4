// Supervisor: tells systemd, or whatever started us and speaks its protocol, that the daemon is
// ready, reloads, stops, and that its loop still turns. The protocol is one datagram of text to the
// socket that NOTIFY_SOCKET names, and is promised to stay; libsystemd would bring four more
// libraries into the process for it. Without the variable every call does nothing. Never waits.
// Loop thread only.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "os/descriptor.h"

namespace triggerd {

struct SupervisorSettings {
  std::string socket;                                 // a path, or `@` and a name; empty: none
  std::optional<std::chrono::microseconds> watchdog;  // it wants to hear of us so often

  // NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static SupervisorSettings from_environment();
};

class Supervisor {
 public:
  using Now = std::chrono::steady_clock::time_point;
  explicit Supervisor(SupervisorSettings settings);

  void ready(const std::string& status);
  void reloading(Now now);
  void stopping();
  // A line for `systemctl status`; told only when it changed.
  void status(const std::string& text);
  // The loop came round: at half of the watchdog's interval it is told so, and only from here.
  void turned(Now now);
  // How long the loop may wait at most, so that it comes round often enough.
  std::optional<std::chrono::milliseconds> longest_wait() const;

 private:
  void send(const std::string& text) const;

  SupervisorSettings settings_;
  Descriptor socket_;
  std::string status_;
  std::optional<Now> told_;
};

}  // namespace triggerd
