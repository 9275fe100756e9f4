// Flows that write to what they poll: our own writes come back and do not fire, those of others do,
// and a loop that is not recognised is held.
#include <doctest/doctest.h>

#include <algorithm>

#include "small_app.h"

namespace triggerd {
namespace {

using nlohmann::json;
using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

// A trigger `t` whose only step is `step`; `more` are further keys of the trigger.
std::string flow(const std::string& step, const std::string& more = "",
                 const std::string& operation = "app.search_items") {
  return R"yaml(version: 1
accounts:
  main:
    connector: app
    auth: {token: "${env:TOKEN}"}
triggers:
  t:
    poll: )yaml" +
         operation + R"yaml(
    account: main
    every: 1m
    detect: [new, changed, removed]
)yaml" + more +
         "    do:\n      - " + step + "\n";
}

constexpr const char* kSetName =
    "{action: app.set_item, with: {id: \"${{ .record.id }}\", name: \"seen ${{ .record.score "
    "}}\"}}";

std::vector<std::string> verdicts(SmallWorld& world, const std::string& key) {
  std::vector<std::string> found;
  for (const json& row : list_why(world.engine->database(), "t", key).rows) {
    found.push_back(row.value("verdict", ""));
  }
  return found;
}

using Verdicts = std::vector<std::string>;

TEST_CASE("DET-16: what a step of ours wrote does not fire when a poll shows it") {
  for (const char* operation : {"app.search_items", "app.list_items"}) {
    CAPTURE(operation);
    // A list that names no stamp of change: the stamp must not be watched.
    SmallWorld world(flow(kSetName, "    watch: [/name, /score]\n", operation));
    world.app.put("a", {{"name", "x"}, {"score", 1}});
    world.pass(2 * kMinute);
    world.app.put("a", {{"score", 2}});
    world.pass(10 * kMinute);
    CHECK(world.app.writes == 1);
    CHECK(world.app.items["a"]["name"] == "Seen 2");  // the app spells it in its own way
    CHECK(verdicts(world, "a") == Verdicts{"fired", "echo"});
    world.app.put("a", {{"score", 3}});
    world.pass(10 * kMinute);
    CHECK(world.app.writes == 2);
    CHECK(verdicts(world, "a") == Verdicts{"fired", "echo", "fired", "echo"});
  }
}

TEST_CASE("DET-16: without a watch list the stamp of change does not betray an echo") {
  SmallWorld world(flow(kSetName));
  world.app.put("a", {{"name", "x"}, {"score", 1}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"score", 2}});
  world.pass(10 * kMinute);
  CHECK(verdicts(world, "a") == Verdicts{"fired", "echo"});
}

