// What the world outside is told of a running daemon: systemd (readiness, watchdog, status) and
// monitoring (/metrics, /healthz, /readyz). Asked once a turn; does something only where it is
// time. Made by run. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/daemon.h"
#include "os/metrics_server.h"
#include "os/supervisor.h"

namespace triggerd {

class Monitoring {
 public:
  explicit Monitoring(Daemon& daemon);

  // The configuration is applied and all that commands need is there.
  void ready();
  // Around a reload; engine.metrics may be another one after it.
  void reloading();
  void reloaded();
  void stopping();
  void turned();

  Millis longest_wait() const;  // of a turn

 private:
  using Now = std::chrono::steady_clock::time_point;
  void serve(Now now);
  void publish(Now now);
  void tell_standing();
  std::string page() const;
  std::string status_text() const;

  Daemon& daemon_;
  SystemClock real_;  // intervals here do not follow --speed
  Supervisor supervisor_;
  std::unique_ptr<MetricsServer> server_;
  std::string place_;  // that was asked for last
  Now next_try_{}, next_status_{};
  std::optional<Now> page_made_;
  Millis page_took_{0};
  std::string told_;  // why it was not ready
  bool stopping_ = false;
};

}  // namespace triggerd
