#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "triggerd/json_text.h"

using namespace triggerd;
using nlohmann::json;

namespace {

std::string canonical(std::string_view text) { return canonical_json(*parse_json(text)); }

}  // namespace

TEST_CASE("PAR-10 the canonical form does not depend on key order and white space") {
  CHECK(canonical(R"({"b":1,"a":[1,2]})") == R"({"a":[1,2],"b":1})");
  CHECK(canonical("{ \"a\" : [ 1,\n2 ], \"b\":1 }") == canonical(R"({"b":1,"a":[1,2]})"));
  CHECK(canonical("[2,1]") != canonical("[1,2]"));
}

TEST_CASE("PAR-11 numbers are compared by decimal value") {
  for (const char* text : {"1", "1.0", "1e0", "10e-1", "0.1e1"}) {
    CHECK(canonical(text) == "1");
  }
  CHECK(canonical("1e2") == canonical("100"));
  CHECK(canonical("-0.0") == canonical("0"));
  CHECK(canonical("1e18") == canonical("1000000000000000000"));
  CHECK(canonical("1e19") == canonical("10000000000000000000"));
  CHECK(canonical("-2.50") == "-25e-1");
  CHECK(canonical("0.001") == "1e-3");
  CHECK(canonical("1e300") == "1e300");
  CHECK(canonical("1") != canonical("1.0000000001"));
  CHECK(canonical("9007199254740993") != canonical("9007199254740992"));
  CHECK(canonical("1") != canonical("\"1\""));
}

TEST_CASE("PAR-11 the canonical form of a canonical form is itself, also at the ends of 64 bits") {
  for (const char* text : {"2e19", "1.8446744073709552e19", "1.844674407370955e19", "-9.3e18",
                           "-9223372036854775808.0", "-9.223372036854775e18", "1e20", "-1e19"}) {
    CAPTURE(text);
    CHECK(canonical(canonical(text)) == canonical(text));
    CHECK(parse_json(canonical(text))->is_number());
  }
}

TEST_CASE("PAR-12 a member that is null is as good as absent, in a list it counts") {
  CHECK(canonical(R"({"a":null,"b":1})") == canonical(R"({"b":1})"));
  CHECK(canonical(R"({"a":null})") == "{}");
  CHECK(canonical("[null,1]") == "[null,1]");
  CHECK(canonical("null") == "null");
}

TEST_CASE("canonical texts escape what must be escaped and parse back") {
  const json value = {{"k\"\\\n", std::string("\0\x1f\x7f\xC3\xA9", 5)}};
  CHECK(*parse_json(canonical_json(value)) == value);
  CHECK(canonical_json(value).find('\n') == std::string::npos);
}

TEST_CASE("PAR-02 invalid UTF-8 is replaced, never an exception") {
  CHECK(canonical_json(json("a\xFFz")) == "\"a\xEF\xBF\xBDz\"");
  CHECK(canonical_json(json("\xED\xA0\x80")).size() == 11);
  CHECK(compact_json(json("a\xFFz")) == "\"a\xEF\xBF\xBDz\"");
}
