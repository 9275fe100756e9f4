// once: one cycle of each stream, what is due is sent, exit; for cron.
#include <iostream>

#include "cli/command_line.h"
#include "cli/daemon.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

constexpr Millis kTurnMax{1'000};

}  // namespace

int command_once(const CommandOptions& options) {
  Daemon daemon(options);
  EngineOptions engine_options;
  engine_options.once = true;
  engine_options.only = options.triggers;
  if (const auto failed = daemon.prepare(engine_options, false)) return *failed;
  do {
    daemon.engine->turn(kTurnMax);
    if (daemon.signals.take().stop > 0) {
      daemon.engine->drain();
      break;
    }
  } while (!daemon.engine->finished());
  daemon.engine->save();
  Database& database = daemon.engine->database();
  std::int64_t failing = 0;
  for (const nlohmann::json& row : list_view(database, "status", "", 1'000'000).rows) {
    if (row.value("failures", std::int64_t{0}) > 0) ++failing;
  }
  const std::size_t waiting = list_view(database, "pending_runs", "", 1'000).rows.size();
  if (failing > 0 || waiting > 0) {
    std::cerr << "triggerd: " << failing << " streams failed, " << waiting
              << " runs wait for their retry; see `triggerd status`\n";
    return kExitIncomplete;
  }
  return kExitOk;
}

}  // namespace triggerd
