// The daemon's surroundings in one place: clock, network, programs, signals, file watch, control
// socket, state. Used by run, once and test, which differ in when they stop. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "os/curl_client.h"
#include "os/posix_spawner.h"
#include "os/signals.h"
#include "os/system_clock.h"
#include "triggerd/engine/engine.h"

namespace triggerd {

// What came of loading the file while it runs, for monitoring.
struct Reloads {
  bool last_good = true;
  WallTime applied_at{};
  std::int64_t applied = 0, refused = 0;
};

struct Daemon {
  explicit Daemon(const CommandOptions& chosen);
  ~Daemon();  // what the log has left out is told at the end
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Loads the configuration, moves it to the sandbox, takes the lock, opens the state, applies. An
  // exit code when something is wrong (said on stderr); nothing when it is ready.
  std::optional<int> prepare(EngineOptions engine_options, bool on_a_copy);
  // Loads and applies the file again; what is wrong is logged and the running configuration stays.
  void reload();
  // For credentials that were refused: the same configuration with the secrets of this moment. A
  // file that was edited meanwhile is left to reload().
  void read_secrets_again();

  CommandOptions options;
  Signals signals;
  SystemClock clock;
  CurlClient http;
  PosixSpawner spawner;
  std::shared_ptr<const Config> config;
  std::string directory;
  std::optional<OwnerLock> lock;
  std::unique_ptr<Engine> engine;
  Reloads reloads;

 private:
  std::shared_ptr<const Config> load(std::optional<int>& failed);
  // Waits a moment for a command that holds it; longer for nobody.
  Result<OwnerLock, std::string> take_lock();
  std::vector<Problem> place(std::vector<Problem> refused) const;
  // Notes for `status` that the file is not the one that runs.
  void note_refusal(std::size_t problems);

  std::string text_;           // of the file as it was loaded last, with problems or without
  std::size_t errors_ = 0;     // of that load
  SteadyTime secrets_next_{};  // not before, however often credentials are refused
};

}  // namespace triggerd
