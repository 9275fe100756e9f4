#include "triggerd/yaml/problem.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("a problem is shown with file, line, column, source line, caret and hint") {
  const std::string text = "version: 1\ntriggers:\n  a:\n    every: 30s\n";
  const Problem problem{"triggers.yaml", {4, 12}, "triggers.a.every: too short", "write every: 1m"};
  CHECK(render_problem(problem, text) ==
        "triggers.yaml:4:12: error: triggers.a.every: too short\n"
        "    4 |     every: 30s\n"
        "      |            ^\n"
        "      hint: write every: 1m\n");
}

TEST_CASE("a warning says so, and a problem without a place shows no source line") {
  Problem problem{"t.yaml", {}, "the file is empty", ""};
  problem.warning = true;
  CHECK(render_problem(problem, "x") == "t.yaml: warning: the file is empty\n");
}

TEST_CASE("S-34 control characters and direction marks of the file never reach the terminal") {
  const Problem problem{"t.yaml", {1, 4}, "bad \x1b[2J name", "\xe2\x80\xae"};
  CHECK(render_problem(problem, "a\x1b\tb\xff\n") ==
        "t.yaml:1:4: error: bad ?[2J name\n    1 | a? b?\n      |    ^\n      hint: ?\n");
}

TEST_CASE("a line of a megabyte is cut around the caret") {
  const std::string text(1000000, 'x');
  const std::string shown = render_problem({"t.yaml", {1, 500000}, "here", ""}, text);
  CHECK(shown.size() < 400);
  CHECK(shown.find("\n    1 | ...xxx") != std::string::npos);
  const std::size_t caret_line = shown.rfind("      | ");
  CHECK(shown.find('^') - caret_line - 8 == 3 + 60);
}

TEST_CASE("columns count characters, not bytes") {
  CHECK(render_problem({"t", {1, 3}, "x", ""}, "\xc3\xbc\xc3\xbc-") ==
        "t:1:3: error: x\n    1 | \xc3\xbc\xc3\xbc-\n      |   ^\n");
}

TEST_CASE("problems are ordered by place and equal ones stand once") {
  std::vector<Problem> problems = {{"b", {1, 1}, "x", ""},
                                   {"a", {2, 1}, "x", ""},
                                   {"a", {1, 9}, "x", ""},
                                   {"a", {1, 9}, "x", ""}};
  sort_problems(problems);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].place == Place{1, 9});
  CHECK(problems[1].place == Place{2, 1});
  CHECK(problems[2].file == "b");
}

TEST_CASE("the nearest name is found up to a third of the length, and not beyond") {
  const std::vector<std::string> keys = {"when", "watch", "every", "detect"};
  CHECK(nearest_name("wacth", keys) == "watch");
  CHECK(nearest_name("Every", keys) == "every");
  CHECK(nearest_name("detct", keys) == "detect");
  CHECK(nearest_name("dtc", keys) == "");
  CHECK(nearest_name("x", keys) == "");
  CHECK(nearest_name("", keys) == "");
  CHECK(nearest_name("get-contact", {"get_contact"}) == "get_contact");
  CHECK(nearest_name(std::string(5000, 'a'), keys) == "");
}
