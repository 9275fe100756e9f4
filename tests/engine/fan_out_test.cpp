// Fan-outs that go deep or wide, what their events know of the records above, and limits of a group
// of operations.
#include <doctest/doctest.h>

#include <algorithm>

#include "small_app.h"

namespace triggerd {
namespace {

constexpr Millis kMinute{60'000};

const std::string kParts = R"yaml(  parts:
    poll: app.list_parts
    account: main
    every: 1m
    for_each: {item: t}
)yaml";

}  // namespace

TEST_CASE("a list of lists of lists is followed, and its events know the record above") {
  SmallWorld world(one_trigger("app.list_items", kParts + R"yaml(  bits:
    poll: app.list_bits
    account: main
    every: 1m
    for_each: {part: parts}
    do:
      - action: webhook
        with:
          url: https://hooks.example/bit
          body:
            bit: ${{ .event.key }}
            part: ${{ .parent.key }}
            named: ${{ .parent.record.name }}
            item: ${{ .item.item }}
)yaml"));
  world.app.put("i1", {{"name", "one"}});
  world.app.put("i2", {{"name", "two"}});
  world.app.parts["i1/p1"] = {{"id", "p1"}, {"name", "First part"}};
  world.app.parts["i2/p2"] = {{"id", "p2"}, {"name", "Second part"}};
  world.app.bits.insert({"/items/i1/parts/p1/bits", {{"id", "b1"}}});
  world.pass(kMinute * 6);
  CHECK(world.app.delivered.empty());
  const auto asked = [&](const std::string& path) {
    return std::find(world.app.asked_bits.begin(), world.app.asked_bits.end(), path) !=
           world.app.asked_bits.end();
  };
  CHECK(asked("/items/i1/parts/p1/bits"));
  CHECK(asked("/items/i2/parts/p2/bits"));
  CHECK_FALSE(asked("/items/i1/parts/p2/bits"));
  world.app.bits.insert({"/items/i2/parts/p2/bits", {{"id", "b2"}}});
  world.restart();
  world.pass(kMinute * 6);
  REQUIRE(world.app.delivered.size() == 1);
  CHECK(nlohmann::json::parse(world.app.delivered[0]) ==
        nlohmann::json{{"bit", "b2"}, {"part", "p2"}, {"named", "Second part"}, {"item", "i2"}});
}

TEST_CASE("lists of values beside a parent give every combination") {
  SmallWorld world(one_trigger("app.list_items", R"yaml(  parts:
    poll: app.list_parts
    account: main
    every: 1m
    for_each: {item: t, kind: [big, small]}
)yaml"));
  std::vector<std::string> asked;
  world.app.before = [&](const HttpRequest& request) {
    if (request.url.find("/parts") != std::string::npos) asked.push_back(request.url);
  };
  world.app.put("i1", {{"name", "n"}});
  world.app.put("i2", {{"name", "n"}});
  world.pass(kMinute * 6);
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  CHECK(asked == std::vector<std::string>{"https://app.example/items/i1/parts?kind=big",
                                          "https://app.example/items/i1/parts?kind=small",
                                          "https://app.example/items/i2/parts?kind=big",
                                          "https://app.example/items/i2/parts?kind=small"});
}

TEST_CASE("lists of values alone give every combination") {
  SmallWorld world(one_trigger("app.list_parts", "    for_each: {item: [a, b], kind: [x, y]}\n"));
  world.pass(kMinute * 2);
  CHECK(world.view("status").size() == 4);
}

TEST_CASE("parameters of an operation are filled from keys of the account") {
  std::string text = one_trigger("app.list_slow", "    params: {colour: red}\n");
  text.replace(text.find("    connector: app\n"), 0, "    team: north pole\n");
  SmallWorld world(text);
  std::string asked;
  world.app.before = [&](const HttpRequest& request) { asked = request.url; };
  world.pass(kMinute * 2);
  CHECK(asked == "https://app.example/colours/red/slow?team=north%20pole");
}

TEST_CASE("DSP-19 the limits of a group hold its operations back and no others") {
  SmallWorld world(one_trigger("app.list_slow", R"yaml(    for_each: {colour: [a, b, c, d, e]}
  others:
    poll: app.list_items
    account: main
    every: 1m
)yaml"));
  std::vector<SteadyTime> slow;
  int others = 0;
  world.app.before = [&](const HttpRequest& request) {
    if (request.url.find("/slow") != std::string::npos) {
      slow.push_back(world.clock.steady());
    } else {
      ++others;
    }
  };
  world.pass(kMinute * 6);
  REQUIRE(slow.size() >= 10);
  for (std::size_t i = 2; i < slow.size(); ++i) {
    CAPTURE(i);
    CHECK(slow[i] - slow[i - 2] >= Millis{30'000});
  }
  CHECK(others >= 5);
}

}  // namespace triggerd
