// The engine from poll to delivery, over restarts and failures: real database, set clock, scripted
// network.
#include "triggerd/engine/engine.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

TEST_CASE("P9: the first poll is silent, then new, changed and removed records fire once each") {
  for (const char* operation : {"app.list_items", "app.search_items"}) {
    CAPTURE(operation);
    SmallWorld world(one_trigger(operation));
    for (int i = 0; i < 7; ++i) world.app.put("old" + std::to_string(i), {{"name", "n"}});
    world.pass(2 * kMinute);
    CHECK(world.events().empty());

    world.app.put("fresh", {{"name", "first"}});
    world.pass(2 * kMinute);
    CHECK(world.kinds_of("fresh") == Kinds{"new"});
    world.app.put("fresh", {{"name", "second"}});
    world.pass(2 * kMinute);
    CHECK(world.kinds_of("fresh") == Kinds{"new", "changed"});
    world.app.erase("fresh");
    world.pass(20 * kMinute);
    CHECK(world.kinds_of("fresh") == Kinds{"new", "changed", "removed"});
    CHECK(world.events().size() == 3);
    CHECK(world.app.delivered.size() == 3);
    CHECK(world.app.delivered.front() == R"({"id":"fresh","kind":"new"})");
  }
}

TEST_CASE("DET-07: A, B, A again are three detections when each was seen") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  for (const char* name : {"B", "A", "B"}) {
    world.app.put("a", {{"name", name}, {"updated", "2026-03-01T00:00:00.000Z"}});
    world.pass(2 * kMinute);
  }
  CHECK(world.kinds_of("a") == Kinds{"changed", "changed", "changed"});
}

TEST_CASE("P1, COM-01: a kill at any turn repeats no detection and loses none") {
  for (int turns = 1; turns < 14; ++turns) {
    CAPTURE(turns);
    SmallWorld world(one_trigger("app.list_items"));
    for (int i = 0; i < 8; ++i) world.app.put("old" + std::to_string(i), {{"name", "n"}});
    world.pass(2 * kMinute);
    for (int i = 0; i < 5; ++i) world.app.put("new" + std::to_string(i), {{"name", "n"}});
    world.clock.pass(kMinute);
    for (int turn = 0; turn < turns; ++turn) world.engine->turn(Millis{0});
    world.restart();
    world.pass(3 * kMinute);
    CHECK(world.events().size() == 5);
    for (int i = 0; i < 5; ++i) CHECK(world.kinds_of("new" + std::to_string(i)) == Kinds{"new"});
    std::sort(world.app.delivered.begin(), world.app.delivered.end());
    const auto repeat = std::unique(world.app.delivered.begin(), world.app.delivered.end());
    CHECK(repeat - world.app.delivered.begin() == 5);
    for (const auto& run : world.view("pending_runs")) FAIL_CHECK("left over: " << run.dump());
  }
}

