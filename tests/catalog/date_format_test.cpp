#include "triggerd/catalog/date_format.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace triggerd;
using nlohmann::json;

namespace {

DateFormat format_of(const char* text) {
  const auto format = parse_date_format(text);
  REQUIRE_MESSAGE(format.has_value(), text);
  return *format;
}

// The moment as ISO text; "none" when the value does not fit.
std::string moment(const json& value, const char* format) {
  const auto at = read_date(value, format_of(format));
  return at ? to_iso8601(*at) : "none";
}

std::string problem_of(const char* text) {
  const auto format = parse_date_format(text);
  return format ? "fine" : format.error();
}

}  // namespace

TEST_CASE("PAR-09: each family reads its own spellings and refuses the neighbours") {
  struct Row {
    json value;
    const char* format;
    const char* want;
  };
  const Row rows[] = {
      {"2026-03-01T09:30:00.123Z", "iso8601", "2026-03-01T09:30:00.123Z"},
      {"2026-03-01T15:00:00+05:30", "iso8601", "2026-03-01T09:30:00.000Z"},
      {"2026-03-01T09:30:00", "iso8601", "2026-03-01T09:30:00.000Z"},
      {1772357400000, "iso8601", "2026-03-01T09:30:00.000Z"},
      {"1772357400000", "iso8601", "2026-03-01T09:30:00.000Z"},
      {"20260301", "iso8601", "none"},
      {"0000-00-00", "iso8601", "none"},
      {"", "iso8601", "none"},
      {"9999-12-31T23:59:59Z", "iso8601", "9999-12-31T23:59:59.000Z"},
      {"2026-12-31T23:59:60Z", "iso8601", "2027-01-01T00:00:00.000Z"},
      {json(), "iso8601", "none"},
      {json::object(), "iso8601", "none"},
      {true, "iso8601", "none"},
      {1772357400, "epoch_s", "2026-03-01T09:30:00.000Z"},
      {"1772357400", "epoch_s", "2026-03-01T09:30:00.000Z"},
      {"1772357400.5", "epoch_s", "2026-03-01T09:30:00.500Z"},
      {1772357400.25, "epoch_s", "2026-03-01T09:30:00.250Z"},
      {"1772357400x", "epoch_s", "none"},
      {"", "epoch_s", "none"},
      {-1, "epoch_s", "1969-12-31T23:59:59.000Z"},
      {1772357400123, "epoch_ms", "2026-03-01T09:30:00.123Z"},
      {4102444800000000000, "epoch_ms", "none"},
      {1e300, "epoch_ms", "none"},
      {"nan", "epoch_ms", "none"},
      {1772357400123456, "epoch_us", "2026-03-01T09:30:00.123Z"},
      {-1, "epoch_us", "1969-12-31T23:59:59.999Z"},
      {"2026-03-01", "date", "2026-03-01T00:00:00.000Z"},
      {1772357400000, "date", "none"},
      {"2026-03-01 09:30:00", "date_time", "2026-03-01T09:30:00.000Z"},
      {"2026-03-01 09:30:00", "date_time +09:00", "2026-03-01T00:30:00.000Z"},
      {"2026-03-01T09:30:00Z", "iso8601 +0900", "2026-03-01T09:30:00.000Z"},
      {"2026-13-01 09:30:00", "date_time", "none"},
      {"2026-03-01 09:30:00 +0900 KST", "%Y-%m-%d %H:%M:%S %z %Z", "2026-03-01T00:30:00.000Z"},
      {"2026-03-01 09:30:00 +09:00 KST", "%Y-%m-%d %H:%M:%S %z %Z", "2026-03-01T00:30:00.000Z"},
      {"2026-03-01 09:30:00 +0900", "%Y-%m-%d %H:%M:%S %z %Z", "none"},
      {"03-01-2026", "%m-%d-%Y", "2026-03-01T00:00:00.000Z"},
      {"1-Mar-26", "%d-%b-%y", "2026-03-01T00:00:00.000Z"},
      {"1-Mrz-26", "%d-%b-%y", "none"},
      {"2026-060", "%Y-%j", "2026-03-01T00:00:00.000Z"},
      {"2026-366", "%Y-%j", "none"},
      {"09:30:00.5 02-29-2025", "%H:%M:%S.%f %m-%d-%Y", "none"},
      {"09:30:00.5 03-01-2026", "%H:%M:%S.%f %m-%d-%Y", "2026-03-01T09:30:00.500Z"},
      {"03-01-2026 ", "%m-%d-%Y", "none"},
      {"26000%", "%y%j%%", "none"},
      {"26060%", "%y%j%%", "2026-03-01T00:00:00.000Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value.dump());
    CAPTURE(row.format);
    CHECK(moment(row.value, row.format) == row.want);
  }
}

TEST_CASE("a moment is written as each family wants it") {
  const WallTime at = wall_from_ms(1772357400123);
  CHECK(write_date(at, format_of("iso8601")) == "2026-03-01T09:30:00.123Z");
  CHECK(write_date(at, format_of("epoch_s")) == 1772357400);
  CHECK(write_date(at, format_of("epoch_ms")) == 1772357400123);
  CHECK(write_date(at, format_of("epoch_us")) == 1772357400123000);
  CHECK(write_date(at, format_of("date")) == "2026-03-01");
  CHECK(write_date(at, format_of("date_time")) == "2026-03-01 09:30:00");
  CHECK(write_date(at, format_of("date_time +09:00")) == "2026-03-01 18:30:00");
  CHECK(write_date(at, format_of("%m-%d-%Y")) == "03-01-2026");
  CHECK(write_date(at, format_of("%d %b %y %H:%M:%S.%f %z %j %%")) ==
        "01 Mar 26 09:30:00.123 +0000 060 %");
}

TEST_CASE("what is written is read again as the same moment") {
  const WallTime at = wall_from_ms(-1500);
  for (const char* text : {"iso8601", "epoch_ms", "epoch_us", "%Y-%m-%dT%H:%M:%S.%f%z"}) {
    const DateFormat format = format_of(text);
    CHECK(read_date(write_date(at, format), format) == at);
  }
  CHECK(write_date(at, format_of("epoch_s")) == -2);  // never later than the moment itself
}

TEST_CASE("a format that is not known is named in the problem") {
  CHECK(problem_of("date_time") == "fine");
  CHECK(problem_of("datetime") ==
        "`datetime` is not one of iso8601, epoch_s, epoch_ms, epoch_us, date, date_time, number, "
        "or a "
        "pattern with %");
  CHECK(problem_of("%Y-%q") == "`%q` is not one of %Y %m %d %H %M %S %f %y %b %j %z %Z %%");
  CHECK(problem_of("%Y-%") == "`%` is not one of %Y %m %d %H %M %S %f %y %b %j %z %Z %%");
  CHECK(problem_of("date_time Seoul") ==
        "`date_time Seoul`: what follows the name must be a zone such as +09:00");
  CHECK(problem_of("epoch_s +09:00") ==
        "`epoch_s +09:00`: what follows the name must be a zone such as +09:00");
}
