#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "triggerd/json_text.h"

using namespace triggerd;
using nlohmann::json;

namespace {

std::string problem_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "accepted" : parsed.error().what;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("JSON is read with all its types") {
  const auto parsed = parse_json(R"( {"a": [1, -2, 1.5, "x\u00e9", true, null, {}], "": []} )");
  REQUIRE(parsed.has_value());
  CHECK(*parsed ==
        json{{"a", {1, -2, 1.5, "x\xC3\xA9", true, nullptr, json::object()}}, {"", json::array()}});
}

TEST_CASE("PAR-01 each cut of a document is refused") {
  const std::string whole = R"({"a":[1,{"b":"c\n\u00e9"},true],"d":null,"e":-1.5e3})";
  REQUIRE(parse_json(whole).has_value());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_json(whole.substr(0, length)).has_value());
  }
}

TEST_CASE("PAR-01 what is not one complete document is refused") {
  for (const char* text :
       {"",     " ",          "{} {}",    "{}x",       "[1,]",  "{\"a\":1,}", "{'a':1}",
        "NaN",  "[Infinity]", "// c\n{}", "/* c */{}", "[01]",  "[+1]",       "[1.]",
        "[.5]", "\"\t\"",     "tru",      "{a:1}",     "[1 2]", "\"\\x\""}) {
    CAPTURE(text);
    CHECK(problem_of(text) == "not valid JSON");
  }
  CHECK(problem_of("\xEF\xBB\xBF{}") == "a byte order mark before the document");
  CHECK(problem_of(std::string_view("{}\0", 3)) == "not valid JSON");
}

TEST_CASE("PAR-01 a problem names the offset and no content") {
  const auto parsed = parse_json(R"({"name":"private", "b": ?})");
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().offset == 25);
  CHECK(parsed.error().what.find("private") == std::string::npos);
}

TEST_CASE("PAR-02 invalid UTF-8 and lone surrogates are refused") {
  for (const char* text : {"\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xFF\"", "\"\xE2\x82\"",
                           "\"\xF5\x80\x80\x80\"", R"("\ud800")", R"("\udc00\ud800")"}) {
    CAPTURE(text);
    CHECK(problem_of(text) == "not valid JSON");
  }
  const auto fine = parse_json("\"\\u0000 \xE2\x80\xA8 \xE2\x80\xAE \\ud83d\\ude00\"");
  REQUIRE(fine.has_value());
  CHECK(fine->get<std::string>().size() == 14);
}

TEST_CASE("PAR-03 64 levels are read, 65 and ten million are refused") {
  CHECK(parse_json(nested(64)).has_value());
  CHECK(problem_of(nested(65)) == "deeper than 64 levels");
  CHECK(parse_json(nested(65)).error().offset == 64);
  CHECK(problem_of(std::string(10'000'000, '[')) == "deeper than 64 levels");
  CHECK(json_depth_within("[[]]", 2));
  CHECK_FALSE(json_depth_within("[[[", 2));
}

TEST_CASE("PAR-03 brackets inside strings do not count") {
  CHECK(json_depth_within(R"(["[[[[\"[[["])", 1));
  CHECK(parse_json("[\"" + std::string(100, '[') + "\"]").has_value());
}

TEST_CASE("PAR-05 duplicate keys are refused at any level") {
  CHECK(problem_of(R"({"id":1,"id":2})") == "duplicate key in an object");
  CHECK(problem_of(R"([{"a":{"b":1,"b":1}}])") == "duplicate key in an object");
  CHECK(problem_of(R"({"a":1,"\u0061":2})") == "duplicate key in an object");
  CHECK(problem_of(R"({"a":{"b":1},"b":{"a":1}})") == "accepted");
}

TEST_CASE("PAR-06 integers are kept exactly, beyond 64 bits as text") {
  CHECK(*parse_json("9007199254740993") == json(9007199254740993LL));
  CHECK(*parse_json("18446744073709551615") == json(18446744073709551615ULL));
  CHECK(*parse_json("18446744073709551616") == json("18446744073709551616"));
  CHECK(*parse_json("-9223372036854775808") == json(INT64_MIN));
  CHECK(*parse_json("-9223372036854775809") == json("-9223372036854775809"));
  CHECK(*parse_json("-0") == json(0));
  CHECK(parse_json("1.0")->is_number_float());
}

TEST_CASE("PAR-06 an integer of 400 digits is kept as text, beside look-alikes in strings") {
  const std::string digits(400, '7');
  const auto parsed = parse_json("{\"n\":-" + digits + ",\"s\":\"\\\"" + digits +
                                 "\",\"f\":1e5,\"l\":[" + digits + "]}");
  REQUIRE(parsed.has_value());
  CHECK(*find_at(*parsed, "/n") == json("-" + digits));
  CHECK(*find_at(*parsed, "/s") == json("\"" + digits));
  CHECK(*find_at(*parsed, "/f") == json(1e5));
  CHECK(*find_at(*parsed, "/l/0") == json(digits));
}

TEST_CASE("PAR-01 an integer of 400 digits is no key of an object") {
  const std::string digits(400, '7');
  CHECK(problem_of("{" + digits + ":1}") == "not valid JSON");
  CHECK(problem_of("{" + digits + " \n: 1}") == "not valid JSON");
  CHECK(parse_json("{\"a\":" + digits + ",\"b\":1}").has_value());
}

TEST_CASE(
    "PAR-01 the offset of a problem counts the bytes as they came, behind long integers too") {
  const std::string digits(400, '7');
  CHECK(parse_json("[" + digits + ",x]").error().offset == 403);
  CHECK(parse_json("[" + digits).error().offset <= 402);
  CHECK(parse_json("[1,x]").error().offset == 4);
}

TEST_CASE("PAR-06 a number beyond every double is refused") {
  CHECK(problem_of("1e999") == "a number is out of range");
  CHECK(problem_of("[" + std::string(400, '7') + ".5]") == "a number is out of range");
  CHECK(problem_of("[0" + std::string(400, '7') + "]") == "not valid JSON");
}
