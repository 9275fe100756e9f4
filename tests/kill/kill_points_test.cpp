// SIGKILL at the N-th write, sync, rename or the like, and at random moments, over many lives on
// one state. A short form for each run of the tests; TRIGGERD_KILLS lengthens it.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "kill/fire.h"

using namespace triggerd::fire;
using triggerd::end_to_end::wait_until;

namespace {

const int kKillsShort = sanitized() ? 12 : 25;
// The truth log is replayed at the end of each scene: many small ones are judged sooner than one
// large one.
constexpr int kKillsOfAScene = 60;
// Lives that end before all streams have their baseline.
constexpr int kKillsOfBaselines = 5;
constexpr std::int64_t kLifeMaxMs = 1'200;
constexpr int kCallsOfAFirstStart = 45;
constexpr Wait kStartMax{3'000};

using Random = std::mt19937;

// Small numbers as often as large ones: the first calls open the state and put it in order.
int point_up_to(Random& random, int most) {
  const double part = static_cast<double>(random() % 1'000'000) / 1e6;
  return static_cast<int>(std::exp(part * std::log(static_cast<double>(most))));
}

Failpoint draw(Random& random) {
  static const char* const kDeeds[] = {"kill_before", "kill_after", "torn"};
  struct Call {
    const char* name;
    int most;  // about as many as a short life makes
  };
  static const Call kCalls[] = {{"any", 1500},  {"any", 1500},   {"any", 300},
                                {"write", 600}, {"sync", 60},    {"sync", 60},
                                {"rename", 4},  {"truncate", 4}, {"unlink", 4}};
  const Call& call = kCalls[random() % std::size(kCalls)];
  Failpoint point;
  point.call = call.name;
  point.at = point_up_to(random, call.most);
  point.deed = kDeeds[random() % std::size(kDeeds)];
  return point;
}

void live_and_die(FireScene& scene, Random& random) {
  const bool by_itself = random() % 5 != 0;
  if (by_itself) {
    const Failpoint point = draw(random);
    CAPTURE(point.call);
    CAPTURE(point.at);
    CAPTURE(point.deed);
    scene.start(point);
    if (const auto code = scene.ended(Wait{kLifeMaxMs})) {
      CHECK_MESSAGE(*code == -9, "it ended by itself:\n" << scene.log());
      return;
    }
    count("points_not_reached");
  } else {
    scene.start();
    scene.ended(Wait{static_cast<std::int64_t>(random()) % kLifeMaxMs});
  }
  scene.kill();
  count("kill_points");
  count("kill_points_at_random_moments");
}

}  // namespace

TEST_SUITE_BEGIN("kill points");

TEST_CASE(
    "killed at any write, sync or moment, nothing is lost, invented or repeated unlabelled "
    "(I1 I2 I10 I11 I13, DSP-02, PAG-15)") {
  const int kills = kills_wanted(kKillsShort);
  std::uint32_t seed = first_seed();
  for (int done = 0; done < kills; ++seed) {
    CAPTURE(seed);
    note_seeds(first_seed(), seed);
    Random random(seed);
    Fire fire;
    fire.seed = seed;
    FireScene scene(fire);
    for (int round = 0; round < kKillsOfAScene && done < kills; ++round, ++done) {
      if (round == kKillsOfBaselines) {
        scene.start();
        scene.wait_for_baselines();
        scene.kill();
      }
      scene.let_the_sink_fail(round);
      live_and_die(scene, random);
    }
    scene.finish();
  }
}

TEST_CASE("COM-01 killed at each call of the very first start, the next start makes a state") {
  FireScene scene({});
  scene.doubt_answers();
  const int last = kills_wanted(1) > 1 ? kCallsOfAFirstStart : kCallsOfAFirstStart / 3;
  for (int at = 1; at <= last; ++at) {
    for (const char* deed : {"kill_before", "torn"}) {
      CAPTURE(at);
      CAPTURE(deed);
      std::filesystem::remove_all(scene.state());
      Failpoint point;
      point.deed = deed;
      point.at = at;
      scene.start(point);
      REQUIRE(scene.ended(kStartMax) == -9);
      // The same in each run: no figure to add up.
      count("kill_points", -1);
      count("kills_of_first_starts");
      scene.start();
      const bool loaded = wait_until(kStartMax, [&scene] {
        return scene.log().find("configuration is loaded") != std::string::npos;
      });
      CHECK_MESSAGE(loaded, scene.log());
      scene.kill();
    }
  }
  scene.trust_answers();
  scene.finish();
}

TEST_SUITE_END();
