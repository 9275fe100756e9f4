#include "cli/daemon.h"

#include <iostream>

#include "os/log.h"
#include "os/random_seed.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

// Larger databases are not read whole at each start; `triggerd doctor` does it.
constexpr std::int64_t kCheckedBytesMax = 256LL * 1024 * 1024;

}  // namespace

Daemon::Daemon(const CommandOptions& chosen)
    : options(chosen), clock(chosen.sandbox.empty() ? 1.0 : chosen.speed), http(CurlOptions{}) {
  http.add_wake(signals.descriptor());
  http.add_wake(spawner.descriptor());
  setup_logging(options.log_format == "json" ? LogFormat::json : LogFormat::text,
                log_level_named(options.log_level).value_or(LogLevel::info));
}

Daemon::~Daemon() { finish_logging(); }

std::shared_ptr<const Config> Daemon::load(std::optional<int>& failed) {
  const Loaded loaded = load_for(options, false);
  if (loaded.config == nullptr) {
    failed = kExitConfiguration;
    return nullptr;
  }
  if (options.sandbox.empty()) return loaded.config;
  const std::string wrong = check_sandbox_url(options.sandbox);
  if (!wrong.empty()) {
    std::cerr << "triggerd: " << wrong << '\n';
    failed = kExitUsage;
    return nullptr;
  }
  auto moved = move_to_sandbox(*loaded.config, options.sandbox, http);
  if (!moved) {
    std::cerr << "triggerd: " << moved.error() << '\n';
    failed = kExitFailed;
    return nullptr;
  }
  if (engine == nullptr && moved->now) clock.set_wall(*moved->now);
  return std::move(moved->config);
}

std::optional<int> Daemon::prepare(EngineOptions engine_options, bool on_a_copy) {
  std::optional<int> failed;
  config = load(failed);
  if (failed) return failed;
  for (const std::string& name : engine_options.only) {
    if (config->trigger(name) != nullptr) continue;
    std::vector<std::string> names;
    for (const Trigger& trigger : config->triggers) names.push_back(trigger.id);
    const std::string near = nearest_name(name, names);
    std::cerr << "triggerd: there is no trigger `" << name << "`"
              << (near.empty() ? "" : "; did you mean `" + near + "`?") << '\n';
    return kExitUsage;
  }
  directory = state_directory(options, *config);
  DatabaseOptions how;
  how.in_memory_copy = on_a_copy;
  if (!on_a_copy) {
    Result<OwnerLock, std::string> taken = OwnerLock::take(directory, clock.wall());
    if (!taken) {
      std::cerr << "triggerd: " << taken.error() << '\n';
      return kExitState;
    }
    lock.emplace(std::move(*taken));
  }
  engine_options.file = options.config;
  engine_options.sandbox_url = options.sandbox;
  engine_options.seed = random_seed();
  engine_options.secrets = secrets_for(options);
  Database database = Database::open(directory, how, clock.wall());
  if (database.file_bytes() < kCheckedBytesMax) {
    const std::string state = database.quick_check();
    if (state != "ok") {
      std::cerr << "triggerd: the database is damaged: " << state
                << "; move it aside, or put a copy in its place\n";
      return kExitState;
    }
  }
  engine = std::make_unique<Engine>(EngineSeams{clock, http, spawner}, std::move(database),
                                    engine_options);
  const std::vector<Problem> refused = engine->apply(config);
  if (refused.empty()) return {};
  print_problems(refused, {});
  return kExitConfiguration;
}

void Daemon::reload() {
  std::optional<int> failed;
  std::shared_ptr<const Config> next = load(failed);
  if (next == nullptr) {
    log(LogLevel::error, "the configuration has problems; the running one stays",
        {{"file", options.config}});
    return;
  }
  if (next->file_hash == config->file_hash) {
    log(LogLevel::debug, "the configuration is as it was");
    // Secrets may have changed all the same.
  }
  const std::vector<Problem> refused = engine->apply(next);
  if (!refused.empty()) {
    print_problems(refused, {});
    log(LogLevel::error, "the configuration is refused; the running one stays",
        {{"file", options.config}});
    return;
  }
  config = std::move(next);
}

}  // namespace triggerd
