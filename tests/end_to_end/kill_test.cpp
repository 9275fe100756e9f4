// SIGKILL of the daemon at 20 random moments under load, with a sink that fails at times: the truth
// log knows of nothing that was lost, invented or repeated without saying so.
#include <doctest/doctest.h>

#include <random>

#include "end_to_end/quiet.h"

using namespace triggerd::end_to_end;

namespace {

constexpr int kKills = 20;
constexpr int kLifeOfOneMaxMs = 1'500;

void let_the_sink_fail(const Sandbox& sandbox, int round) {
  static const std::vector<json> kFaults = {{{"kind", "status"}, {"status", 500}},
                                            {{"kind", "reset"}},
                                            {{"kind", "throttle"}, {"retry_after", "1"}},
                                            {{"kind", "lost_after_effect"}},
                                            {{"kind", "delay"}, {"milliseconds", 200}}};
  json fault = kFaults[static_cast<std::size_t>(round) % kFaults.size()];
  fault["operation"] = "sink";
  fault["count"] = 5;
  sandbox.post("/control/faults", fault);
}

}  // namespace

TEST_SUITE_BEGIN("kill");

TEST_CASE("20 kills under load lose, invent and repeat nothing (I1 I2 I10 I11 I13, PAG-15)") {
  SandboxOptions options;
  options.speed = 240;
  options.pace = 60;
  options.seed = 7;
  LivingScene scene(options, Wait{240'000});
  scene.wait_for_baselines();
  std::mt19937 random(20261121);
  for (int round = 0; round < kKills; ++round) {
    let_the_sink_fail(scene.sandbox(), round);
    const Wait life{static_cast<std::int64_t>(random()) % kLifeOfOneMaxMs};
    wait_until(life, [] { return false; });
    scene.kill_and_restart();
  }
  // On a slow machine twenty short lives see too little for each trigger to fire.
  scene.wait_for_changes(3'000);
  scene.become_quiet();
  CHECK(scene.stop() == 0);
  scene.check_everything();
}

TEST_SUITE_END();
