// Thousands of malformed answers, seeded, to the real engine over a real socket: nothing moves, and
// the first good answer afterwards is understood. TRIGGERD_HOSTILE_ANSWERS says how many: 5,000
// otherwise, since 10,000 take more than a minute with sanitizers on a busy machine of two cores.
// TRIGGERD_HOSTILE_SEED says which.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>

#include "hostile/hostile_world.h"
#include "hostile/malformed.h"
#include "proof/proof_line.h"
#include "proof/run_listener.h"

using namespace triggerd;
using namespace triggerd::hostile;

namespace triggerd::proof {

std::string part_name() { return "hostile"; }

std::string repeat_command() {
  return "TRIGGERD_HOSTILE_SEED=" + std::to_string(setting("TRIGGERD_HOSTILE_SEED", 1)) +
         " TRIGGERD_HOSTILE_ANSWERS=" + std::to_string(setting("TRIGGERD_HOSTILE_ANSWERS", 5'000)) +
         " tests_hostile";
}

}  // namespace triggerd::proof

namespace {

using proof::setting;

constexpr int kTriggers = 60;

// The lines of `now` that are not those of `before`; empty when they are the same.
std::string moved(const std::string& before, const std::string& now) {
  std::istringstream old_lines(before), new_lines(now);
  std::string lines, old_line, new_line;
  while (std::getline(new_lines, new_line)) {
    if (!std::getline(old_lines, old_line) || old_line != new_line) lines += new_line + "\n";
  }
  return before == now ? "" : "moved:\n" + lines.substr(0, 2'000);
}

// Gives one malformed answer after the other, every kind in turn.
class Malformed {
 public:
  explicit Malformed(std::uint64_t seed) : chance_(seed) {}

  std::string operator()(const GoodBody& good) {
    const Kind* kind = nullptr;
    do {
      kind = &kinds()[next_++ % kinds().size()];
    } while (kind->lists_only && !good.is_list);
    return kind->make(good, chance_);
  }

 private:
  std::mt19937_64 chance_;
  std::size_t next_ = 0;
};

void expect_news(HostileWorld& world, std::size_t events_before) {
  world.answer_with({});
  world.put("d");
  world.poll(kTriggers);
  CHECK(world.rows("SELECT id FROM events").size() == events_before + kTriggers);
  CHECK(world.rows("SELECT id FROM streams WHERE health <> 'ok'").empty());
  CHECK(world.rows("SELECT * FROM detections WHERE kind = 'removed'").empty());
}

}  // namespace

TEST_CASE(
    "FET-06 FET-15 PAR-01 thousands of malformed answers move nothing, and good ones work at "
    "once") {
  const auto count = static_cast<int>(setting("TRIGGERD_HOSTILE_ANSWERS", 5'000));
  const auto seed = static_cast<std::uint64_t>(setting("TRIGGERD_HOSTILE_SEED", 1));
  HostileWorld world(kTriggers);
  world.poll(2 * kTriggers);
  REQUIRE(world.rows("SELECT id FROM streams WHERE state = 'active'").size() == kTriggers);
  const std::string before = world.state();
  const int good = world.answered();
  const auto started = std::chrono::steady_clock::now();

  world.answer_with(Malformed(seed));
  // In parts, so that a part that moves something is told with its number.
  constexpr int kPart = 1'000;
  while (world.answered() - good < count) {
    world.poll(std::min(kPart, count - (world.answered() - good)));
    CAPTURE(world.answered() - good);
    REQUIRE(moved(before, world.state()) == "");
    CHECK(world.rows("SELECT id FROM streams WHERE health = 'ok'").empty());
  }

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  const int bad = world.answered() - good;
  proof::count("malformed_answers", bad);
  proof::note_seeds(static_cast<std::int64_t>(seed), static_cast<std::int64_t>(seed));
  MESSAGE(bad << " malformed answers, seed " << seed << ", in " << took.count() << " s");
  expect_news(world, 0);
}

TEST_CASE("FET-15 each kind of malformed answer alone moves nothing either") {
  for (const Kind& kind : kinds()) {
    CAPTURE(std::string(kind.name));
    HostileWorld world(3);
    world.poll(6);
    const std::string before = world.state();
    std::mt19937_64 chance(7);
    world.answer_with([&](const GoodBody& good) {
      return kind.lists_only && !good.is_list ? std::string() : kind.make(good, chance);
    });
    world.poll(30);
    CHECK(moved(before, world.state()) == "");
    CHECK(world.rows("SELECT id FROM streams WHERE health = 'ok'").empty());
  }
}

TEST_CASE("PAR-07 PAR-14 records without a usable id invent nothing and remove nothing") {
  HostileWorld world(kTriggers);
  world.poll(2 * kTriggers);
  int turn = 0;
  world.answer_with([&](const GoodBody& good) {
    if (!good.is_list) return good_answer(good.text);
    constexpr std::array kLists{
        R"({"items":[{"name":"x"}]})", R"({"items":[{"id":null},{"id":""},{"id":{}},{"id":1.5}]})",
        R"({"items":[1,null,"a",[],true]})", R"({"items":[{"id":"a\u0000b"}]})",
        R"({"items":[{"id":"a","id":"b","x":1},{"x":2}]})"};
    return good_answer(kLists[static_cast<std::size_t>(turn++) % kLists.size()]);
  });
  world.poll(20 * kTriggers);
  CHECK(world.rows("SELECT * FROM detections").empty());
  CHECK(world.rows("SELECT * FROM seen WHERE gone IS NOT NULL OR missing > 0").empty());
  CHECK(world.rows("SELECT DISTINCT key FROM seen ORDER BY key").size() == 3);
  expect_news(world, 0);
}
