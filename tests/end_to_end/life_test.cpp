// The daemon on all 55 triggers while the sandbox's world changes by itself: what it detected and
// sent is exactly what the truth log says; and the configuration that is shipped makes every
// trigger fire.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>

#include "checker/database_rules.h"
#include "checker/deliveries.h"
#include "checker/state_reader.h"
#include "end_to_end/plain_config.h"
#include "end_to_end/quiet.h"

using namespace triggerd::checker;
using namespace triggerd::end_to_end;

TEST_SUITE_BEGIN("life");

TEST_CASE("all 55 triggers detect and deliver exactly what the world showed (I1 to I13)") {
  SandboxOptions options;
  options.speed = 240;
  options.pace = 40;
  LivingScene scene(options, Wait{180'000});
  scene.wait_for_baselines();
  scene.wait_for_changes(3'000);
  scene.become_quiet();
  CHECK(scene.stop() == 0);
  scene.check_everything();
}

TEST_CASE("the shipped triggers.yaml polls all 55 triggers without an error and each one fires") {
  const Folder folder;
  SandboxOptions options;
  options.speed = 240;
  options.pace = 120;
  options.contacts = 24;
  options.quiet = 300;
  const Sandbox sandbox(folder, options);
  Triggerd daemon(folder, sandbox, options.speed);
  daemon.configure(read_text(TRIGGERD_SOURCE "/triggers.yaml"));
  Process running = daemon.start("run");
  const char* totals =
      "SELECT t.id AS trigger, coalesce(sum(s.polls), 0) AS polls, coalesce(sum(s.events), 0) AS "
      "events FROM triggers t LEFT JOIN streams s ON s.trigger = t.id GROUP BY t.id";
  const auto silent = [&] {
    std::string names;
    for (const json& row : query_state(daemon.database(), totals)) {
      if (row.at("polls") == 0 || row.at("events") == 0) {
        names += " " + row.at("trigger").get<std::string>();
      }
    }
    return names;
  };
  const bool all_fired = wait_until(Wait{180'000}, [&] {
    return query_state(daemon.database(), totals).size() == 55 && silent().empty();
  });
  CHECK_MESSAGE(all_fired, "without an event:", silent());
  // A list of a record that has just gone fails until the trigger above it has found it gone.
  sandbox.post("/control/pause", json::object());
  const std::string failing =
      "SELECT trigger, item, last_error FROM streams WHERE failures > 0 AND ended_at IS NULL";
  CHECK(wait_until(Wait{60'000}, [&] { return query_state(daemon.database(), failing).empty(); }));
  running.signal(SIGTERM);
  CHECK(running.wait(Wait{60'000}) == 0);
  for (const json& row : query_state(daemon.database(), failing)) FAIL_CHECK(row.dump());
}

TEST_SUITE_END();
