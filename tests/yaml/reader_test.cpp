#include "triggerd/yaml/reader.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

using namespace triggerd;

namespace {

struct Read {
  std::optional<YamlDocument> document;
  std::vector<Problem> problems;
  std::string shown;
};

Read read(const std::string& text) {
  Read result;
  result.document = parse_yaml("t.yaml", text, result.problems);
  for (const Problem& problem : result.problems) result.shown += render_problem(problem, text);
  return result;
}

nlohmann::json json_of(const std::string& text) {
  const Read result = read(text);
  REQUIRE_MESSAGE(result.document, result.shown);
  return yaml_to_json(result.document->root);
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("maps, lists and scalars become a tree with places from 1") {
  const Read result = read("a: 1\nb:\n  - x\n  - {c: \"y\"}\n");
  REQUIRE(result.document);
  const YamlNode& root = result.document->root;
  CHECK(root.kind == YamlNode::Kind::map);
  const YamlNode* b = root.find("b");
  REQUIRE(b != nullptr);
  REQUIRE(b->items.size() == 2);
  CHECK(b->items[0].place == Place{3, 5});
  const YamlNode* c = b->items[1].find("c");
  REQUIRE(c != nullptr);
  CHECK(c->quoted);
  CHECK(c->place == Place{4, 9});
  CHECK(root.find("nothing") == nullptr);
}

TEST_CASE("plain scalars are read as JSON spells them and all else is text") {
  CHECK(json_of("[1, -5, 0, 1.5, 1e3, true, False, null, ~]") ==
        nlohmann::json::parse("[1,-5,0,1.5,1e3,true,false,null,null]"));
  CHECK(json_of("[007, +49301234, 0x1F, .5, 1_000, yes, no, on, .inf, 1., -]") ==
        nlohmann::json::parse(
            R"(["007","+49301234","0x1F",".5","1_000","yes","no","on",".inf","1.","-"])"));
  CHECK(
      json_of("[\"1\", 'true', 18446744073709551615, 18446744073709551616, 1e999]") ==
      nlohmann::json::parse(R"(["1","true",18446744073709551615,"18446744073709551616","1e999"])"));
  CHECK(json_of("a: |\n  12\n").at("a") == "12\n");
}

TEST_CASE("an empty value has the place of its key") {
  const Read result = read("a:\nb: 1\n");
  REQUIRE(result.document);
  CHECK(result.document->root.find("a")->place == Place{1, 1});
}

TEST_CASE("each value of a list on one line has its own column, in characters") {
  const Read result = read("ä: [\"ü\", bb, [c, \"é\"]]\nx: [d, e]\n");
  REQUIRE(result.document);
  const YamlNode& list = *result.document->root.find("ä");
  CHECK(list.items[0].place == Place{1, 5});
  CHECK(list.items[1].place == Place{1, 10});
  CHECK(list.items[2].items[0].place == Place{1, 15});
  CHECK(list.items[2].items[1].place == Place{1, 18});
  CHECK(result.document->root.find("x")->items[1].place == Place{2, 8});
}

TEST_CASE("columns count characters, also behind letters of two bytes") {
  const Read result = read("\xc3\xa9: \xc3\xbc\n");
  REQUIRE(result.document);
  CHECK(result.document->root.members[0].value.place == Place{1, 4});
}

TEST_CASE("a byte order mark and CRLF line ends do no harm") {
  CHECK(json_of("\xef\xbb\xbf"
                "a: 1\r\nb: two\r\n") == nlohmann::json{{"a", 1}, {"b", "two"}});
}

TEST_CASE("an empty file is an empty document") {
  CHECK(json_of("").is_null());
  CHECK(json_of("# only a comment\n").is_null());
}

TEST_CASE("S-33 a duplicate key is a problem that names the first one") {
  CHECK(read("a: 1\nb: 2\na: 3\n").shown ==
        "t.yaml:3:1: error: `a` stands here twice\n    3 | a: 3\n      | ^\n"
        "      hint: the first one is on line 1\n");
  CHECK(read("x: {a: 1, \"a\": 2}\n").problems.size() == 1);
  CHECK(read("x: {a: 1}\ny: {a: 1}\n").problems.empty());
}

TEST_CASE("S-33 all duplicate keys of a file are found at once") {
  CHECK(read("a: 1\na: 2\nb: {c: 1, c: 2}\n").problems.size() == 2);
}

TEST_CASE("S-33 anchors, aliases, merge keys and tags are refused, quoted ones are text") {
  CHECK(read("a: &x 1\nb: *x\n").problems.size() == 2);
  CHECK(read("&x\n- *x\n").problems.size() == 2);
  CHECK(read("a: {<<: {b: 1}}\n").problems.size() == 1);
  CHECK(read("a: !!str 1\n").problems.size() == 1);
  CHECK(read("a: !secret x\n").problems.size() == 1);
  CHECK(read("a: \"&x\"\nb: \"*x\"\nc: \"!x\"\n\"<<\": 1\n").problems.empty());
}

TEST_CASE("S-33 a billion laughs give problems, not laughs") {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [" + repeated("*" + before + ", ", 8) + "*" + before +
            "]\n";
  }
  const Read result = read(text);
  CHECK_FALSE(result.document);
  CHECK(result.problems.size() <= 100);
}

TEST_CASE("S-33 32 levels are read and 33 are not") {
  CHECK(read(repeated("[", 32) + repeated("]", 32)).document);
  const Read deeper = read(repeated("[", 33) + repeated("]", 33));
  CHECK_FALSE(deeper.document);
  REQUIRE(deeper.problems.size() == 1);
  CHECK(deeper.problems[0].what == "deeper than 32 levels");
  CHECK(deeper.problems[0].place == Place{1, 33});
}

TEST_CASE("S-33 a hundred thousand openings of any kind end quickly in a problem") {
  for (const char* opening : {"[", "{a: ", "- ", "? ", "[{", "a: ", "[[\n", "? - ", "{? "}) {
    CAPTURE(opening);
    CHECK_FALSE(read(repeated(opening, 100000)).document);
  }
}

TEST_CASE("S-33 one mebibyte is read and one byte more is not") {
  CHECK(read("a: \"" + std::string(kYamlBytesMax - 5, 'x') + "\"").document);
  const Read larger = read("a: \"" + std::string(kYamlBytesMax - 4, 'x') + "\"");
  CHECK(larger.shown == "t.yaml: error: the file is larger than 1 MiB\n");
}

TEST_CASE("other encodings and control characters are refused with their place") {
  CHECK(read("a: 1\nb: \xff\n").shown.starts_with("t.yaml:2:4: error: not UTF-8 text\n"));
  CHECK(read(std::string("a\0b", 3)).shown.starts_with("t.yaml:1:2: error: a control character"));
  CHECK_FALSE(read("\xff\xfe"
                   "a\0")
                  .document);
}

TEST_CASE("a second document and keys that are no texts are refused") {
  CHECK(read("a: 1\n---\nb: 2\n").problems.size() == 1);
  CHECK(read("---\na: 1\n").problems.empty());
  CHECK(read("[a]: 1\n").problems.size() == 1);
  CHECK(read("~: 1\n").problems.size() == 1);
}

TEST_CASE("an unquoted reference inside braces says how to quote it") {
  CHECK(read("auth: {token: ${env:T}}\n").shown ==
        "t.yaml:1:16: error: not valid YAML: this `{...}` is not closed, or holds what must be "
        "quoted\n    1 | auth: {token: ${env:T}}\n      |                ^\n"
        "      hint: inside {...} and [...], an expression or ${env:...} must be quoted: "
        "\"${{ .record.id }}\"\n");
  CHECK(read("auth: {token: \"${env:T}\"}\n").problems.empty());
  CHECK(read("a: [${{ .x }}]\n").shown.find("hint: inside {...} and [...]") != std::string::npos);
  CHECK(read("with:\n  body: {x: ${{ .a }}\nb: 1\n").shown.find("hint: inside {...}") !=
        std::string::npos);
}

TEST_CASE("an expression that YAML misreads says how to write it") {
  const std::string block =
      "hint: quote the expression as a whole, or write it as a block: `when: |`";
  CHECK(read("when: .a == \"x: y\"\n").shown.find(block) != std::string::npos);
  CHECK(read("when: [.a] | any\n").shown.find(block) != std::string::npos);
  CHECK(read("when: \"a\" == .b\n").shown.find(block) != std::string::npos);
  CHECK(read("when: @base64\n").shown.find(block) != std::string::npos);
  CHECK(read("name: ${{ .a }}: x\n").shown.find("must be quoted as a whole") != std::string::npos);
  CHECK(read("name: b: c\n").shown.find("a text that holds `: ` must be quoted") !=
        std::string::npos);
  CHECK(read("when: |\n  .a == \"x: y\"\n").problems.empty());
}

TEST_CASE("S-33 no bytes at all make the reader crash or hang") {
  std::mt19937 random(7);
  const std::string alphabet = "ab:{}[],-?|>\"'#&*!%@`\n  \t$~<=.\\0\r\x01\xc3\xbc\xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t length = random() % 60;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
    const Read result = read(text);
    CHECK(result.document.has_value() == result.problems.empty());
    if (result.document) yaml_to_json(result.document->root);
  }
}
