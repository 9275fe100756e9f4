// What the engine does beside its turns: notes of idle polls, the watchdog, back-pressure,
// retention, and standing still while the disk is full.
#include <algorithm>

#include "engine/engine_parts.h"
#include "triggerd/log.h"
#include "triggerd/store/retention.h"

namespace triggerd {

namespace {

constexpr Millis kSaveEvery{1'000};
constexpr Millis kWatchEvery{10'000};
constexpr Millis kWatchGrace{2 * 60'000};
constexpr Millis kCleanEvery{60'000};
constexpr Millis kPlanEvery{60'000};
// The wait between tries to write doubles while the disk comes and goes.
constexpr Millis kStorageTryFirst{1'000};
constexpr Millis kStorageTryMax{60'000};
constexpr Millis kStorageCalm{5 * 60'000};
constexpr std::size_t kStorageProbeBytes = 256UL * 1024;
constexpr std::size_t kNotesAtOnce = 2'000;
constexpr std::int64_t kExpiredAtOnce = 500;
constexpr std::int64_t kWalBytesMax = 64LL * 1024 * 1024;

}  // namespace

void Engine::Parts::keep_house(TurnTime time) {
  if (database.in_transaction() || time.steady >= next_save) {
    // Notes of idle polls ride along with a commit that happens anyway, or go once a second.
    database.begin();
    const std::vector<AccountRow> accounts = poller.changed_accounts(time.wall);
    for (const AccountRow& row : accounts) save_account(database, row);
    if (time.steady >= next_save) {
      poller.save_notes(database, kNotesAtOnce);
      next_save = time.steady + kSaveEvery;
      check_outbox();
    }
  }
  // What was late because nothing ran comes back by itself first: at a start, and after a sleep of
  // the machine or a stop of the process (SCH-04).
  const Millis away = clock_seen
                          ? std::max(time.steady - clock_seen->steady, time.wall - clock_seen->wall)
                          : Millis{0};
  if (away > kWatchGrace && next_watch != SteadyTime{}) {
    next_watch = SteadyTime{};
    log(LogLevel::info, "nothing ran for a while, or the clock was stepped forward",
        {{"milliseconds", away.count()}});
  }
  if (next_watch == SteadyTime{}) next_watch = time.steady + kWatchGrace;
  if (time.steady >= next_watch) {
    next_watch = time.steady + kWatchEvery;
    poller.watch(time);
    watch_sign_ins(time);
    poller.end_overlong(database, time);
    if (!database.file_unchanged()) {
      throw StoreFailure(StoreFailure::Kind::broken,
                         "the database file was replaced or deleted while in use");
    }
  }
  if (time.steady >= next_plan) {
    next_plan = time.steady + kPlanEvery;
    table.plan_turns();
  }
  if (time.steady >= next_clean && config != nullptr) {
    database.begin();
    const bool more =
        delete_expired(database, config->engine, time.wall, kExpiredAtOnce) >= kExpiredAtOnce;
    next_clean = time.steady + (more ? Millis{100} : kCleanEvery);
    if (database.wal_bytes() > kWalBytesMax) {
      if (database.in_transaction()) database.commit();
      database.checkpoint();
      log(LogLevel::warning, "the write-ahead log is large: a reader holds it, or the disk is slow",
          {{"bytes", database.wal_bytes()}});
    }
  }
}

// What was erased still stands in the log, until that is copied.
void Engine::Parts::empty_log() {
  try {
    if (database.checkpoint()) return;
    log(LogLevel::warning, "what was forgotten stays in the write-ahead log: a reader holds it");
  } catch (const StoreFailure& failure) {
    storage_failed(failure);
  }
}

void Engine::Parts::check_outbox() {
  if (config == nullptr) return;
  const std::int64_t most = config->engine.outbox_max;
  const std::int64_t waiting = count_unfinished(database, most);
  if (stopped.empty() && waiting >= most) {
    stopped = "the outbox is full";
    note_setting(database, "stopped", stopped);
    log(LogLevel::error, "polling pauses: the outbox is full",
        {{"waiting", waiting}, {"limit", most}});
  } else if (!stopped.empty() && !storage_down && waiting < most - most / 10) {
    stopped.clear();
    note_setting(database, "stopped", "");
    log(LogLevel::info, "polling goes on", {{"waiting", waiting}});
  }
}

void Engine::Parts::storage_failed(const StoreFailure& failure) {
  if (failure.kind() == StoreFailure::Kind::broken)
    throw failure;  // only a restart reads the truth
  database.rollback();
  meter.rollback();
  taken = 0;
  // Nothing that was prepared has left; its attempts are not recorded, so it must not leave.
  for (const Send& send : prepared) dispatcher.forget(send);
  prepared.clear();
  if (!storage_down) {
    log(LogLevel::error, "the state cannot be written; polling and sending stand still",
        {{"reason", failure.what()}});
  }
  const SteadyTime time = now().steady;
  const bool again = storage_wait > Millis{0} && time - storage_failed_at < kStorageCalm;
  storage_wait = again ? std::min(storage_wait * 2, kStorageTryMax) : kStorageTryFirst;
  storage_failed_at = time;
  storage_down = true;
  stopped = "the state cannot be written: " + std::string(failure.what());
  next_storage_try = time + storage_wait;
}

bool Engine::Parts::storage_back(TurnTime time) {
  if (time.steady < next_storage_try) return false;
  next_storage_try = time.steady + storage_wait;
  // More than one small row must fit, or the next page fails again.
  database.begin();
  note_setting(database, "stopped", std::string(kStorageProbeBytes, ' '));
  note_setting(database, "stopped", "");
  database.commit();
  storage_down = false;
  stopped.clear();
  log(LogLevel::info, "the state can be written again", {});
  // Memory may be ahead of the disk: every stream starts from its row.
  std::unordered_set<std::string> all;
  for (const Trigger& trigger : config->triggers) all.insert(trigger.id);
  for (auto& [id, stream] : table.all()) stream->dirty = false;
  make_gates(*config, time);
  database.begin();
  table.apply(config, database, all, time.wall);
  database.commit();
  poller.follow(table, gates, time);
  runs_changed = true;
  next_watch = SteadyTime{};
  if (waiting_config == nullptr) return true;
  for (const Problem& problem : apply(std::exchange(waiting_config, nullptr))) {
    log(LogLevel::error, "configuration is refused",
        {{"line", problem.place.line}, {"reason", problem.what}});
  }
  return true;
}

}  // namespace triggerd