TEST_CASE("a change of others beside our own write fires, in the same poll and later") {
  SmallWorld world(flow(kSetName, "    watch: [/name, /score, /note]\n"));
  world.app.put("a", {{"name", "x"}, {"score", 1}});
  world.pass(2 * kMinute);
  world.app.meanwhile = {{"note", "by hand"}};
  world.app.put("a", {{"score", 2}});
  world.pass(90 * Millis{1'000});
  world.app.meanwhile = json::object();
  world.pass(5 * kMinute);
  CHECK(verdicts(world, "a") == Verdicts{"fired", "fired"});
  // Our write has been seen; to set the same name again is another's change.
  world.app.put("a", {{"name", "other"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("a").size() == 3);
}

TEST_CASE("what we wrote and another undid and set again fires") {
  SmallWorld world(
      flow("{action: app.set_item, when: .record.score == 2, with: {id: \"${{ "
           ".record.id }}\", name: Ours}}",
           "    watch: [/name, /score]\n"));
  world.app.put("a", {{"name", "x"}, {"score", 1}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"score", 2}});
  world.pass(3 * kMinute);
  CHECK(verdicts(world, "a") == Verdicts{"fired", "echo"});
  world.app.put("a", {{"name", "x"}, {"score", 5}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "Ours"}});
  world.pass(2 * kMinute);
  CHECK(verdicts(world, "a") == Verdicts{"fired", "echo", "fired", "fired"});
}

TEST_CASE("a record that a step of ours made is no new one; `echo: fire` lets it through") {
  const std::string step = "{action: app.add_item, when: .event.key == \"a\", with: {name: made}}";
  for (const bool fire : {false, true}) {
    CAPTURE(fire);
    SmallWorld world(flow(step, fire ? "    echo: fire\n" : ""));
    world.pass(2 * kMinute);
    world.app.put("a", {{"name", "x"}});
    world.pass(5 * kMinute);
    CHECK(world.app.writes == 1);
    CHECK(world.kinds_of("made1") == (fire ? Kinds{"new"} : Kinds{}));
    CHECK(verdicts(world, "made1") == Verdicts{fire ? "fired" : "echo"});
  }
}

TEST_CASE("DET-16: a poll that shows a record before the answer of the write that made it waits") {
  SmallWorld world(
      flow("{action: app.add_item, when: .event.key == \"a\", with: {name: made}}", ""));
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "x"}});
  world.http->late = [](const HttpRequest& request) { return request.method == "POST"; };
  world.pass(3 * kMinute);
  REQUIRE(world.app.writes == 1);
  CHECK(verdicts(world, "made1").empty());
  CHECK(world.kinds_of("a") == Kinds{"new"});
  world.http->late = {};
  world.pass(3 * kMinute);
  CHECK(verdicts(world, "made1") == Verdicts{"echo"});
  // What others do meanwhile is found as ever.
  world.app.put("b", {{"name", "y"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("b") == Kinds{"new"});
}

TEST_CASE("DET-16: what was written is known over a kill, also when its answer was lost") {
  for (const bool lost : {false, true}) {
    CAPTURE(lost);
    SmallWorld world(flow("{action: app.set_item, with: {id: \"${{ .record.id }}\", name: Ours}}",
                          "    watch: [/name, /score]\n"));
    world.app.put("a", {{"name", "x"}, {"score", 1}});
    world.pass(2 * kMinute);
    world.app.lose_answers = lost;
    world.app.put("a", {{"score", 2}});
    while (world.app.writes == 0) world.pass(Millis{1'000});
    world.restart();
    world.app.lose_answers = false;
    world.pass(10 * kMinute);
    CHECK(verdicts(world, "a") == Verdicts{"fired", "echo"});
  }
}

TEST_CASE("DET-16: a record whose every event follows our own write is held as a loop") {
  // Another program counts each write, so that no echo is like what was sent.
  SmallWorld world(
      flow("{action: app.set_item, with: {id: \"${{ .record.id }}\", score: \"${{ "
           ".record.score + 1 }}\"}}",
           "    echo: fire\n    watch: [/score]\n"));
  world.app.put("a", {{"score", 1}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"score", 2}});
  world.pass(30 * kMinute);
  CHECK(world.app.writes == 6);  // the first event, and five that followed a write
  const json held = world.view("held");
  REQUIRE(held.size() == 1);
  CHECK(held[0].value("reason", "") == "loop");
  CHECK(count_attention(world.engine->database(), "t").loops == 1);
  // Other records are not concerned, and after an hour without a write neither is this one.
  world.app.put("b", {{"score", 9}});
  world.pass(90 * Millis{1'000});
  CHECK(world.app.writes > 6);
}

TEST_CASE("`why` tells each verdict of a record and what became of its event") {
  SmallWorld world(flow(kSetName, "    watch: [/name, /score]\n    when: .record.score != 7\n"));
  world.app.put("a", {{"name", "x"}, {"score", 1}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"score", 2}});
  world.pass(5 * kMinute);
  world.app.put("a", {{"score", 7}});
  world.pass(2 * kMinute);
  const json record = describe_record(world.engine->database(), "t", "a");
  REQUIRE(record["streams"].size() == 1);
  const json& stream = record["streams"][0];
  CHECK(stream["known"]["n"] == 3);
  REQUIRE(stream["verdicts"].size() == 3);
  const json& fired = stream["verdicts"][0];
  CHECK(fired["verdict"] == "fired");
  CHECK(fired["event"]["state"] == "done");
  CHECK(fired["event"]["changed"] == json::array({"/score"}));
  CHECK(fired["event"]["steps"][0]["state"] == "succeeded");
  CHECK(stream["verdicts"][1]["verdict"] == "echo");
  CHECK(stream["verdicts"][1]["reason"] == "changed /name");
  CHECK(stream["verdicts"][2]["verdict"] == "filtered");
  CHECK(stream["verdicts"][2]["reason"] == "changed /score");
  CHECK(describe_record(world.engine->database(), "t", "none")["streams"].empty());
}

}  // namespace
}  // namespace triggerd
