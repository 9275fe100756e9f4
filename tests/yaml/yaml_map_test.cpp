#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "triggerd/yaml/reader.h"

using namespace triggerd;

namespace {

// Reads one document as a map and keeps what was said about it.
struct Reading {
  explicit Reading(const std::string& text) {
    document = parse_yaml("t.yaml", text, problems).value();
    map.emplace(document, document.root, "", problems);
  }
  std::string said() const {
    std::string all;
    for (const Problem& p : problems) {
      all += std::to_string(p.place.line) + ":" + std::to_string(p.place.column) + " " + p.what +
             (p.hint.empty() ? "" : " / " + p.hint) + "\n";
    }
    return all;
  }
  std::vector<Problem> problems;
  YamlDocument document;
  std::optional<YamlMap> map;
};

}  // namespace

TEST_CASE("getters give values of the right type and nothing for absent keys") {
  Reading r("t: x\ni: 5\nb: true\nd: 90s\nl: [a, 1]\no: b\n");
  CHECK(r.map->text("t") == "x");
  CHECK(r.map->text("i") == "5");
  CHECK(r.map->integer("i") == 5);
  CHECK(r.map->boolean("b") == true);
  CHECK(r.map->duration("d") == Millis{90000});
  CHECK(r.map->texts("l") == std::vector<std::string>{"a", "1"});
  CHECK(r.map->texts("t") == std::vector<std::string>{"x"});
  CHECK(r.map->choice("o", {"a", "b"}) == "b");
  CHECK(r.map->json("l") == nlohmann::json::parse("[\"a\",1]"));
  CHECK_FALSE(r.map->text("absent").has_value());
  CHECK_FALSE(r.map->has("absent"));
  r.map->finish();
  CHECK(r.said() == "");
}

TEST_CASE("a value of the wrong type is named with its path, place and what it is") {
  Reading r("t: [1]\ni: \"5\"\nb: yes\nl: {a: 1}\ne:\nm: 1.5\n");
  r.map->text("t");
  r.map->integer("i");
  r.map->boolean("b");
  r.map->texts("l");
  r.map->text("e");
  r.map->integer("m");
  CHECK(r.said() ==
        "1:4 t: must be a text, but is a list\n"
        "2:4 i: must be a whole number\n"
        "3:4 b: must be true or false\n"
        "4:4 l: must be a text or a list of texts, but is a map\n"
        "5:1 e: must be a text, but is empty\n"
        "6:4 m: must be a whole number\n");
}

TEST_CASE("a wrong choice names the choices and the nearest one") {
  Reading r("p: hihg\nq: x\n");
  r.map->choice("p", {"low", "high"});
  r.map->choice("q", {"low", "high"});
  CHECK(r.said() ==
        "1:4 p: `hihg` is not one of low, high / did you mean `high`?\n"
        "2:4 q: `x` is not one of low, high\n");
}

TEST_CASE("keys that nobody asked for are problems with the nearest known key") {
  Reading r("every: 1\nevrey: 2\nzzz: 3\n");
  r.map->node("every");
  r.map->finish();
  CHECK(r.said() ==
        "2:1 `evrey` is not a key that is known here / did you mean `every`?\n"
        "3:1 `zzz` is not a key that is known here / known here: every\n");
}

TEST_CASE("a required key that is missing is named at its map") {
  Reading r("a:\n  b: 1\n");
  YamlMap inner(r.document, *r.map->node("a"), "a", r.problems);
  CHECK(inner.required("b") != nullptr);
  CHECK(inner.required("c") == nullptr);
  CHECK(r.said() == "2:3 a: `c` is missing\n");
}

TEST_CASE("a node that is no map gives one problem and then behaves as an empty map") {
  Reading r("a: [1]\n");
  YamlMap inner(r.document, *r.map->node("a"), "a", r.problems);
  CHECK(inner.required("b") == nullptr);
  CHECK_FALSE(inner.text("c").has_value());
  inner.finish();
  CHECK(r.said() == "1:4 a: must be a map (`key: value` lines), but is a list\n");
}

TEST_CASE("each and each_item visit in order, take nothing as empty and refuse other kinds") {
  Reading r("m: {b: 1, a: 2}\nl: [x, y]\ne:\ns: 1\n");
  std::string seen;
  const auto member = [&](const std::string& name, const YamlNode&, const YamlNode& value) {
    seen += name + value.text;
  };
  const auto item = [&](std::size_t index, const YamlNode& value) {
    seen += std::to_string(index) + value.text;
  };
  r.map->each("m", member);
  r.map->each_item("l", item);
  r.map->each("e", member);
  r.map->each_item("e", item);
  CHECK(seen == "b1a20x1y");
  r.map->each("s", member);
  r.map->each_item("s", item);
  CHECK(r.problems.size() == 2);
}
