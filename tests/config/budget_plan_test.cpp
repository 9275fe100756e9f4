#include "triggerd/config/budget_plan.h"

#include <doctest/doctest.h>

#include "config/test_catalog.h"

using namespace triggerd;

namespace {

std::vector<AccountPlan> plan_of(const std::string& triggers,
                                 const std::map<std::string, StreamCounts>& counts = {}) {
  const ConfigLoad loaded = triggerd::testing::load(
      "version: 1\naccounts:\n"
      "  main: {connector: crm, location_id: a, auth: {token: \"${env:CRM_TOKEN}\"}}\n"
      "triggers:\n" +
      triggers);
  REQUIRE(loaded.config);
  return plan_budget(*loaded.config, counts);
}

std::string values(int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) text += (i == 0 ? "v" : ", v") + std::to_string(i);
  return text + "]";
}

}  // namespace

TEST_CASE("one trigger each minute costs 1440 requests a day") {
  const auto plans = plan_of("  a: {poll: crm.search_contacts, account: main, every: 1m}\n");
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].day_requests == doctest::Approx(1440));
  CHECK(plans[0].day_limit == 200'000);
  CHECK(plans[0].burst_limit == 100);
  CHECK(plans[0].burst_window == Millis{10'000});
  CHECK(plans[0].advice.empty());
  REQUIRE(plans[0].triggers.size() == 1);
  CHECK(plans[0].triggers[0].streams == 1);
  CHECK(plans[0].triggers[0].cover == Millis{60'000});
}

TEST_CASE("pages and fan-out values multiply, triggers that are off cost nothing") {
  const auto plans = plan_of(
      "  a: {poll: crm.get_contact, account: main, every: 2m, for_each: {contactId: [x, y]}}\n"
      "  b: {poll: crm.search_contacts, account: main, enabled: false}\n",
      {{"a\nmain", {3, 0}}});
  REQUIRE(plans[0].triggers.size() == 1);
  CHECK(plans[0].triggers[0].streams == 2);
  CHECK(plans[0].day_requests == doctest::Approx(2 * 3 * 720));
}

TEST_CASE("a plan above four fifths of the quota names the interval that fits") {
  const std::string head =
      "  a: {poll: crm.get_contact, account: main, every: 1m, for_each: {contactId: ";
  CHECK(plan_of(head + values(111) + "}}\n")[0].advice.empty());
  const auto above = plan_of(head + values(112) + "}}\n");
  REQUIRE(above[0].advice.size() == 1);
  CHECK(above[0].advice[0] == "does not fit: raise `every` of a to 2m");
  const auto never = plan_of(head + values(2000) + "}}\n");
  REQUIRE(never[0].advice.size() == 1);
  CHECK(never[0].advice[0].find("does not fit, even with") == 0);
}

TEST_CASE("children of a parent share what the fixed streams leave, and say their cover time") {
  const std::string triggers =
      "  leads: {poll: crm.search_contacts, account: main, every: 1m}\n"
      "  one: {poll: crm.get_contact, account: main, every: 5m, for_each: {contactId: leads}}\n"
      "  two: {poll: crm.get_contact_tasks, account: main, every: 5m, for_each: {contactId: "
      "leads}}\n";
  const auto plans = plan_of(triggers, {{"one\nmain", {1, 10'000}}, {"two\nmain", {1, 10}}});
  const TriggerCost& one = plans[0].triggers.at(1);
  const TriggerCost& two = plans[0].triggers.at(2);
  // (160,000 - 1,440) a day over 288 turns are 550; `two` leaves what it does not use.
  CHECK(one.in_turns);
  CHECK(one.streams == 10'000);
  CHECK(one.per_turn == 540);
  CHECK(one.cover == Millis{19 * 5 * 60'000});
  CHECK(two.per_turn == 10);
  CHECK(two.cover == Millis{5 * 60'000});
  CHECK(plans[0].day_requests <= 160'000);
  CHECK(plans[0].advice.empty());
}

TEST_CASE(
    "a turn polls at least one stream, however little is left, and no parents are no trouble") {
  const std::string triggers =
      "  leads: {poll: crm.search_contacts, account: main, every: 1m}\n"
      "  full: {poll: crm.get_contact, account: main, every: 1m, for_each: {contactId: " +
      values(150) +
      "}}\n  child: {poll: crm.get_contact_tasks, account: main, every: 15m, for_each: {contactId: "
      "leads}}\n";
  CHECK(plan_of(triggers)[0].triggers.at(2).per_turn == 1);
  CHECK(plan_of(triggers)[0].triggers.at(2).cover == Millis{15 * 60'000});
  const auto plans = plan_of(triggers, {{"child\nmain", {1, 1000}}});
  CHECK(plans[0].triggers.at(2).per_turn == 1);
  CHECK(plans[0].triggers.at(2).cover == Millis{1000LL * 15 * 60'000});
  CHECK(plans[0].advice.size() == 2);
}