TEST_CASE(
    "PAG-15: a kill in the middle of a long baseline resumes behind the last committed page") {
  SmallWorld world(one_trigger("app.list_items"));
  for (int i = 0; i < 30; ++i) world.app.put("r" + std::to_string(100 + i), {{"name", "n"}});
  while (world.http->requests.size() < 5) {
    world.clock.pass(Millis{1'000});
    world.engine->turn(Millis{0});
  }
  world.restart();
  world.pass(3 * kMinute);
  CHECK(world.events().empty());
  REQUIRE(!world.http->requests.empty());
  CHECK(world.http->requests.front().url.find("after=") != std::string::npos);
}

TEST_CASE("P12, FET-15: answers that are not understood remove nothing and move nothing") {
  SmallWorld world(one_trigger("app.list_items"));
  for (int i = 0; i < 4; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.pass(2 * kMinute);
  world.app.fail_status = 200;
  for (const char* body : {"", "null", "{}", "<html>login</html>", "{\"items\":[{\"id\":1"}) {
    world.app.fail_body = body;
    world.pass(20 * kMinute);
  }
  world.app.fail_status = 0;
  world.pass(40 * kMinute);
  CHECK(world.events().empty());
  CHECK(world.view("status")[0].value("health", "") == "ok");
}

TEST_CASE("FET-16: an empty list although records exist is an incident, not a mass deletion") {
  SmallWorld world(one_trigger("app.search_items"));
  for (int i = 0; i < 12; ++i) world.app.put("r" + std::to_string(10 + i), {{"name", "n"}});
  world.pass(2 * kMinute);
  world.app.empty_list = true;
  world.pass(9 * kMinute);
  world.app.empty_list = false;
  world.pass(20 * kMinute);
  CHECK(world.events().empty());
}

TEST_CASE("SCH-11: a failing poll backs off, says so, and recovers at once") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  const std::size_t before = world.http->requests.size();
  world.app.fail_status = 503;
  world.pass(120 * kMinute);
  const std::size_t failed = world.http->requests.size() - before;
  CHECK(failed > 5);
  CHECK(failed < 40);
  CHECK(world.view("status")[0].value("health", "") == "failing");
  world.app.fail_status = 0;
  world.app.put("b", {{"name", "B"}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("b") == Kinds{"new"});
  CHECK(world.view("status")[0].value("failures", -1) == 0);
}

TEST_CASE("FET-14: nothing is sent before a stated wait is over") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.app.fail_status = 429;
  world.app.fail_headers = {{"Retry-After", "600", false}};
  world.pass(2 * kMinute);
  const std::size_t before = world.http->requests.size();
  world.pass(7 * kMinute);
  CHECK(world.http->requests.size() == before);
}

TEST_CASE("a 401 suspends the account and one probe at a time finds out when it is well again") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.app.fail_status = 401;
  world.pass(60 * kMinute);
  CHECK(world.http->requests.size() < 15);
  world.app.fail_status = 0;
  world.app.put("late", {{"name", "A"}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("late") == Kinds{"new"});
}

TEST_CASE(
    "DSP-01, P6, P7: a webhook that fails is tried again with the same key and a rising number") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.app.hook_status = 500;
  world.app.put("a", {{"name", "A"}});
  world.pass(5 * kMinute);
  world.app.hook_status = 200;
  world.pass(60 * kMinute);
  REQUIRE(world.app.hooks.size() >= 2);
  CHECK(world.app.delivered.size() == 1);
  const auto header = [](const HttpRequest& request, const std::string& name) {
    for (const HttpHeader& one : request.headers) {
      if (one.name == name) return one.value;
    }
    return std::string();
  };
  for (std::size_t i = 0; i < world.app.hooks.size(); ++i) {
    CHECK(header(world.app.hooks[i], "webhook-id") == header(world.app.hooks[0], "webhook-id"));
    CHECK(header(world.app.hooks[i], "X-Triggerd-Attempt") == std::to_string(i + 1));
    CHECK(world.app.hooks[i].body == world.app.hooks[0].body);
  }
}

TEST_CASE("fan-out: a stream per record of the parent, born and ended with it") {
  SmallWorld world(one_trigger("app.list_items", R"yaml(  parts:
    poll: app.list_parts
    account: main
    every: 1m
    detect: [new, changed, removed]
    for_each: {item: t}
    do:
      - action: log
        with: {message: "${{ .item.item }}"}
)yaml"));
  world.app.put("i1", {{"name", "n"}});
  world.app.parts["i1/p1"] = {{"id", "p1"}, {"size", 1}};
  world.pass(3 * kMinute);
  CHECK(world.events().empty());
  // A part of an item that was there at the baseline.
  world.app.parts["i1/p2"] = {{"id", "p2"}, {"size", 2}};
  world.pass(3 * kMinute);
  CHECK(world.kinds_of("p2") == Kinds{"new"});
  // A new item: its parts are new, not a baseline.
  world.app.put("i2", {{"name", "n"}});
  world.app.parts["i2/p3"] = {{"id", "p3"}, {"size", 3}};
  world.pass(4 * kMinute);
  CHECK(world.kinds_of("p3") == Kinds{"new"});
  // The item goes: its stream ends without `removed` of its parts.
  world.app.erase("i2");
  world.pass(10 * kMinute);
  CHECK(world.kinds_of("i2") == Kinds{"new", "removed"});
  CHECK(world.kinds_of("p3") == Kinds{"new"});
  CHECK(world.engine->stream_count() == 2);
}

TEST_CASE("an object: new when it appears, changed, removed after two confirmed absences") {
  SmallWorld world(one_trigger("app.get_item", "    params: {id: x}\n"));
  world.pass(2 * kMinute);
  CHECK(world.events().empty());
  world.app.put("x", {{"name", "A"}});
  world.pass(2 * kMinute);
  world.app.put("x", {{"name", "B"}});
  world.pass(2 * kMinute);
  world.app.erase("x");
  world.pass(3 * kMinute);
  CHECK(world.kinds_of("x") == Kinds{"new", "changed", "removed"});
}

TEST_CASE(
    "REL-04, P10: an edit of filter or action keeps the cursor; REL-05: another source is "
    "refused") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  REQUIRE(world.load(one_trigger("app.list_items", "    when: .record.name != \"skip\"\n")));
  world.app.put("b", {{"name", "B"}});
  world.app.put("c", {{"name", "skip"}});
  world.pass(2 * kMinute);
  CHECK(world.events().size() == 1);
  CHECK(world.kinds_of("b") == Kinds{"new"});
  CHECK_FALSE(world.load(one_trigger("app.get_item", "    params: {id: x}\n")));
  world.app.put("d", {{"name", "D"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("d") == Kinds{"new"});
}

TEST_CASE("REL-02: an answer that arrives after a rebaseline is dropped") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  world.app.put("b", {{"name", "B"}});
  world.http->hold = true;
  world.pass(kMinute + Millis{5'000});
  const auto answer = world.engine->operate({{"command", "rebaseline"}, {"trigger", "t"}});
  CHECK(answer.value("ok", false));
  world.http->hold = false;
  world.pass(3 * kMinute);
  CHECK(world.events().empty());
}

TEST_CASE("a command that is no object, or of wrong types, is refused and harms nothing") {
  SmallWorld world(one_trigger("app.list_items"));
  for (const char* text :
       {"[]", "5", "null", R"({"command":5})", R"({"command":"pause","trigger":7})",
        R"({"command":"dead-retry","selector":"all","current":"yes"})"}) {
    CAPTURE(text);
    const nlohmann::json answer = world.engine->operate(nlohmann::json::parse(text));
    CHECK(answer.at("ok").is_boolean());
    CHECK(answer.at("message").is_string());
  }
  world.app.put("a", {{"name", "n"}});
  world.pass(2 * kMinute);
  CHECK(world.view("status").size() == 1);
}

TEST_CASE("SCH-14: a paused trigger resumes from its cursor") {
  SmallWorld world(one_trigger("app.search_items"));
  world.app.put("a", {{"name", "A"}});
  world.pass(2 * kMinute);
  CHECK(world.engine->operate({{"command", "pause"}, {"trigger", "t"}}).value("ok", false));
  world.app.put("b", {{"name", "B"}});
  world.pass(10 * kMinute);
  CHECK(world.events().empty());
  CHECK(world.engine->operate({{"command", "resume"}, {"trigger", "t"}}).value("ok", false));
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("b") == Kinds{"new"});
}

TEST_CASE("DET-14: a flood is held as a whole, over pages, until it is released") {
  SmallWorld world(one_trigger("app.list_items", "    hold_above: 4\n"));
  world.pass(2 * kMinute);
  for (int i = 0; i < 9; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.pass(5 * kMinute);
  CHECK(world.events().size() == 9);
  CHECK(world.app.hooks.empty());
  CHECK(world.view("held").size() == 9);
  world.engine->operate({{"command", "held-release"}, {"selector", "all"}});
  world.pass(2 * kMinute);
  CHECK(world.app.delivered.size() == 9);
}

TEST_CASE("DET-14: a flood of removals that are confirmed one by one is held as one, too") {
  SmallWorld world(one_trigger("app.search_items", "    hold_above: 3\n"));
  for (int i = 0; i < 9; ++i) world.app.put("keep" + std::to_string(i), {{"name", "n"}});
  for (int i = 0; i < 5; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.pass(2 * kMinute);
  for (int i = 0; i < 5; ++i) world.app.erase("r" + std::to_string(i));
  world.pass(30 * kMinute);
  CHECK(world.events().size() == 5);
  CHECK(world.view("held").size() == 5);
  CHECK(world.app.hooks.empty());
}

TEST_CASE("P7: a record that cannot be used hides no removal but where it may be the missing one") {
  SmallWorld world(one_trigger("app.list_items"));
  for (const char* id : {"a", "b", "odd"}) world.app.put(id, {{"name", "n"}});
  world.pass(2 * kMinute);
  world.app.items["odd"].erase("id");
  world.app.erase("a");
  world.pass(5 * kMinute);
  // Without a confirming read it could be `a` that lost its id.
  CHECK(world.events().empty());
  CHECK(world.view("status")[0].value("last_error", "") == "1 records have no id");
  world.app.items["odd"]["id"] = "odd";
  world.pass(5 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"removed"});

  SmallWorld asked(one_trigger("app.search_items"));
  for (const char* id : {"a", "b", "odd"}) asked.app.put(id, {{"name", "n"}});
  asked.pass(2 * kMinute);
  asked.app.items["odd"].erase("id");
  asked.app.erase("a");
  asked.pass(60 * kMinute);
  CHECK(asked.kinds_of("a") == Kinds{"removed"});
  CHECK(asked.kinds_of("odd").empty());
}

TEST_CASE("PAG-05: a walk whose pages go round in a ring is a failure that backs off") {
  SmallWorld world(one_trigger("app.list_items"));
  for (int i = 0; i < 5; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.pass(2 * kMinute);
  world.app.stuck_cursor = true;
  const std::size_t before = world.http->requests.size();
  world.pass(60 * kMinute);
  CHECK(world.http->requests.size() - before <= 60);
  CHECK(world.view("status")[0].value("health", "") == "failing");
  world.app.stuck_cursor = false;
  world.app.put("fresh", {{"name", "n"}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("fresh") == Kinds{"new"});
}

TEST_CASE("the limit of a backfill counts over restarts") {
  SmallWorld world(one_trigger("app.list_items", "    start: backfill\n    limit: 5\n"));
  for (int i = 0; i < 20; ++i) world.app.put("r" + std::to_string(100 + i), {{"name", "n"}});
  while (world.events().size() < 4) {
    world.clock.pass(Millis{1'000});
    world.engine->turn(Millis{0});
  }
  world.restart();
  world.pass(3 * kMinute);
  CHECK(world.events().size() == 5);
}

TEST_CASE("a backfill makes an event of every record, once") {
  SmallWorld world(one_trigger("app.list_items", "    start: backfill\n"));
  for (int i = 0; i < 7; ++i) world.app.put("r" + std::to_string(i), {{"name", "n"}});
  world.pass(3 * kMinute);
  CHECK(world.events().size() == 7);
  CHECK(world.app.delivered.size() == 7);
}

TEST_CASE("DSP-14, P11: a full outbox pauses polling and loses nothing") {
  std::string text = one_trigger("app.list_items");
  text.replace(text.find("accounts:"), 0, "engine: {outbox_max: 100}\n");
  SmallWorld world(text);
  world.pass(2 * kMinute);
  world.app.hook_status = 500;
  for (int i = 0; i < 105; ++i) world.app.put("r" + std::to_string(100 + i), {{"name", "n"}});
  world.pass(3 * kMinute);
  CHECK(world.engine->stopped_because() == "the outbox is full");
  world.app.put("while-full", {{"name", "n"}});
  const std::size_t before = world.http->requests.size();
  world.app.hook_status = 200;
  world.pass(120 * kMinute);
  CHECK(world.http->requests.size() > before);
  CHECK(world.engine->stopped_because().empty());
  CHECK(world.kinds_of("while-full") == Kinds{"new"});
  CHECK(world.app.delivered.size() == 106);
}

}  // namespace
}  // namespace triggerd
