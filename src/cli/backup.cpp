// backup and restore: the state as one file, and back.
#include "triggerd/store/backup.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "os/system_clock.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

int print_done(const CommandOptions& options, const std::string& message, nlohmann::json figures) {
  if (options.json) {
    figures["ok"] = true;
    figures["message"] = message;
    std::cout << compact_json(figures) << '\n';
  } else {
    std::cout << message << '\n';
  }
  return kExitOk;
}

}  // namespace

int command_backup(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  // Says where there is none.
  if (!read_state(options, *place, failed)) return failed;
  const auto made = back_up(place->directory, options.output, options.force, SystemClock().wall());
  if (!made) return fail(options, kExitFailed, made.error());
  return print_done(options,
                    options.output + ": " + std::to_string(made->bytes / 1024) + " KiB, schema " +
                        std::to_string(made->schema) +
                        "; it holds records of your apps, and no credentials",
                    {{"file", options.output}, {"bytes", made->bytes}, {"schema", made->schema}});
}

int command_restore(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  const WallTime now = SystemClock().wall();
  const Result<OwnerLock, std::string> lock = OwnerLock::take(place->directory, now);
  if (!lock) return fail(options, kExitState, lock.error() + "; stop the daemon first");
  const auto restored = restore(place->directory, options.output, now);
  if (!restored) return fail(options, kExitFailed, restored.error());
  std::string message = place->directory + " is now what " + options.output + " says; epoch " +
                        std::to_string(restored->epoch) +
                        ": what is sent again says that it may be a repeat";
  if (!restored->aside.empty()) message += "; the state before is kept as " + restored->aside;
  return print_done(
      options, message,
      {{"epoch", restored->epoch}, {"schema", restored->schema}, {"kept_aside", restored->aside}});
}

}  // namespace triggerd
