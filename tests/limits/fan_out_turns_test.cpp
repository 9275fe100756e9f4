// A fan-out with more streams than its account may poll in an interval: whoever's parents change
// all the time gets no more than half of each turn.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "limits/fast_world.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

constexpr Millis kMinute{60'000};
constexpr int kParents = 120;

// The parents' list, of which some are others at each look; and the polls of each group.
struct BusyParents {
  int looks = 0;
  int busy = 0;  // so many change
  std::map<std::string, int> polls;

  std::string operator()(const std::string& path) {
    if (path.starts_with("/groups/")) {
      ++polls[path.substr(8)];
      return R"({"items":[]})";
    }
    ++looks;
    std::string body = R"({"items":[)";
    for (int i = 0; i < kParents; ++i) {
      body += std::string(i == 0 ? "" : ",") + R"({"id":"p)" + std::to_string(100 + i) +
              R"(","name":"n)" + std::to_string(i < busy ? looks : 0) + "\"}";
    }
    return body + "]}";
  }
};

std::string config() {
  return world_config(
      "  parents:\n    poll: app.list_items\n    account: main\n    every: 1m\n"
      "    do: [{action: log, with: {message: seen}}]\n"
      "  t:\n    poll: app.list_groups\n    account: main\n    every: 1m\n"
      "    for_each: {group: parents}\n    do: [{action: log, with: {message: seen}}]\n");
}

}  // namespace

TEST_CASE("SCH-09 parents that change all the time do not starve the streams of those that rest") {
  BusyParents app;
  // 30 requests a minute, of which polling may use 24: a turn polls a fifth of the streams.
  FastWorld world([&](const std::string& path) { return app(path); }, config(),
                  "{requests: 30, per: 1m}");
  for (int i = 0; i < 40 && app.polls.size() < kParents; ++i) world.pass(kMinute);
  REQUIRE(app.polls.size() == kParents);
  // More of them than have room in a turn.
  app.busy = 60;
  for (int i = 0; i < 3; ++i) world.pass(kMinute);
  app.polls.clear();
  const int looks = app.looks;
  constexpr int kMinutes = 30;
  for (int i = 0; i < kMinutes; ++i) world.pass(kMinute);
  REQUIRE(app.looks > looks + kMinutes / 2);
  int all = 0, resting = 0, resting_least = 1'000, busy = 0;
  for (int i = 0; i < kParents; ++i) {
    const int polls = app.polls["p" + std::to_string(100 + i)];
    all += polls;
    (i < app.busy ? busy : resting) += polls;
    if (i >= app.busy) resting_least = std::min(resting_least, polls);
  }
  CAPTURE(all);
  CAPTURE(busy);
  CAPTURE(resting);
  // Every stream comes round: half of a turn is eleven polls, which is 30 turns * 11 / 120.
  CHECK(resting_least >= 1);
  CHECK(resting >= 60);
  // And a change is followed sooner than that.
  CHECK(busy > resting);
}
