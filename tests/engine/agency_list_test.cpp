// Which accounts of an agency's list are polled, and how that is kept.
#include "engine/agency_list.h"

#include <doctest/doctest.h>

#include "small_app.h"

namespace triggerd {
namespace {

const WallTime kNow = *parse_iso8601("2026-03-01T09:30:00Z");
constexpr Millis kMinute{60'000};

std::vector<std::string> polled(const AgencyList& list) {
  std::vector<std::string> ids;
  const FoundAccounts found = polled_in({{"agency", list}});
  for (const auto& [agency, accounts] : found) {
    for (const FoundAccount& one : accounts) ids.push_back(one.id);
  }
  return ids;
}

TEST_CASE("an account is retired by the second complete list without it, and comes back by one") {
  AgencyList list;
  CHECK(take_listing(list, {{"a", "A"}, {"b", "B"}}, true, kNow));
  CHECK_FALSE(take_listing(list, {{"a", "A"}, {"b", "B"}}, true, kNow));
  CHECK_FALSE(take_listing(list, {{"a", "A"}}, true, kNow));
  CHECK(is_doubtful(list));
  CHECK(polled(list) == std::vector<std::string>{"a", "b"});
  CHECK(take_listing(list, {{"a", "A"}}, true, kNow));
  CHECK(polled(list) == std::vector<std::string>{"a"});
  CHECK_FALSE(is_doubtful(list));
  CHECK(take_listing(list, {{"a", "A"}, {"b", "B"}}, true, kNow + kMinute));
  CHECK(polled(list) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a list that was not read to its end adds and never retires") {
  AgencyList list;
  take_listing(list, {{"a", "A"}, {"b", "B"}}, true, kNow);
  for (int i = 0; i < 5; ++i) take_listing(list, {{"a", "A"}}, false, kNow);
  CHECK(polled(list) == std::vector<std::string>{"a", "b"});
  CHECK(take_listing(list, {{"c", "C"}}, false, kNow));
  CHECK(polled(list) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("an account that was missed once and is met again is missed anew") {
  AgencyList list;
  take_listing(list, {{"a", "A"}}, true, kNow);
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(take_listing(list, {}, true, kNow));
    CHECK_FALSE(take_listing(list, {{"a", "A"}}, true, kNow));
  }
  CHECK(polled(list) == std::vector<std::string>{"a"});
}

TEST_CASE("the lists are kept in the database, with what is retired or missed") {
  SmallWorld world(one_trigger("app.list_items"));
  AgencyLists lists;
  AgencyList& list = lists["agency"];
  take_listing(list, {{"a", "A"}, {"b", "B"}, {"c", "C"}}, true, kNow);
  take_listing(list, {{"a", "A"}, {"c", "C"}}, true, kNow);
  take_listing(list, {{"a", "A"}}, true, kNow);
  list.trouble = "HTTP 500";
  Database& database = world.engine->database();
  database.begin();
  note_agency_lists(database, lists);
  database.commit();
  AgencyLists kept = read_agency_lists(database);
  CHECK(describe(kept["agency"]) == describe(list));
  CHECK(polled(kept["agency"]) == std::vector<std::string>{"a", "c"});
  CHECK(take_listing(kept["agency"], {{"a", "A"}}, true, kNow));
  CHECK(polled(kept["agency"]) == std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace triggerd
