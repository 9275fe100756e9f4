// Small parts by themselves: instants, random numbers, routes, query text.
#include <doctest/doctest.h>

#include "instant.h"
#include "random.h"
#include "route.h"
#include "wire.h"

namespace triggerd::sandbox::tests {
namespace {

TEST_CASE("instants print and parse in the API's formats") {
  const Millis at = 1'625'203'104'328;
  CHECK(iso_utc(at) == "2021-07-02T05:18:24.328Z");
  CHECK(iso_with_offset(at, 330) == "2021-07-02T10:48:24+05:30");
  CHECK(iso_with_offset(at, -360) == "2021-07-01T23:18:24-06:00");
  CHECK(plain_utc(at) == "2021-07-02 05:18:24");
  CHECK(http_date(at) == "Fri, 02 Jul 2021 05:18:24 GMT");
  CHECK(parse_iso("2021-07-02T05:18:24.328Z") == at);
  CHECK(parse_iso("2021-07-02T10:48:24.328+05:30") == at);
  CHECK(parse_iso("2021-07-02") == 1'625'184'000'000);
  CHECK(parse_month_day_year("07-02-2021") == 1'625'184'000'000);
}

TEST_CASE("texts that are no instants are refused") {
  for (const char* text : {"", "2021", "2021-13-01", "2021-02-30", "2021-07-02T25:00:00Z",
                           "2021-07-02T05:18:24.", "2021-07-02T05:18:24+5", "yesterday"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso(text).has_value());
  }
  CHECK_FALSE(parse_month_day_year("2021-07-02").has_value());
}

TEST_CASE("days before 1970 are rounded down") {
  CHECK(day_number(-1) == -1);
  CHECK(day_number(-kDay) == -1);
  CHECK(iso_utc(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(day_of_week(-1) == 3);  // a Wednesday
}

TEST_CASE("literal segments win over parameters, and slashes at the end count") {
  const RouteTable routes;
  const auto operation = [&](const char* path) {
    const auto matched = routes.match("GET", path);
    return matched ? matched->route->operation : std::string();
  };
  CHECK(operation("/contacts/abc") == "get_contact");
  CHECK(operation("/contacts/search/duplicate") == "get_duplicate_contact");
  CHECK(operation("/contacts/") == "list_contacts_deprecated");
  CHECK(operation("/contacts").empty());
  CHECK(operation("/calendars/groups") == "list_calendar_groups");
  CHECK(operation("/calendars/abc") == "get_calendar_by_id");
  CHECK(operation("/calendars/resources/rooms") == "list_calendar_resources");
  CHECK(operation("/opportunities/pipelines") == "list_pipelines");
  CHECK(operation("/conversations/messages/email/x") == "get_email_by_id");
  CHECK(operation("/associations/key/k") == "get_association_key");
}

TEST_CASE("a plus sign is a blank unless it is encoded") {
  const auto pairs = parse_query("number=%2B1555&name=a+b&empty=&bare&broken=%zz");
  REQUIRE(pairs.size() == 5);
  CHECK(pairs[0].second == "+1555");
  CHECK(pairs[1].second == "a b");
  CHECK(pairs[2].second.empty());
  CHECK(pairs[3].first == "bare");
  CHECK(pairs[4].second == "%zz");
}

TEST_CASE("ids look like the API's") {
  Random random(1);
  CHECK(random.id().size() == 20);
  CHECK(random.hex(24).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random.uuid().size() == 36);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
