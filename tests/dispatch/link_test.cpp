// link: pairs of ids, kept in the transaction that ends the step.
#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"
#include "triggerd/store/id_links.h"
#include "triggerd/store/listings.h"

namespace triggerd {
namespace {

using nlohmann::json;
using testing::hook;
using testing::http_of;
using testing::World;

Step link(const std::string& id, json with) {
  Step step;
  step.id = id;
  step.action = kLinkAction;
  step.with = std::move(with);
  return step;
}

Step show(const std::string& expression) {
  Step step = hook();
  step.id = "show";
  step.with["body"] = "${{ " + expression + " }}";
  return step;
}

std::vector<std::string> pairs(World& world) {
  std::vector<std::string> found;
  for (const json& row : list_view(*world.database, "links", "", 0).rows) {
    found.push_back(row.value("name", "") + " " + row.value("left_id", "") + "=" +
                    row.value("right_id", ""));
  }
  return found;
}

using Pairs = std::vector<std::string>;

TEST_CASE("a pair that was saved is found from both sides; ids of digits are texts") {
  World world({link("keep", {{"save", "leads"}, {"left", "${{ .record.id }}"}, {"right", "b1"}}),
               link("by_left", {{"find", "leads"}, {"left", 7}}),
               link("by_right", {{"find", "leads"}, {"right", "b1"}}),
               link("none", {{"find", "others"}, {"right", "b1"}}),
               show("[.steps.by_left.found, .steps.by_right.found, .steps.none.found]")});
  world.add_event("r1", {{"id", 7}});
  CHECK(http_of(world.prepare_one()).body == R"(["b1","7",null])");
  CHECK(pairs(world) == Pairs{"leads 7=b1"});
}

TEST_CASE("a second partner is refused on either side and goes to the dead letters") {
  for (const json& second :
       {json{{"left", "a1"}, {"right", "b2"}}, json{{"left", "a2"}, {"right", "b1"}}}) {
    json with = second;
    with["save"] = "leads";
    World world({link("keep", {{"save", "leads"}, {"left", "a1"}, {"right", "b1"}}),
                 link("again", {{"save", "leads"}, {"left", "a1"}, {"right", "b1"}}),
                 link("other", with)});
    const std::int64_t run = world.add_event("r1");
    CHECK(world.prepare().empty());
    CHECK(world.step(run, 1).state == StepState::succeeded);  // the same pair is no other one
    CHECK(world.step(run, 2).state == StepState::dead);
    CHECK(world.step(run, 2).error.find("a1 and b1 are") != std::string::npos);
    CHECK(pairs(world) == Pairs{"leads a1=b1"});
  }
}

TEST_CASE("`replace` takes away what stands in the way on both sides") {
  World world(
      {link("one", {{"save", "leads"}, {"left", "a1"}, {"right", "b1"}}),
       link("two", {{"save", "leads"}, {"left", "a2"}, {"right", "b2"}}),
       link("three", {{"save", "leads"}, {"left", "a1"}, {"right", "b2"}, {"replace", true}})});
  const std::int64_t run = world.add_event("r1");
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "done");
  CHECK(pairs(world) == Pairs{"leads a1=b2"});
}

TEST_CASE("a forgotten pair is found no more") {
  World world({link("one", {{"save", "leads"}, {"left", "a1"}, {"right", "b1"}}),
               link("two", {{"forget", "leads"}, {"right", "b1"}}),
               link("three", {{"find", "leads"}, {"left", "a1"}}),
               show("[.steps.two.forgotten, .steps.three.found]")});
  world.add_event("r1");
  CHECK(http_of(world.prepare_one()).body == R"(["a1",null])");
  CHECK(pairs(world).empty());
}

TEST_CASE("an empty id is found nowhere and saved nowhere") {
  World world({link("find", {{"find", "leads"}, {"left", "${{ .record.none }}"}}),
               link("save", {{"save", "leads"}, {"left", "a"}, {"right", "${{ .record.none }}"}})});
  const std::int64_t run = world.add_event("r1");
  CHECK(world.prepare().empty());
  CHECK(world.step(run, 0).answer == R"({"found":null})");
  CHECK(world.step(run, 1).error == "with.right: is empty");
  CHECK(pairs(world).empty());
}

TEST_CASE("a pair whose transaction is rolled back is not there, and is saved by the next one") {
  World world({link("one", {{"save", "leads"}, {"left", "a1"}, {"right", "b1"}})});
  const std::int64_t run = world.add_event("r1");
  world.database->begin();
  CHECK(world.dispatcher->prepare(*world.database, world.gates, world.wall, world.steady).empty());
  world.crash();
  CHECK(pairs(world).empty());
  CHECK(world.run(run).state == "waiting");
  CHECK(world.prepare().empty());
  CHECK(pairs(world) == Pairs{"leads a1=b1"});
  CHECK(world.run(run).state == "done");
}

TEST_CASE("with `each` one step keeps many pairs") {
  Step step = link("one", {{"save", "tags"}, {"left", "${{ .each }}"}, {"right", "x${{ .each }}"}});
  step.each = ".record.tags";
  World world({step});
  world.add_event("r1", {{"tags", {"a", "b"}}});
  CHECK(world.prepare().empty());
  CHECK(pairs(world) == Pairs{"tags a=xa", "tags b=xb"});
}

}  // namespace
}  // namespace triggerd
