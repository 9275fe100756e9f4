#include "triggerd/expression.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "triggerd/json_text.h"

using namespace triggerd;
using nlohmann::json;

namespace {

// "=> 1 2" for values, "error: ..." for a failure, "refused: ..." for what does not compile.
std::string outcome(std::string_view text, const json& input = nullptr) {
  ExpressionPool pool;
  const ExpressionId id = pool.add(text);
  if (const auto problems = pool.compile(); !problems.empty()) {
    return "refused: " + problems.front().what;
  }
  const auto values = pool.run(id, input);
  if (!values) {
    return "error: " + values.error();
  }
  std::string shown = "=>";
  for (const json& value : *values) {
    shown += " " + compact_json(value);
  }
  return shown;
}

bool refused(std::string_view text) { return outcome(text).rfind("refused: ", 0) == 0; }

}  // namespace

TEST_CASE("an expression gives all its values") {
  const json input = {{"record", {{"tags", {"a", "hot"}}}}};
  CHECK(outcome(R"(.record.tags | index("hot"))", input) == "=> 1");
  CHECK(outcome(".record.tags[]", input) == R"(=> "a" "hot")");
  CHECK(outcome("empty", input) == "=>");
  CHECK(outcome("1.5, 1e17, 3.0") == "=> 1.5 100000000000000000 3");
  CHECK(outcome("def twice: . * 2; 4 | twice") == "=> 8");
  CHECK(outcome("1 # with a comment") == "=> 1");
}

