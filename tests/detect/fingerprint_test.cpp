#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;
using nlohmann::json;

namespace {

struct Pair {
  const char* what;
  const char* one;
  const char* other;
  bool same;
};

void check_pairs(const DetectRules& rules, const std::vector<Pair>& pairs) {
  for (const Pair& pair : pairs) {
    CAPTURE(pair.what);
    const auto one = parse_json(pair.one);
    const auto other = parse_json(pair.other);
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    CHECK((fingerprint(*one, rules) == fingerprint(*other, rules)) == pair.same);
  }
}

}  // namespace

TEST_CASE("PAR-10 PAR-11 PAR-12 a state does not depend on how it is spelled") {
  check_pairs(
      rules_for({}),
      {
          {"key order", R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":3,"c":2},"a":1})", true},
          {"white space", R"({"a":[1,2]})", " { \"a\" : [ 1 ,\n2 ] } ", true},
          {"escapes", R"({"a":"\u00e9"})", "{\"a\":\"\xC3\xA9\"}", true},
          {"1.0 and 1", R"({"a":1.0})", R"({"a":1})", true},
          {"1e2 and 100", R"({"a":1e2})", R"({"a":100})", true},
          {"1.5 and 1", R"({"a":1.5})", R"({"a":1})", false},
          {"beyond 2^53", R"({"a":9007199254740993})", R"({"a":9007199254740992})", false},
          {"null and missing", R"({"a":1,"b":null})", R"({"a":1})", true},
          {"empty and missing", R"({"a":1,"b":""})", R"({"a":1})", false},
          {"false and missing", R"({"a":1,"b":false})", R"({"a":1})", false},
          {"list order", R"({"a":[1,2]})", R"({"a":[2,1]})", false},
          {"null in a list", R"({"a":[1,null]})", R"({"a":[1]})", false},
      });
}

TEST_CASE("PAR-08 the type of a watched value is part of the state") {
  check_pairs(rules_for({.watch = {"/a"}}),
              {
                  {"text and number", R"({"a":"1"})", R"({"a":1})", false},
                  {"scalar and list", R"({"a":1})", R"({"a":[1]})", false},
                  {"true and text", R"({"a":true})", R"({"a":"true"})", false},
                  {"list and object", R"({"a":[]})", R"({"a":{}})", false},
              });
}

TEST_CASE("PAR-12 only watched fields count") {
  check_pairs(
      rules_for({.watch = {"/email", "/custom/score"}}),
      {
          {"a new field", R"({"email":"a"})", R"({"email":"a","x":1})", true},
          {"a field gone", R"({"email":"a","x":1})", R"({"email":"a"})", true},
          {"beside the watched one", R"({"custom":{"score":1,"x":1}})", R"({"custom":{"score":1}})",
           true},
          {"the watched one", R"({"custom":{"score":1}})", R"({"custom":{"score":2}})", false},
          {"the watched one gone", R"({"email":"a"})", R"({})", false},
          {"the watched one null", R"({"email":null})", R"({})", true},
          {"the value of another", R"({"email":1})", R"({"custom":{"score":1}})", false},
      });
}

TEST_CASE("PAR-13 the order of set-like lists does not count") {
  check_pairs(
      rules_for({.unordered = {"/tags", "/groups"}}),
      {
          {"swapped", R"({"tags":["b","a"]})", R"({"tags":["a","b"]})", true},
          {"one more", R"({"tags":["a"]})", R"({"tags":["a","b"]})", false},
          {"twice", R"({"tags":["a","a"]})", R"({"tags":["a"]})", false},
          {"other lists", R"({"path":["a","b"]})", R"({"path":["b","a"]})", false},
          {"objects", R"({"groups":[{"x":1},{"x":2}]})", R"({"groups":[{"x":2},{"x":1}]})", true},
          {"no list after all", R"({"tags":"a"})", R"({"tags":["a"]})", false},
      });
}

TEST_CASE("fields that are left out do not count, at any depth") {
  check_pairs(
      rules_for({.left_out = {"/trace~1id", "/meta/at", "/list/0"}}),
      {
          {"top", R"({"trace/id":1,"a":1})", R"({"trace/id":2,"a":1})", true},
          {"inner", R"({"meta":{"at":1,"b":1}})", R"({"meta":{"at":2,"b":1}})", true},
          {"its neighbour", R"({"meta":{"at":1,"b":1}})", R"({"meta":{"at":1,"b":2}})", false},
          {"a name that starts alike", R"({"meta":{"ats":1}})", R"({"meta":{"ats":2}})", false},
          {"a place in a list", R"({"list":[1,5]})", R"({"list":[2,5]})", true},
          {"the place behind it", R"({"list":[1,5]})", R"({"list":[1,6]})", false},
          {"below a scalar", R"({"meta":5})", R"({"meta":6})", false},
      });
}

TEST_CASE("a field that the user watches counts although the operation calls it volatile") {
  const DetectRules rules = rules_for({.watch = {"/meta/at"}, .left_out = {"/meta", "/trace"}});
  CHECK(rules.left_out == std::vector<std::string>{"/trace"});
  CHECK(fingerprint({{"meta", {{"at", 1}}}}, rules) != fingerprint({{"meta", {{"at", 2}}}}, rules));
}

TEST_CASE("records that are no objects have states, too") {
  check_pairs(rules_for({.shape = Shape::value}), {
                                                      {"numbers", "5", "5.0", true},
                                                      {"other numbers", "5", "6", false},
                                                      {"lists", "[1,2]", "[1,2]", true},
                                                      {"texts", R"("a")", R"("b")", false},
                                                      {"null and text", "null", R"("null")", false},
                                                  });
}

TEST_CASE("the rule names everything that shapes a row, and not the order of the lists") {
  const auto rule = [](const Watching& watching) { return rules_for(watching).rule; };
  CHECK(rule({.watch = {"/a", "/b"}}) == rule({.watch = {"/b", "/a", "/b"}}));
  CHECK(rule({}) != 0);
  CHECK(rule({}) != rule({.watch = {"/a"}}));
  CHECK(rule({}) != rule({.left_out = {"/a"}}));
  CHECK(rule({}) != rule({.unordered = {"/a"}}));
  CHECK(rule({}) != rule({.remembered = {"/a"}}));
  CHECK(rule({}) != rule({.remember = Remember::record}));
  CHECK(rule({.watch = {"/a"}}) != rule({.left_out = {"/a"}}));
}

TEST_CASE("the field of a transition is watched and remembered") {
  Trigger trigger;
  trigger.watch = {"/tags"};
  trigger.transition = Transition{"/status", "open", "won"};
  const DetectRules rules = detect_rules(trigger);
  CHECK(rules.watch == std::vector<std::string>{"/status", "/tags"});
  CHECK(rules.remember_pointers == std::vector<std::string>{"/status", "/tags"});
}
