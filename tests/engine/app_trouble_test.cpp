// Apps that refuse one operation, do not do what they are asked, or contradict themselves.
#include <doctest/doctest.h>

#include <algorithm>

#include "fakes/log_recorder.h"
#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};

std::ptrdiff_t logged(const std::string& fact) {
  const auto& lines = recorded_log();
  return std::count_if(lines.begin(), lines.end(),
                       [&](const LogLine& line) { return line.fact == fact; });
}

constexpr const char* kSuspended = "account is suspended: its credentials are not accepted";

// Without `removed`, so that sweeps are rare.
std::string changes_alone(const std::string& operation) {
  std::string text = one_trigger(operation);
  const std::string all = "[new, changed, removed]";
  return text.replace(text.find(all), all.size(), "[new, changed]");
}

// A second trigger `u` on one item.
std::string with_item(const std::string& every) {
  std::string text = one_trigger("app.list_items", R"yaml(  u:
    poll: app.get_item
    account: main
    every: EVERY
    params: {id: x}
    do:
      - action: log
        with: {message: "${{ .event.key }}"}
)yaml");
  text.replace(text.find("EVERY"), 5, every);
  text.replace(text.find("every: 1m"), 9, "every: " + every);
  return text;
}

nlohmann::json status_of(SmallWorld& world, const std::string& trigger) {
  for (const nlohmann::json& row : world.view("status")) {
    if (row.value("trigger", "") == trigger) return row;
  }
  return {};
}

