// A start with very many waiting events and known records (TRIGGERD_WAITING; a million in the long
// form): no statement of the start and of the first turns walks through them all.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <chrono>
#include <map>

#include "limits/fast_world.h"
#include "limits/measuring.h"
#include "store/connection.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

// By statement: the most steps of SQLite's machine that it took at once.
using Steps = std::map<std::string, std::int64_t>;

int count_steps(unsigned, void* counts, void* statement, void*) {
  auto* one = static_cast<sqlite3_stmt*>(statement);
  std::int64_t& most = (*static_cast<Steps*>(counts))[sqlite3_sql(one)];
  most = std::max<std::int64_t>(most, sqlite3_stmt_status(one, SQLITE_STMTSTATUS_VM_STEP, 1));
  return 0;
}

void seed(const std::string& file, std::int64_t count) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
  const std::string numbers =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
      "WHERE i < " +
      std::to_string(count) + ") ";
  const std::string many =
      "BEGIN;"
      "INSERT INTO seen (stream_id, key, raw_hash, fingerprint, rule, n, first_seen, missing, "
      "remembered) " +
      numbers +
      "SELECT 1, 'r' || i, i, i, 1, 1, 0, 0, '{}' FROM n;"
      "INSERT INTO events (id, event_id, stream_id, key, n, kind, detected_at, object) " +
      numbers +
      "SELECT i, 'evt_' || i, 1, 'r' || i, 1, 'new', 1772357400000, '{\"event\":{}}' FROM n;"
      "INSERT INTO runs (id, stream_id, key, state, reason, steps_hash, ordered, next_at) " +
      numbers +
      "SELECT i, 1, 'r' || i, 'waiting', '', (SELECT hash FROM steps_definitions), 1, "
      "1772357400000 + i FROM n;"
      "INSERT INTO steps (run, position, each_index, step_id, state, key, attempts, each_value, "
      "request, answer, error) " +
      numbers +
      "SELECT i, 0, 0, '1', 'waiting', 'k' || i, 1, '', '', '', '' FROM n;"
      "INSERT INTO attempts (run, key, number, step_id, started_at, ended_at, outcome, status, "
      "reason) " +
      numbers + "SELECT i, 'k' || i, 1, '1', 1, 2, 'retry', 500, '' FROM n; COMMIT;";
  char* problem = nullptr;
  sqlite3_exec(handle, many.c_str(), nullptr, nullptr, &problem);
  const std::string told = problem == nullptr ? "" : problem;
  sqlite3_free(problem);
  sqlite3_close(handle);
  REQUIRE_MESSAGE(told.empty(), told);
}

}  // namespace

TEST_CASE(
    "SHU-11 a start with very many waiting events and known records walks through none of them") {
  const std::int64_t count = setting("TRIGGERD_WAITING", 20'000);
  const std::string config = world_config(
      "  t:\n    poll: app.list_items\n    account: main\n    every: 15m\n"
      "    do: [{action: log, with: {message: seen}}]\n",
      "engine: {outbox_max: 1000}\n");
  FastWorld world([](const std::string&) { return R"({"items":[]})"; }, config);
  world.engine.reset();
  seed(world.directory.file("triggerd.db"), count);

  Steps steps;
  const auto began = std::chrono::steady_clock::now();
  Database database = Database::open(world.directory.path(), {}, world.clock.wall());
  sqlite3_trace_v2(database.parts().handle(), SQLITE_TRACE_PROFILE, &count_steps, &steps);
  EngineOptions options;
  options.dispatch = true;
  world.engine = std::make_unique<Engine>(EngineSeams{world.clock, world.http, world.spawner},
                                          std::move(database), options);
  world.load(config);
  const std::chrono::duration<double> ready = std::chrono::steady_clock::now() - began;
  note_figure("start with " + std::to_string(count) + " waiting events", ready.count(), "s");
  const auto judge = [&](const std::string& when) {
    for (const auto& [sql, taken] : steps) {
      CAPTURE(when);
      CAPTURE(sql);
      // A walk through all of them takes several steps for each; the outbox is counted to its
      // bound.
      CHECK(taken < count / 2);
    }
    steps.clear();
  };
  judge("start");
  world.clock.pass(Millis{1'000});
  for (int i = 0; i < 10; ++i) world.turn();
  judge("ten turns");
  note_figure("  longest of its first ten turns", world.longest_turn, "ms");
  CHECK(world.number("SELECT count(*) FROM runs WHERE state = 'done'") > 0);
  proof::count("waiting_events_at_start", count);
}
