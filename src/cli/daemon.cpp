#include "cli/daemon.h"

#include <algorithm>

#include "cli/auth_exchange.h"
#include "cli/outcome.h"
#include "engine/config_notes.h"
#include "os/log.h"
#include "os/random_seed.h"
#include "triggerd/hash.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

// Larger databases are not read whole at each start; `triggerd doctor` does it.
constexpr std::int64_t kCheckedBytesMax = 256LL * 1024 * 1024;
constexpr Millis kSecretsEvery{60'000};

// A command that changes the state holds its lock for some milliseconds.
constexpr Millis kLockTick{50};
constexpr int kLockTicksMax = 40;

bool has_other_secrets(const Config& running, const Config& loaded) {
  return std::any_of(loaded.accounts.begin(), loaded.accounts.end(), [&](const auto& one) {
    const Account* before = running.account(one.first);
    return before == nullptr ||
           !std::equal(one.second.secrets.begin(), one.second.secrets.end(),
                       before->secrets.begin(), before->secrets.end(), [](auto& a, auto& b) {
                         return a.first == b.first && a.second.reveal() == b.second.reveal();
                       });
  });
}

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
  Loaded loaded = load_for(options, false);
  text_ = std::move(loaded.text);
  errors_ = loaded.errors;
  if (loaded.config == nullptr) {
    failed = kExitConfiguration;
    return nullptr;
  }
  if (options.sandbox.empty()) return loaded.config;
  const std::string wrong = check_sandbox_url(options.sandbox);
  if (!wrong.empty()) {
    failed = fail(options, kExitUsage, wrong);
    return nullptr;
  }
  auto moved = move_to_sandbox(*loaded.config, options.sandbox, http);
  if (!moved) {
    failed = fail(options, kExitFailed, moved.error());
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
    return fail_unknown(options, "trigger", name, names);
  }
  directory = state_directory(options, *config);
  DatabaseOptions how;
  how.in_memory_copy = on_a_copy;
  if (!on_a_copy) {
    Result<OwnerLock, std::string> taken = take_lock();
    if (!taken) return fail(options, kExitState, taken.error());
    lock.emplace(std::move(*taken));
  }
  engine_options.file = options.config;
  engine_options.sandbox_url = options.sandbox;
  engine_options.seed = random_seed();
  engine_options.secrets = secrets_for(options);
  engine_options.tokens = tokens_directory(directory);
  Database database = Database::open(directory, how, clock.wall());
  if (database.file_bytes() < kCheckedBytesMax) {
    const std::string state = database.quick_check();
    if (state != "ok") {
      return fail(
          options, kExitState,
          "the database is damaged: " + state + "; move it aside, or put a copy in its place");
    }
  }
  engine = std::make_unique<Engine>(EngineSeams{clock, http, spawner}, std::move(database),
                                    engine_options);
  const std::vector<Problem> refused = engine->apply(config);
  reloads.applied_at = clock.wall();
  if (refused.empty()) return {};
  return fail_problems(options, place(refused), {{options.config, text_}});
}

Result<OwnerLock, std::string> Daemon::take_lock() {
  Result<OwnerLock, std::string> taken = OwnerLock::take(directory, clock.wall());
  for (int tick = 0; !taken && tick < kLockTicksMax && signals.take().stop == 0; ++tick) {
    const bool held = !OwnerLock::holder(directory).empty();
    if (held) http.finished(kLockTick);
    taken = OwnerLock::take(directory, clock.wall());
    if (!held) break;  // let go of just now, or no lock is the trouble
  }
  return taken;
}

std::vector<Problem> Daemon::place(std::vector<Problem> refused) const {
  place_problems(refused, text_);
  return refused;
}

void Daemon::note_refusal(std::size_t problems) {
  reloads.last_good = false;
  ++reloads.refused;
  Database& database = engine->database();
  try {
    database.begin();
    note_refused(database, {options.config, hash128_hex(text_), clock.wall(), problems});
    database.commit();
  } catch (const StoreFailure& failure) {
    database.rollback();
    log(LogLevel::warning, "the refused configuration could not be noted for `status`",
        {{"reason", failure.what()}});
  }
}

void Daemon::reload() {
  std::optional<int> failed;
  std::shared_ptr<const Config> next = load(failed);
  if (next == nullptr) {
    log(LogLevel::error, "the configuration has problems; the running one stays",
        {{"file", options.config}, {"problems", errors_}});
    note_refusal(errors_);
    return;
  }
  // Also for a file that is as it was: secrets may have changed all the same.
  const std::vector<Problem> refused = engine->apply(next);
  if (!refused.empty()) {
    print_problems(place(refused), {{options.config, text_}});
    log(LogLevel::error, "the configuration is refused; the running one stays",
        {{"file", options.config}, {"problems", refused.size()}});
    note_refusal(refused.size());
    return;
  }
  config = std::move(next);
  reloads.last_good = true;
  reloads.applied_at = clock.wall();
  ++reloads.applied;
}

void Daemon::read_secrets_again() {
  // The sandbox hands out credentials of its own.
  if (!options.sandbox.empty() || clock.steady() < secrets_next_) return;
  secrets_next_ = clock.steady() + kSecretsEvery;
  const std::shared_ptr<const Config> next = load_unchanged(options, text_);
  // A reload disturbs all accounts a little, which one whose credentials are refused must not do.
  if (next == nullptr || !has_other_secrets(*config, *next) || !engine->apply(next).empty()) return;
  config = next;
}

}  // namespace triggerd