TEST_CASE("a runtime error is the sentence that jq says, cut to a bound") {
  CHECK(outcome(". + 1", json("x")) == "error: string (\"x\") and number (1) cannot be added");
  CHECK(outcome(R"(error("no"))") == "error: no");
  CHECK(outcome("error", json(std::string(10'000, 'x'))).size() < 600);
}

TEST_CASE("texts that do not compile are named once, the others work") {
  ExpressionPool pool;
  const ExpressionId first = pool.add(". + 1");
  const ExpressionId bad = pool.add(". +");
  const ExpressionId second = pool.add(". + 2");
  const ExpressionId worse = pool.add("foo(1)");
  const auto problems = pool.compile();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].id == bad);
  CHECK(problems[0].what == "syntax error, unexpected ')'");
  CHECK(problems[1].id == worse);
  CHECK(problems[1].what == "foo/1 is not defined");
  CHECK(pool.run(first, 1)->front() == 2);
  CHECK(pool.run(second, 1)->front() == 3);
  CHECK_FALSE(pool.run(bad, 1).has_value());
  CHECK(pool.compile().empty());
}

TEST_CASE("what is added later works beside what was compiled before") {
  ExpressionPool pool;
  const ExpressionId early = pool.add(". + 1");
  REQUIRE(pool.compile().empty());
  const ExpressionId late = pool.add(". * 3");
  CHECK(pool.add(". + 1") == early);
  REQUIRE(pool.compile().empty());
  CHECK(pool.run(early, 1)->front() == 2);
  CHECK(pool.run(late, 2)->front() == 6);
}

TEST_CASE("hundreds of texts are told apart") {
  ExpressionPool pool;
  std::vector<ExpressionId> ids;
  for (int i = 0; i < 300; ++i) {
    ids.push_back(pool.add(". + " + std::to_string(i)));
  }
  REQUIRE(pool.compile().empty());
  for (int i = 0; i < 300; ++i) {
    CHECK(pool.run(ids[static_cast<std::size_t>(i)], 1000)->front() == 1000 + i);
  }
}

TEST_CASE("no text reaches out of its own program") {
  CHECK(outcome(".a) | (.b") == "refused: ')' without its '('");
  CHECK(outcome("(.a") == "refused: '(' is not closed");
  CHECK(outcome("[1}") == "refused: '}' without its '{'");
  CHECK(outcome("\"abc") == "refused: a text is not closed");
  CHECK(outcome("\"a\\(1") == "refused: a text is not closed");
  CHECK(outcome("") == "refused: the expression is empty");
  CHECK(outcome("# only a comment") == "refused: the expression is empty");
  CHECK(refused("1; def x: 2"));
  CHECK(refused("triggerd__0"));
  CHECK(refused("$triggerd__n"));
}

TEST_CASE("S-27 clock, environment, input, files and output are closed by name") {
  CHECK(outcome("now") == "refused: now: the clock is closed; use .event.detected_at");
  for (const char* text : {"input",
                           "inputs",
                           "env",
                           "$ENV",
                           "$ENV.HOME",
                           "env.HOME",
                           "input_filename",
                           "input_line_number",
                           "debug",
                           "stderr",
                           "halt",
                           "halt_error",
                           "halt_error(1)",
                           "$__loc__",
                           "import \"a\" as a; 1",
                           "include \"a\"; 1",
                           "modulemeta",
                           "get_search_list",
                           "localtime",
                           "\"x\\(now)y\"",
                           "{(now | tostring): 1}",
                           "{a: now}",
                           "[.[] | now]",
                           "def f: now; f"}) {
    CAPTURE(text);
    CHECK(refused(text));
  }
}

TEST_CASE("closed names are fine as fields, keys, variables and texts") {
  const json input = {{"now", 1}, {"input", {{"env", 2}}}};
  CHECK(outcome(".now", input) == "=> 1");
  CHECK(outcome(".input.env + .now", input) == "=> 3");
  CHECK(outcome("{now}", input) == R"(=> {"now":1})");
  CHECK(outcome("{a: 1, now: 2, debug}", input) == R"(=> {"a":1,"debug":null,"now":2})");
  CHECK(outcome(".now as $now | $now + 1", input) == "=> 2");
  CHECK(outcome(R"("now input env")") == R"(=> "now input env")");
  CHECK(outcome("1 # now") == "=> 1");
}

TEST_CASE("S-27 an endless program is ended, and the next one runs") {
  ExpressionPool pool;
  const ExpressionId endless = pool.add("[range(1e12)] | length");
  const ExpressionId quick = pool.add(". + 1");
  REQUIRE(pool.compile().empty());
  for (int round = 0; round < 3; ++round) {
    const auto ended = pool.run(endless, nullptr);
    REQUIRE_FALSE(ended.has_value());
    CHECK(ended.error() == "takes longer than 100 ms");
    CHECK(pool.run(quick, 1)->front() == 2);
  }
}

TEST_CASE("S-27 output above 1 MiB is refused, by libjq and by the plain path") {
  const json input = {{"a", std::string(1024 * 1024, 'x')}, {"b", std::string(1000, 'x')}};
  CHECK(outcome(".a", input) == "error: the result is larger than 1 MiB");
  CHECK(outcome("(.a)", input) == "error: the result is larger than 1 MiB");
  CHECK(outcome(". as $all | range(2000) | $all.b", input) ==
        "error: the result is larger than 1 MiB");
  CHECK(outcome(".b | length", input) == "=> 1000");
}

TEST_CASE("texts that would fill the memory are refused") {
  CHECK(outcome(R"("x" * 10001)") == "refused: a text repeated more than 10000 times");
  CHECK(outcome(R"(1e9 * "x")") == "refused: a text repeated more than 10000 times");
  CHECK(outcome(R"("x" * 10000 | length)") == "=> 10000");
  CHECK(outcome(R"("x" * .)", 1e15) == "error: a repeated text of more than 1 MiB");
  CHECK(outcome(R"("ab" * ., 2 * 3)", 2) == R"(=> "abab" 6)");
}

TEST_CASE("DET-17 values that end or hang libjq 1.6 give an error or a value") {
  CHECK(outcome(R"(indices(""))", "abc") == "=> null");
  CHECK(outcome(R"(index(""), rindex(""))", "abc") == "=> null null");
  CHECK(outcome(R"(index("b"), rindex("b"), indices("b"))", "abcb") == "=> 1 3 [1,3]");
  CHECK(outcome("index(2), rindex(2)", json{1, 2, 2}) == "=> 1 2");
  CHECK(outcome("index(2), rindex(2)", json::array()) == "=> null null");
  CHECK(outcome("indices([2, 2]), indices([2]), indices([]), indices([3])", json{1, 2, 2}) ==
        "=> [1] [1,2] [] []");
  CHECK(outcome("index(\"a\"), index(null)", json{nullptr, "a"}) == "=> 1 0");
  CHECK(outcome("index(\"a\")") == "=> null");
  CHECK(outcome("todate", 1e300).rfind("error: strftime/1: ", 0) == 0);
  CHECK(outcome("todate", 0) == R"(=> "1970-01-01T00:00:00Z")");
  CHECK(outcome("strftime(1)", 0) == "error: strftime/1 requires a string format");
  CHECK(outcome(". % -1", -1e19) == "error: a number too large for %");
  CHECK(outcome("7 % 4, -7 % 4") == "=> 3 -3");
  CHECK(outcome("tonumber", "nan") == "error: not a number");
  CHECK(outcome("tonumber", "12.5") == "=> 12.5");
}

TEST_CASE("PAR-06 integers beyond 2^53 reach jq as text, on both ways") {
  const json input = {{"big", 9007199254740993LL},
                      {"edge", 9007199254740992LL},
                      {"low", INT64_MIN},
                      {"top", UINT64_MAX}};
  for (const char* way : {"", " | ."}) {
    CHECK(outcome(std::string(".big") + way, input) == R"(=> "9007199254740993")");
    CHECK(outcome(std::string(".edge") + way, input) == "=> 9007199254740992");
    CHECK(outcome(std::string(".low") + way, input) == R"(=> "-9223372036854775808")");
    CHECK(outcome(std::string(".top") + way, input) == R"(=> "18446744073709551615")");
  }
}

TEST_CASE("plain paths give what libjq gives, errors included") {
  const json inputs[] = {nullptr,
                         true,
                         5,
                         5.5,
                         1e300,
                         "text",
                         json::array({1, 2}),
                         json{{"a", nullptr}},
                         json{{"a", false}},
                         json{{"a", 7.0}},
                         json{{"a", "text"}},
                         json{{"a", {1, 2}}},
                         json{{"a", {{"b", {{"c d", 1}, {"c", -0.0}}}}}},
                         json{{"a", 9007199254740993LL}},
                         json{{"a", {{"b", UINT64_MAX}}}},
                         json{{"a.b", 3}}};
  for (const char* path : {".", ".a", ".a.b", ".a.b.c", ".a?", ".a.b?", ".a?.b?", ".a?.b",
                           ".a[\"b\"]", ".[\"a\"]", ".[\"a\"][\"b\"]?", ".\"a\"", ".a.\"b\"",
                           ".a.b[\"c d\"]", " .a . b ", ".[\"a.b\"]", ".a.and", "# c\n.a"}) {
    for (const json& input : inputs) {
      CAPTURE(path);
      CAPTURE(compact_json(input));
      // Parentheses keep a path from being taken as a plain one.
      CHECK(outcome(path, input) == outcome("(" + std::string(path) + ")", input));
    }
  }
}

TEST_CASE("the steps that an expression names are found") {
  using Names = std::vector<std::string>;
  CHECK(steps_named(".steps.deal.id") == Names{"deal"});
  CHECK(steps_named(".steps[\"webhook-2\"].x + .steps.\"log-3\"") == Names{"log-3", "webhook-2"});
  CHECK(steps_named("\"a \\(.steps.deal) b\"") == Names{"deal"});
  CHECK(steps_named("[.steps.b, .steps.a, .steps.b]") == Names{"a", "b"});
  CHECK(steps_named(".record.steps.deal").empty());
  CHECK(steps_named("$x.steps.deal, .a[].steps.b, f(.).steps.c").empty());
  CHECK(steps_named("\".steps.deal\" # .steps.other").empty());
  CHECK(steps_named(".steps").empty());
  CHECK(steps_named(".steps[.record.name]").empty());
}
