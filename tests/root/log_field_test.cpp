#include <doctest/doctest.h>

#include "triggerd/log.h"

using triggerd::LogField;

TEST_CASE("log fields are made of texts and numbers") {
  CHECK(LogField("a", "text").text == "text");
  CHECK(LogField("a", std::string("text")).text == "text");
  CHECK(LogField("a", std::string_view("text")).text == "text");
  CHECK(LogField("a", -5).text == "-5");
  CHECK(LogField("a", std::int64_t{1} << 40).text == "1099511627776");
  CHECK(LogField("a", std::size_t{7}).text == "7");
  CHECK(LogField("name", 1).name == "name");
}
