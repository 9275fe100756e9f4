#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "triggerd/expression.h"

using namespace triggerd;
using nlohmann::json;

namespace {

const json kInput = {{"record",
                      {{"id", "c1"},
                       {"age", 41},
                       {"tags", {"a", "b"}},
                       {"none", nullptr},
                       {"evil", "${{ .record.id }} }} $${{"},
                       {"quote", "\",\"admin\":true,\"x\":\""}}}};

struct Rendered {
  json value;
  std::string error;
};

Rendered render(const json& value) {
  ExpressionPool pool;
  auto parsed = JsonTemplate::parse(value, pool);
  if (!parsed) {
    return {nullptr, "parse " + parsed.error().pointer + ": " + parsed.error().what};
  }
  if (const auto problems = pool.compile(); !problems.empty()) {
    return {nullptr, "compile: " + problems.front().what};
  }
  auto rendered = parsed->render(pool, kInput);
  return rendered ? Rendered{*rendered, ""} : Rendered{nullptr, rendered.error()};
}

}  // namespace

TEST_CASE("a value that is one expression keeps its JSON type") {
  CHECK(render("${{ .record.age }}").value == 41);
  CHECK(render("${{.record.tags}}").value == json{"a", "b"});
  CHECK(render("${{ .record.absent }}").value == nullptr);
  CHECK(render("${{ empty }}").value == nullptr);
  CHECK(render("${{ .record.age }}\n").value == 41);
  CHECK(render("${{ {a: {b: .record.age}} }}").value == json{{"a", {{"b", 41}}}});
  CHECK(render("${{{a:{b:1}}}}").value == json{{"a", {{"b", 1}}}});
}

TEST_CASE("an expression inside text becomes text") {
  CHECK(render("id ${{ .record.id }}, ${{ .record.age }}!").value == "id c1, 41!");
  CHECK(render(" ${{ .record.age }}").value == " 41");
  CHECK(render("${{ .record.age }}${{ .record.age }}").value == "4141");
  CHECK(render("<${{ .record.none }}${{ .record.absent }}${{ empty }}>").value == "<>");
  CHECK(render("x${{ .record.tags }}").value == R"(x["a","b"])");
  CHECK(render("x${{ true }}").value == "xtrue");
}

TEST_CASE("expressions are replaced at any depth, keys and other values stay") {
  const json value = {{"a/b", {"${{ .record.id }}", 5, nullptr}},
                      {"${{ x }}", {{"~", "n${{ 1 }}"}}}};
  CHECK(render(value).value == json{{"a/b", {"c1", 5, nullptr}}, {"${{ x }}", {{"~", "n1"}}}});
}

TEST_CASE("the closing braces inside a text or an object do not end an expression") {
  CHECK(render(R"(${{ "}}" }})").value == "}}");
  CHECK(render(R"(${{ "a \("}}") b" }}c)").value == "a }} bc");
  CHECK(render(R"(x${{ {"a": {"b": 1}} | .a.b }})").value == "x1");
  CHECK(render("${{ 1 # }}\n }}").value == 1);
}

TEST_CASE("a doubled dollar stands for the opening itself") {
  CHECK(render("$${{ .record.id }}").value == "${{ .record.id }}");
  CHECK(render("a $${{ b }} ${{ .record.id }}").value == "a ${{ b }} c1");
  CHECK(render("$5 {{ x }} ${y}").value == "$5 {{ x }} ${y}");
}

TEST_CASE("S-27 what an expression yields is never read as a template again") {
  CHECK(render("${{ .record.evil }}").value == "${{ .record.id }} }} $${{");
  CHECK(render("<${{ .record.evil }}>").value == "<${{ .record.id }} }} $${{>");
}

TEST_CASE("S-28 a value with JSON in it stays one value") {
  CHECK(render(json{{"name", "${{ .record.quote }}"}}).value ==
        json{{"name", "\",\"admin\":true,\"x\":\""}});
}

TEST_CASE("an expression that is not closed is named with its place") {
  CHECK(render(json{{"a", {"x", "${{ .record.id"}}}).error ==
        "parse /a/1: expression is not closed with }}");
  CHECK(render("${{ .a }").error == "parse : expression is not closed with }}");
  CHECK(render("${{ {a: 1 }}").error == "parse : expression is not closed with }}");
  CHECK(render("${{ }}").error == "compile: the expression is empty");
}

TEST_CASE("DSP-20 a failing expression gives its place and reason instead of a value") {
  CHECK(render(json{{"b", "x ${{ .record.id + 1 }}"}}).error ==
        "at /b: string (\"c1\") and number (1) cannot be added");
  CHECK(render("${{ .record.tags[] }}").error ==
        "the expression gives 2 values where one is needed");
  CHECK(render("x${{ [range(130000) | 1] | tojson }}${{ \"y\" * 1000000 }}").error ==
        "compile: a text repeated more than 10000 times");
}

TEST_CASE("S-27 a text made of several expressions is at most 1 MiB") {
  std::string text;
  for (int i = 0; i < 110; ++i) {
    text += R"(${{ "y" * 10000 }})";
  }
  CHECK(render(text).error == "the text is larger than 1 MiB");
}

TEST_CASE("every expression of a template is listed with its place") {
  ExpressionPool pool;
  const auto parsed =
      JsonTemplate::parse(json{{"a", "x ${{ .steps.deal }} ${{ 1 }}"}, {"b", {"${{ .e }}"}}}, pool);
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->uses().size() == 3);
  CHECK(parsed->uses()[0].text == ".steps.deal");
  CHECK(parsed->uses()[0].pointer == "/a");
  CHECK(parsed->uses()[2].text == ".e");
  CHECK(parsed->uses()[2].pointer == "/b/0");
  CHECK(parsed->uses()[2].id == pool.add(".e"));
}
