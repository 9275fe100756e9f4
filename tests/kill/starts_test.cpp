// Starts: two daemons on one state, and a loop of crashes.
#include <doctest/doctest.h>

#include <chrono>
#include <map>

#include "end_to_end/truth.h"
#include "kill/fire.h"

using namespace triggerd::fire;
using namespace triggerd::end_to_end;

namespace {

constexpr int kExitState = 4;

}  // namespace

TEST_SUITE_BEGIN("starts");

TEST_CASE("COM-07 a second daemon on the same state is refused, names the first, touches nothing") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  const std::string holder = "in use by pid " + std::to_string(scene.daemon().pid()) + " since ";
  for (int round = 0; round < 5; ++round) {
    const FireScene::Said second = scene.say("run", {"--sandbox", scene.sandbox().url()});
    CHECK(second.code == kExitState);
    CHECK_MESSAGE(second.text.find(holder) != std::string::npos, second.text);
    count("second_daemons");
  }
  scene.wait_for_polls(20);
  scene.finish();
}

TEST_CASE("SHU-04 a loop of crashes polls no faster than the schedule allows") {
  Fire fire;
  fire.speed = 60;  // a poll of each stream a second
  FireScene scene(fire);
  scene.start();
  scene.wait_for_baselines();
  scene.kill();
  const auto polls_of_streams = [&scene] {
    std::map<std::string, int> polls;
    for (const Answer& answer : read_truth(scene.sandbox().truth()).answers) {
      // One request a poll, and asked for by nothing else.
      if (answer.operation == "list_workflows" || answer.operation == "get_duplicate_contact") {
        ++polls[answer.operation];
      }
    }
    return polls;
  };
  const auto before = polls_of_streams();
  const auto begun = std::chrono::steady_clock::now();
  const int crashes = sanitized() ? 12 : 30;
  for (int crash = 0; crash < crashes; ++crash) {
    scene.start();
    scene.ended(Wait{sanitized() ? 400 : 200});
    scene.kill();
    count("kills_in_crash_loop");
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const auto after = polls_of_streams();
  // One a second, one more for where it falls, and a few that the next kill came too early for.
  const int most = static_cast<int>(took.count()) + 1 + crashes / 10;
  for (const auto& [operation, polls] : after) {
    const int more = polls - before.at(operation);
    CAPTURE(operation);
    CHECK(more <= most);
    note_limit("polls of " + operation + " in a crash loop", more, "polls", most);
  }
  scene.finish();
}

TEST_SUITE_END();
