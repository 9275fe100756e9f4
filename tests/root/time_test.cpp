#include "triggerd/time.h"

#include <doctest/doctest.h>

using namespace triggerd;

namespace {

std::string read_back(std::string_view text) {
  const auto at = parse_iso8601(text);
  return at ? to_iso8601(*at) : "nothing";
}

std::string http_read_back(std::string_view text) {
  const auto at = parse_http_date(text);
  return at ? to_iso8601(*at) : "nothing";
}

std::int64_t duration_ms(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? duration->count() : -1;
}

}  // namespace

TEST_CASE("times are printed in UTC with milliseconds") {
  CHECK(to_iso8601(wall_from_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(wall_from_ms(1'772'357'400'123)) == "2026-03-01T09:30:00.123Z");
  CHECK(to_iso8601(wall_from_ms(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("SCH-02 2038 and 2106 are ordinary moments") {
  for (const std::int64_t seconds : {2147483647LL, 2147483648LL, 4294967295LL, 4294967296LL}) {
    const WallTime at = wall_from_ms(seconds * 1000);
    CHECK(parse_iso8601(to_iso8601(at)) == at);
    CHECK(parse_http_date(to_http_date(at)) == at);
  }
  CHECK(to_iso8601(wall_from_ms(2147483648LL * 1000)) == "2038-01-19T03:14:08.000Z");
}

TEST_CASE("years outside 0001 to 9999 are clamped when printed") {
  CHECK(to_iso8601(wall_from_ms(INT64_MAX)) == "9999-12-31T23:59:59.999Z");
  CHECK(to_iso8601(wall_from_ms(INT64_MIN)) == "0001-01-01T00:00:00.000Z");
  CHECK(to_http_date(wall_from_ms(INT64_MAX)) == "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST_CASE("PAR-09 date-times are read with and without fraction, zone and seconds") {
  CHECK(read_back("2026-03-01T09:30:00Z") == "2026-03-01T09:30:00.000Z");
  CHECK(read_back("2026-03-01t09:30:00z") == "2026-03-01T09:30:00.000Z");
  CHECK(read_back("2026-03-01 09:30:00") == "2026-03-01T09:30:00.000Z");
  CHECK(read_back("2026-03-01T09:30") == "2026-03-01T09:30:00.000Z");
  CHECK(read_back("2026-03-01") == "2026-03-01T00:00:00.000Z");
  CHECK(read_back("2026-03-01T09:30:00.5Z") == "2026-03-01T09:30:00.500Z");
  CHECK(read_back("2026-03-01T09:30:00,123456789Z") == "2026-03-01T09:30:00.123Z");
  CHECK(read_back("2026-03-01T09:30:00+02:00") == "2026-03-01T07:30:00.000Z");
  CHECK(read_back("2026-03-01T09:30:00-0530") == "2026-03-01T15:00:00.000Z");
  CHECK(read_back("2026-03-01T09:30:00+09") == "2026-03-01T00:30:00.000Z");
  CHECK(read_back("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
  CHECK(read_back("2024-02-29") == "2024-02-29T00:00:00.000Z");
}

TEST_CASE("PAR-09 a leap second is read as the next second") {
  CHECK(read_back("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000Z");
  CHECK(read_back("2016-12-31T23:59:61Z") == "nothing");
}

TEST_CASE("PAR-09 what is no date-time gives nothing") {
  for (const char* text : {"",
                           " ",
                           "0000-00-00",
                           "0000-01-01",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-00-10",
                           "2026-3-1",
                           "2026-03-01T",
                           "2026-03-01T24:00:00Z",
                           "2026-03-01T09:60:00Z",
                           "2026-03-01T09:30:00.Z",
                           "2026-03-01T09:30:00+2",
                           "2026-03-01T09:30:00+24:00",
                           "2026-03-01T09:30:00Zz",
                           "2026-03-01X09:30:00Z",
                           " 2026-03-01",
                           "20260301T093000Z",
                           "1772357400",
                           "tomorrow",
                           "2026-03-01T09:30:00 Z",
                           "-026-03-01",
                           "2026-03-01T09"}) {
    CAPTURE(text);
    CHECK(read_back(text) == "nothing");
  }
}

TEST_CASE("FET-14 the three HTTP date forms are read") {
  CHECK(http_read_back("Sun, 06 Nov 1994 08:49:37 GMT") == "1994-11-06T08:49:37.000Z");
  CHECK(http_read_back("Sunday, 06-Nov-94 08:49:37 GMT") == "1994-11-06T08:49:37.000Z");
  CHECK(http_read_back("Sunday, 01-Mar-26 09:30:00 GMT") == "2026-03-01T09:30:00.000Z");
  CHECK(http_read_back("Sun Nov  6 08:49:37 1994") == "1994-11-06T08:49:37.000Z");
  CHECK(http_read_back("Wed Nov 16 08:49:37 1994") == "1994-11-16T08:49:37.000Z");
}

TEST_CASE("FET-14 other HTTP dates give nothing") {
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37",
                           "06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Son, 06 Nov 1994 08:49:37 GMT", "120", "Sun Nov  6 08:49:37 94"}) {
    CAPTURE(text);
    CHECK(http_read_back(text) == "nothing");
  }
}

TEST_CASE("durations are read with their units in falling order") {
  CHECK(duration_ms("90s") == 90'000);
  CHECK(duration_ms("5m") == 300'000);
  CHECK(duration_ms("1h30m") == 5'400'000);
  CHECK(duration_ms("2d") == 172'800'000);
  CHECK(duration_ms("250ms") == 250);
  CHECK(duration_ms("0s") == 0);
  CHECK(duration_ms("1d2h3m4s5ms") == 93'784'005);
  CHECK(duration_ms("36600d") == 36600LL * 86'400'000);
}

TEST_CASE("what is no duration is refused with a sentence") {
  for (const char* text :
       {"", "5", "m", "5 m", "-5m", "1.5h", "5min", "1m1h", "1m2m", "5M", "1h "}) {
    CAPTURE(text);
    REQUIRE_FALSE(parse_duration(text).has_value());
    CHECK(parse_duration(text).error() == "expected a duration such as 90s, 5m, 1h30m or 2d");
  }
  for (const char* text : {"36600d1ms", "99999999999999999999999d"}) {
    CAPTURE(text);
    REQUIRE_FALSE(parse_duration(text).has_value());
    CHECK(parse_duration(text).error() == "a duration cannot be longer than 36600d");
  }
}

TEST_CASE("durations are printed without empty units and read back the same") {
  CHECK(format_duration(Millis{5'400'000}) == "1h30m");
  CHECK(format_duration(Millis{90'000}) == "1m30s");
  CHECK(format_duration(Millis{0}) == "0s");
  CHECK(format_duration(Millis{250}) == "250ms");
  CHECK(format_duration(Millis{-300'000}) == "-5m");
  CHECK(format_duration(Millis{93'784'005}) == "1d2h3m4s5ms");
  CHECK(duration_ms(format_duration(Millis{93'784'005})) == 93'784'005);
}
