// Answers that bring nothing new: what still counts, and when none of them may be taken for one.
#include <doctest/doctest.h>

#include <algorithm>

#include "small_app.h"

namespace triggerd {
namespace {

using Kinds = std::vector<std::string>;
constexpr Millis kMinute{60'000};
constexpr const char* kItemA = R"({"id":"a","name":"A"})";
constexpr const char* kItemB = R"({"id":"b","name":"B"})";

// Answers every poll with these records, under a validator of their own.
void serve(SmallApp& app, const std::string& records, const std::string& etag) {
  app.fail_status = 200;
  app.fail_path = "/items";
  app.fail_body = "{\"items\":[" + records + "]}";
  app.fail_headers = {{"ETag", etag, false}};
}

std::string validator_of(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers) {
    if (header.name == "If-None-Match") return header.value;
  }
  return "";
}

// Lets time pass until there were so many polls more, with their answers taken; the last of them.
const HttpRequest& poll(SmallWorld& world, std::size_t more = 1) {
  const std::size_t wanted = world.http->requests.size() + more;
  for (int second = 0; world.http->requests.size() < wanted && second < 600; ++second) {
    world.pass(Millis{1'000});
  }
  REQUIRE(world.http->requests.size() >= wanted);
  return world.http->requests[wanted - 1];
}

TEST_CASE("an answer that is known again counts as a poll with its records and as a sweep") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  poll(world, 4);
  world.pass(Millis{2'000});
  const nlohmann::json status = world.view("status")[0], cursors = world.view("cursors")[0];
  poll(world, 3);
  world.pass(Millis{2'000});
  const nlohmann::json later = world.view("status")[0], moved = world.view("cursors")[0];
  CHECK(later["polls"].get<int>() == status["polls"].get<int>() + 3);
  CHECK(later["records"].get<int>() == status["records"].get<int>() + 6);
  CHECK(later["last_success"] > status["last_success"]);
  CHECK(moved["last_sweep"] > cursors["last_sweep"]);
  CHECK(moved["last_walk"] > cursors["last_walk"]);
  CHECK(moved["walk"].is_null());
}

TEST_CASE("a removal is found by the second sweep although its answer is that of the first") {
  SmallWorld world(one_trigger("app.list_items"));
  world.app.put("a", {{"name", "A"}});
  world.app.put("b", {{"name", "B"}});
  poll(world, 4);
  world.app.erase("a");
  poll(world);
  CHECK(world.events().empty());
  poll(world);
  CHECK(world.kinds_of("a") == Kinds{"removed"});
}

TEST_CASE("after a restart a stream asks for changes at once, unless a removal is pending") {
  SmallWorld world(one_trigger("app.list_items"));
  serve(world.app, std::string(kItemA) + "," + kItemB, "\"v1\"");
  poll(world, 4);
  world.restart();
  CHECK(validator_of(poll(world)) == "\"v1\"");

  serve(world.app, kItemA, "\"v2\"");
  poll(world);
  world.restart();
  CHECK(validator_of(poll(world)) == "");
  CHECK(world.kinds_of("b") == Kinds{"removed"});
  poll(world);
  world.restart();
  CHECK(validator_of(poll(world)) == "\"v2\"");
}

TEST_CASE("FET-16: a suspicious sweep is judged again after a restart, whatever the app answers") {
  SmallWorld world(one_trigger("app.list_items"));
  std::string all;
  for (int i = 10; i < 30; ++i) {
    all += (all.empty() ? "" : ",") + std::string("{\"id\":\"r") + std::to_string(i) + "\"}";
  }
  serve(world.app, all, "\"v1\"");
  poll(world, 4);
  serve(world.app, "", "\"v2\"");
  poll(world);
  world.restart();
  CHECK(validator_of(poll(world)) == "");
}

TEST_CASE("an edit of what is watched has the next answer read in full") {
  const std::string watch = "    watch: [/name]\n";
  SmallWorld world(one_trigger("app.list_items"));
  serve(world.app, std::string(kItemA) + "," + kItemB, "\"v1\"");
  poll(world, 4);
  REQUIRE(world.load(one_trigger("app.list_items")));
  CHECK(validator_of(poll(world)) == "\"v1\"");
  REQUIRE(world.load(one_trigger("app.list_items", watch)));
  CHECK(validator_of(poll(world)) == "");
  CHECK(validator_of(poll(world)) == "\"v1\"");

  // Its fingerprints are new, too: a change from here on is one of the watched field.
  serve(world.app, std::string(kItemA) + R"(,{"id":"b","name":"Bob"})", "\"v2\"");
  poll(world);
  CHECK(world.kinds_of("b") == Kinds{"changed"});
}

}  // namespace
}  // namespace triggerd
