// run: the daemon, in the foreground, until SIGTERM.
#include <iostream>

#include "cli/command_line.h"
#include "cli/daemon.h"
#include "cli/monitoring.h"
#include "os/control_server.h"
#include "os/file_watch.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

// How long a stop waits for what is in flight (failure-modes SHU-01); real time.
constexpr std::chrono::seconds kDrainMax{30};

void serve_control(ControlServer& control, Engine& engine) {
  for (const ControlRequest& request : control.take()) {
    const auto command = parse_json(request.text);
    const nlohmann::json answer =
        command ? engine.operate(*command)
                : nlohmann::json{{"ok", false}, {"message", "a command is one line of JSON"}};
    control.answer(request.connection, compact_json(answer));
  }
}

void drain(Daemon& daemon, Monitoring& monitoring) {
  log(LogLevel::info, "stopping: what is in flight may end");
  monitoring.stopping();
  daemon.engine->drain();
  const SystemClock real;
  const SteadyTime until = real.steady() + kDrainMax;
  while (!daemon.engine->drained() && real.steady() < until) {
    daemon.engine->turn(Millis{100});
    monitoring.turned();
    if (daemon.signals.take().stop > 0) break;
  }
  daemon.spawner.stop_all();
  daemon.engine->save();
  log(LogLevel::info, "stopped");
}

}  // namespace

int command_run(const CommandOptions& options) {
  Daemon daemon(options);
  if (const auto failed = daemon.prepare({}, false)) return *failed;
  FileWatch watch(options.config);
  if (watch.descriptor() >= 0) daemon.http.add_wake(watch.descriptor());
  ControlServer control(daemon.directory + "/control");
  daemon.http.add_wake(control.descriptor());
  Monitoring monitoring(daemon);
  monitoring.ready();
  for (;;) {
    const SignalsSeen seen = daemon.signals.take();
    if (seen.stop > 1) return kExitOk;  // everything that matters is committed
    if (seen.stop == 1) break;
    if (seen.reload || watch.changed()) {
      monitoring.reloading();
      daemon.reload();
      monitoring.reloaded();
    }
    if (daemon.engine->take_refused_credentials()) daemon.read_secrets_again();
    serve_control(control, *daemon.engine);
    daemon.engine->turn(monitoring.longest_wait());
    monitoring.turned();
  }
  drain(daemon, monitoring);
  return kExitOk;
}

}  // namespace triggerd