TEST_CASE("a 401 of one operation fails its stream alone while others are accepted") {
  recorded_log().clear();
  SmallWorld world(with_item("1m"));
  world.app.put("x", {{"name", "A"}});
  world.pass(2 * kMinute);
  world.app.fail_status = 401;
  world.app.fail_path = "/items/x";
  world.app.fail_body = R"({"message":"not for this kind of token"})";
  world.pass(20 * kMinute);
  world.app.put("y", {{"name", "B"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("y") == Kinds{"new"});
  CHECK(logged(kSuspended) == 0);
  CHECK(status_of(world, "u").value("health", "") == "failing");
  CHECK(status_of(world, "u").value("last_error", "") == "HTTP 401: not for this kind of token");
  CHECK(status_of(world, "t").value("health", "") == "ok");
  world.app.fail_status = 0;
  world.pass(20 * kMinute);
  CHECK(status_of(world, "u").value("health", "") == "ok");
}

TEST_CASE("where polls are rare, a probe finds out once whose fault a 401 is") {
  recorded_log().clear();
  SmallWorld world(with_item("15m"));
  world.app.put("x", {{"name", "A"}});
  world.pass(20 * kMinute);
  world.app.fail_status = 401;
  world.app.fail_path = "/items/x";
  world.pass(240 * kMinute);
  CHECK(logged(kSuspended) <= 1);
  world.app.put("y", {{"name", "B"}});
  world.pass(17 * kMinute);
  CHECK(world.kinds_of("y") == Kinds{"new"});
}

TEST_CASE(
    "credentials that nobody accepts any more suspend the account, whatever they did before") {
  recorded_log().clear();
  SmallWorld world(with_item("1m"));
  world.app.put("x", {{"name", "A"}});
  world.pass(5 * kMinute);
  world.app.fail_status = 401;
  world.pass(6 * kMinute);
  CHECK(logged(kSuspended) == 1);
  const std::size_t before = world.http->requests.size();
  world.pass(60 * kMinute);
  CHECK(world.http->requests.size() - before < 12);
}

TEST_CASE("PAG-11: an app that ignores the order is swept, but not each minute, and told of once") {
  recorded_log().clear();
  SmallWorld world(changes_alone("app.search_items"));
  for (int i = 0; i < 30; ++i) {
    world.app.put("r" + std::to_string(10 + i), {{"name", "A"}});
    world.clock.pass(Millis{1'000});
  }
  world.pass(3 * kMinute);
  world.app.newest_first = true;
  for (int i = 0; i < 8; ++i) {
    world.app.put("r" + std::to_string(10 + i), {{"name", "B"}});
    world.clock.pass(Millis{1'000});
  }
  const std::size_t before = world.http->requests.size();
  world.pass(10 * kMinute);
  CHECK(world.http->requests.size() - before < 35);  // ten polls and at most two sweeps of ten
  for (int i = 0; i < 8; ++i)
    CHECK(world.kinds_of("r" + std::to_string(10 + i)) == Kinds{"changed"});
  world.pass(30 * kMinute);
  CHECK(logged("an app cannot be asked for changes") == 1);
  CHECK(logged("a walk was cut") == 0);
  CHECK(world.view("gaps").empty());
  CHECK(status_of(world, "t").value("health", "") == "degraded");
  CHECK(status_of(world, "t").value("last_error", "") ==
        "the app ignores the order that was asked for; changes are found by full sweeps");
  world.app.newest_first = false;
  world.pass(5 * kMinute);
  CHECK(status_of(world, "t").value("health", "") == "ok");
}

TEST_CASE("an app that ignores the filter for changes is not read as a whole each minute") {
  recorded_log().clear();
  SmallWorld world(changes_alone("app.search_items"));
  world.app.page_size = 1'000;
  world.app.states_total = true;
  for (int i = 0; i < 3'200; ++i) world.app.put("r" + std::to_string(10'000 + i), {{"name", "A"}});
  world.pass(3 * kMinute);
  world.app.ignores_since = true;
  const std::size_t before = world.http->requests.size();
  world.pass(10 * kMinute);
  CHECK(world.http->requests.size() - before < 20);  // ten polls and two sweeps of four
  CHECK(logged("an app cannot be asked for changes") == 1);
  CHECK(status_of(world, "t").value("last_error", "") ==
        "the app ignores the filter for changes; changes are found by full sweeps");
}

TEST_CASE("a baseline that is cut each time is told of, and shows in the status") {
  recorded_log().clear();
  SmallWorld world(one_trigger("app.list_items"));
  world.app.stuck_cursor = true;
  for (int i = 0; i < 5; ++i) world.app.put("r" + std::to_string(i), {{"name", "A"}});
  world.pass(20 * kMinute);
  CHECK(logged("a stream never gets its baseline") == 1);
  CHECK(status_of(world, "t").value("health", "") == "failing");
  CHECK(status_of(world, "t").value("last_error", "") == "the page cursor repeats");
  world.app.stuck_cursor = false;
  world.pass(20 * kMinute);
  CHECK(status_of(world, "t").value("health", "") == "ok");
}

TEST_CASE("a direct read that does not say whether a record is gone is logged with its words") {
  recorded_log().clear();
  SmallWorld world(one_trigger("app.search_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  world.pass(2 * kMinute);
  world.app.erase("a");
  world.app.fail_status = 400;
  world.app.fail_path = "/items/a";
  world.app.fail_body = R"({"message":"no such thing"})";
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("a").empty());
  const auto& lines = recorded_log();
  const auto line = std::find_if(lines.begin(), lines.end(), [](const LogLine& each) {
    return each.fact == "whether a record is gone is unclear; it is asked about again";
  });
  REQUIRE(line != lines.end());
  CHECK(std::any_of(line->fields.begin(), line->fields.end(),
                    [](const LogField& field) { return field.text == "HTTP 400: no such thing"; }));
  world.app.fail_status = 0;
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"removed"});
}

TEST_CASE("a record that the list calls gone is removed, though a direct read still has it") {
  SmallWorld world(one_trigger("app.search_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  world.pass(2 * kMinute);
  world.app.put("a", {{"deleted", true}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("a") == Kinds{"removed"});
  CHECK(world.kinds_of("b").empty());
}

TEST_CASE(
    "PAG-12, DET-03: what appears late behind several pages is found, in the overlap or not") {
  SmallWorld world(one_trigger("app.search_items"));
  for (int i = 0; i < 20; ++i) world.app.put("old" + std::to_string(i), {{"name", "A"}});
  world.pass(5 * kMinute);
  const WallTime now = world.clock.wall();
  for (int i = 0; i < 12; ++i) world.app.put("fresh" + std::to_string(i), {{"name", "A"}});
  world.pass(2 * kMinute);
  REQUIRE(world.events().size() == 12);
  world.app.put("late", {{"name", "A"}, {"updated", to_iso8601(now - kMinute)}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("late") == Kinds{"new"});
  world.app.put("later", {{"name", "A"}, {"updated", to_iso8601(now - 600 * kMinute)}});
  world.pass(20 * kMinute);
  CHECK(world.kinds_of("later") == Kinds{"new"});
  CHECK(world.events().size() == 14);
}

TEST_CASE(
    "SHU-09, FET-01: a start without a network waits for it, and for no longer than a backoff") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("old", {{"name", "A"}});
  world.app.network = HttpFailure::resolve;
  world.pass(60 * kMinute);
  CHECK(world.view("status").front().value("health", "") == "failing");
  CHECK(world.http->requests.size() < 40);
  world.app.network = HttpFailure::none;
  world.pass(16 * kMinute);
  CHECK(world.view("status").front().value("health", "") == "ok");
  world.app.put("fresh", {{"name", "A"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("old").empty());
  CHECK(world.kinds_of("fresh") == Kinds{"new"});
}

}  // namespace
}  // namespace triggerd
