#include "triggerd/json_text.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

using namespace triggerd;
using nlohmann::json;

TEST_CASE("members are found by pointer") {
  const json value = {{"a", {{"b/c", {10, 20}}, {"~", 3}}}, {"", 4}};
  CHECK(*find_at(value, "") == value);
  CHECK(*find_at(value, "/a/b~1c/1") == 20);
  CHECK(*find_at(value, "/a/~0") == 3);
  CHECK(*find_at(value, "/") == 4);
  for (const char* absent : {"/x", "/a/b~1c/2", "/a/b~1c/01", "/a/b~1c/-", "/a/b~1c/x", "/a/~0/y",
                             "a", "/a~2", "/a/b~1c/99999999999999999999999"}) {
    CAPTURE(absent);
    CHECK(find_at(value, absent) == nullptr);
  }
}

TEST_CASE("members are set by pointer, with objects made on the way") {
  json value = {{"list", {1}}, {"text", "x"}, {"none", nullptr}};
  CHECK(set_at(value, "/a/b", 1));
  CHECK(set_at(value, "/list/0", 2));
  CHECK(set_at(value, "/list/1", 3));
  CHECK(set_at(value, "/list/-", 4));
  CHECK(set_at(value, "/none/c", 5));
  CHECK(value == json{{"a", {{"b", 1}}}, {"list", {2, 3, 4}}, {"text", "x"}, {"none", {{"c", 5}}}});
  CHECK(set_at(value, "", 7));
  CHECK(value == 7);
}

TEST_CASE("a scalar or a gap in a list blocks the way of a setting") {
  json value = {{"list", {1}}, {"text", "x"}};
  const json before = value;
  CHECK_FALSE(set_at(value, "/text/a", 1));
  CHECK_FALSE(set_at(value, "/list/5", 1));
  CHECK_FALSE(set_at(value, "/list/x", 1));
  CHECK_FALSE(set_at(value, "no-pointer", 1));
  CHECK(value == before);
}

TEST_CASE("pointers are told from other texts") {
  CHECK(is_json_pointer(""));
  CHECK(is_json_pointer("/a/0/~0~1"));
  CHECK_FALSE(is_json_pointer("a"));
  CHECK_FALSE(is_json_pointer("/a~"));
  CHECK_FALSE(is_json_pointer("/a~2"));
}

TEST_CASE("scalars become plain text, lists and objects JSON") {
  CHECK(plain_text(json("a\"b")) == "a\"b");
  CHECK(plain_text(json(-5)) == "-5");
  CHECK(plain_text(json(18446744073709551615ULL)) == "18446744073709551615");
  CHECK(plain_text(json(1.0)) == "1");
  CHECK(plain_text(json(2500000.0)) == "2500000");
  CHECK(plain_text(json(0.1)) == "0.1");
  CHECK(plain_text(json(1e300)) == "1e+300");
  CHECK(plain_text(json(true)) == "true");
  CHECK(plain_text(json(nullptr)) == "");
  CHECK(plain_text(json{{"a", {1, 2}}}) == R"({"a":[1,2]})");
}
