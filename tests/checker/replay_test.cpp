// The checker itself: it must accept what follows from what was shown, and nothing else.
#include "checker/replay.h"

#include <doctest/doctest.h>

using namespace triggerd::checker;

namespace {

Sight shown(const std::string& state) {
  Sight sight;
  sight.present = true;
  sight.state = state;
  return sight;
}

Sight first(const std::string& state) {
  Sight sight = shown(state);
  sight.baseline = true;
  sight.may_fire = false;
  return sight;
}

Sight perhaps(const std::string& state) {
  Sight sight = shown(state);
  sight.certain = false;
  return sight;
}

const Sight kMissing{};

bool accepts(const std::vector<Sight>& sights, const std::vector<Found>& found,
             const ReplayRules& rules = {}) {
  return check_record(sights, found, rules).empty();
}

}  // namespace

TEST_SUITE_BEGIN("replay");

TEST_CASE("the checker accepts one detection per state that was shown, and no other number") {
  const std::vector<Sight> sights{first("a"), shown("b"), shown("b"), shown("a")};
  CHECK(accepts(sights, {{"changed", "b"}, {"changed", "a"}}));
  CHECK_FALSE(accepts(sights, {{"changed", "b"}}));
  CHECK_FALSE(accepts(sights, {{"changed", "b"}, {"changed", "b"}, {"changed", "a"}}));
  CHECK_FALSE(accepts(sights, {{"changed", "a"}, {"changed", "b"}}));
  CHECK_FALSE(accepts(sights, {{"new", "b"}, {"changed", "a"}}));
}

TEST_CASE("the checker takes the baseline as silent, and later records as new") {
  CHECK(accepts({first("a"), shown("a")}, {}));
  CHECK_FALSE(accepts({first("a")}, {{"new", "a"}}));
  CHECK(accepts({shown("a")}, {{"new", "a"}}));
  CHECK_FALSE(accepts({shown("a")}, {}));
}

TEST_CASE("the checker lets an answer count or not when it may have been lost") {
  const std::vector<Sight> sights{first("a"), perhaps("b"), shown("c")};
  CHECK(accepts(sights, {{"changed", "b"}, {"changed", "c"}}));
  CHECK(accepts(sights, {{"changed", "c"}}));
  CHECK_FALSE(accepts(sights, {{"changed", "b"}}));
}

TEST_CASE("the checker wants two sweeps before a removal, and a removal in the end") {
  ReplayRules strict;
  strict.must_remove = true;
  CHECK_FALSE(accepts({first("a"), kMissing}, {{"removed", ""}}));
  CHECK(accepts({first("a"), kMissing, kMissing}, {{"removed", ""}}));
  CHECK_FALSE(accepts({first("a"), shown("a")}, {{"removed", ""}}));
  CHECK_FALSE(accepts({first("a"), kMissing, kMissing, kMissing, kMissing}, {}, strict));
  CHECK(accepts({first("a"), kMissing, kMissing, shown("a")}, {{"removed", ""}}));
}

TEST_SUITE_END();
