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

TEST_CASE("sharp: an older version makes no event, whatever its state (P4)") {
  ReplayRules rules;
  rules.sharp = true;
  Sight old = first("a");
  old.stamp = 100;
  Sight next = shown("b");
  next.stamp = 200;
  CHECK(accepts({old, next, old}, {{"changed", "b"}}, rules));
  CHECK_FALSE(accepts({old, next, old}, {{"changed", "b"}, {"changed", "a"}}, rules));
}

TEST_CASE("sharp: what was made after the start of the baseline must fire, all else must not") {
  ReplayRules rules;
  rules.sharp = true;
  Sight made = first("a");
  made.may_fire = true;
  CHECK(accepts({made}, {{"new", "a"}}, rules));
  CHECK_FALSE(accepts({made}, {}, rules));
  CHECK_FALSE(accepts({first("a")}, {{"new", "a"}}, rules));
  // It moves while the baseline is read: still silent.
  CHECK(accepts({first("a"), first("b")}, {}, rules));
  CHECK_FALSE(accepts({first("a"), first("b")}, {{"changed", "b"}}, rules));
}

TEST_CASE("sharp: with a confirming read only that read removes, and not before two sweeps") {
  ReplayRules rules;
  rules.sharp = rules.confirms = true;
  Sight gone;
  gone.asked = true;
  CHECK(accepts({first("a"), kMissing, kMissing, gone}, {{"removed", ""}}, rules));
  CHECK_FALSE(accepts({first("a"), kMissing, kMissing, kMissing}, {{"removed", ""}}, rules));
  CHECK_FALSE(accepts({first("a"), kMissing, gone}, {{"removed", ""}}, rules));
  CHECK_FALSE(accepts({first("a"), kMissing, kMissing, gone}, {}, rules));
}

TEST_CASE("sharp: after its removal the same record is silent and another one is new") {
  ReplayRules rules;
  rules.sharp = true;
  Sight again = shown("a");
  again.created = 50;
  Sight before = first("a");
  before.created = 50;
  Sight missing;
  missing.wall = 1'000;
  const std::vector<Sight> same{before, missing, missing, again};
  CHECK(accepts(same, {{"removed", ""}}, rules));
  CHECK_FALSE(accepts(same, {{"removed", ""}, {"new", "a"}}, rules));
  again.created = 2'000;
  const std::vector<Sight> another{before, missing, missing, again};
  CHECK(accepts(another, {{"removed", ""}, {"new", "a"}}, rules));
  CHECK_FALSE(accepts(another, {{"removed", ""}}, rules));
}

TEST_CASE("sharp: an edited watch list is silent but for fields that both lists name") {
  ReplayRules rules;
  rules.sharp = true;
  Sight narrow = first("name A");
  narrow.common = "name A";
  Sight wide = shown("name A, note B");
  wide.rule = 1;
  wide.common = "name A";
  CHECK(accepts({narrow, wide}, {}, rules));
  CHECK_FALSE(accepts({narrow, wide}, {{"changed", "name A, note B"}}, rules));
  wide.common = "name C";
  CHECK(accepts({narrow, wide}, {{"changed", "name A, note B"}}, rules));
  CHECK_FALSE(accepts({narrow, wide}, {}, rules));
}

TEST_SUITE_END();
