// Which parts of an answer are records: wildcards, values in pointers, conditions.
#include <nlohmann/json.hpp>

#include "poll/language.h"

using namespace triggerd;

namespace {

using Keys = std::vector<std::string>;

const std::string kList = "    request: GET /items\n";

}  // namespace

TEST_CASE("records stand at the root, at one key, or deeper") {
  CHECK(Spoken(kList + "    read: {id: /id}\n").keys(R"([{"id":1},{"id":2}])") == Keys{"1", "2"});
  CHECK(Spoken(kList + "    read: {records: /data, id: /id}\n").keys(R"({"data":[{"id":"a"}]})") ==
        Keys{"a"});
  CHECK(Spoken(kList + "    read: {records: /data/0/rows, id: /id}\n")
            .keys(R"({"data":[{"rows":[{"id":"a"}]}]})") == Keys{"a"});
}

TEST_CASE("a wildcard takes the records of each element or member") {
  const std::string lines = kList + "    read: {records: /groups/*/items, id: /id}\n";
  SUBCASE("of a list") {
    CHECK(Spoken(lines).keys(
              R"({"groups":[{"items":[{"id":"a"},{"id":"b"}]},{"items":[]},{"x":1},{"items":null},
                  {"items":[{"id":"c"}]}]})") == Keys{"a", "b", "c"});
  }
  SUBCASE("of an object") {
    CHECK(Spoken(lines).keys(
              R"({"groups":{"north":{"items":[{"id":"a"}]},"south":{"items":{"id":"b"}}}})") ==
          Keys{"a", "b"});
  }
  SUBCASE("none of them") {
    CHECK(Spoken(lines).keys(R"({"groups":[]})").empty());
    CHECK(Spoken(lines).keys(R"({"groups":{}})").empty());
  }
  SUBCASE("but the place in front of it must be there") {
    CHECK(Spoken(lines).why(R"({"error":"x"})") == "no member at /groups");
    CHECK(Spoken(lines).why(R"({"groups":"x"})") == "no list at /groups");
  }
}

TEST_CASE("a wildcard at the end of a pointer takes each element or member itself") {
  const std::string lines = kList + "    read: {records: /by_id/*, id: /id}\n";
  CHECK(Spoken(lines).keys(R"({"by_id":{"a":{"id":"a"},"b":{"id":"b"}}})") == Keys{"a", "b"});
  CHECK(Spoken(lines).keys(R"({"by_id":[[{"id":"a"}],[{"id":"b"},{"id":"c"}]]})") ==
        Keys{"a", "b", "c"});
  CHECK(Spoken(kList + "    read: {records: /*/items, id: /id}\n")
            .keys(R"([{"items":[{"id":"a"}]},{"items":[{"id":"b"}]}])") == Keys{"a", "b"});
}

TEST_CASE("S-16 a wildcard counts the records of all its places against the limit of a page") {
  std::string list = "[" + std::string(R"({"id":1})");
  for (int i = 0; i < 5'000; ++i) list += R"(,{"id":2})";
  list += "]";
  Spoken walk(kList + "    read: {records: /g/*/i, id: /id}\n");
  CHECK(walk.why(R"({"g":[{"i":)" + list + R"(},{"i":)" + list + "}]}") ==
        "more than 10000 records on one page");
}

TEST_CASE("a changed record is found again where a wildcard leads to many lists") {
  WalkStart start;
  Spoken first(kList + "    read: {records: /g/*/i, id: /id}\n");
  const std::string body = R"({"g":[{"i":[{"id":"a"}]},{"n":1,"i":[{"id":"b"}]}]})";
  start.known = first.read(body).known;
  Spoken same(kList + "    read: {records: /g/*/i, id: /id}\n", start);
  CHECK(std::holds_alternative<SamePage>(same.take(reply_of(body))));
  Spoken other(kList + "    read: {records: /g/*/i, id: /id}\n", start);
  CHECK(other.keys(R"({"g":[{"i":[{"id":"a"}]},{"n":2,"i":[{"id":"b"}]}]})") == Keys{"a", "b"});
}

TEST_CASE("a parameter's value can stand in the pointer to the records, as one token") {
  const std::string lines =
      "    request: GET /bases/{base}\n    params: {base: The base.}\n"
      "    read: {records: '/bases/{base}/rows', id: /id}\n";
  Spoken walk(lines, {}, {{"base", "north"}});
  CHECK(walk.url() == "/bases/north");
  CHECK(walk.keys(R"({"bases":{"south":{"rows":[{"id":"x"}]},"north":{"rows":[{"id":"a"}]}}})") ==
        Keys{"a"});
  // Neither a slash nor a star in a value is one of the pointer's.
  CHECK(Spoken(lines, {}, {{"base", "a/rows"}})
            .keys(R"({"bases":{"a/rows":{"rows":[{"id":"b"}]},"a":{"rows":{"rows":[]}}}})") ==
        Keys{"b"});
  CHECK(Spoken(lines, {}, {{"base", "*"}}).why(R"({"bases":{"a":{"rows":[{"id":"b"}]}}})") ==
        "no list at /bases/*/rows");
}

TEST_CASE("a record that does not fit the conditions is none of the list") {
  Spoken walk(kList + R"(    read:
      records: /data
      id: /id
      where:
        - {at: /type, equals: [lead, customer]}
        - {at: /status, not: deleted}
        - {at: /email, given: true}
)");
  const PageRead page = walk.read(R"({"data":[
    {"id":1,"type":"lead","status":"new","email":"a@x"},
    {"id":2,"type":"lead","status":"deleted","email":"b@x"},
    {"id":3,"type":"note","status":"new","email":"c@x"},
    {"id":4,"type":"customer","status":null,"email":null},
    {"type":"separator"},
    {"id":5,"type":"customer","email":"d@x"}]})");
  REQUIRE(page.page.records.size() == 2);
  CHECK(page.page.records[0].key == "1");
  CHECK(page.page.records[1].key == "5");
  // What was known of them is removed; one without a key hides nothing and is no odd record.
  CHECK(page.page.gone == Keys{"2", "3", "4"});
  CHECK(page.page.passed_over == 4);
  CHECK(page.page.odd.empty());
}

TEST_CASE("conditions compare scalars by their texts, and can ask for what is absent") {
  const auto fits = [](const std::string& condition, const std::string& record) {
    Spoken walk(kList + "    read: {id: /id, where: " + condition + "}\n");
    return !walk.keys("[" + record + "]").empty();
  };
  CHECK(fits("{at: /a, equals: 'true'}", R"({"id":1,"a":true})"));
  CHECK(fits("{at: /a, equals: 5}", R"({"id":1,"a":5})"));
  CHECK(fits("{at: /a, equals: 5}", R"({"id":1,"a":"5"})"));
  CHECK_FALSE(fits("{at: /a, equals: 5}", R"({"id":1,"a":50})"));
  CHECK(fits("{at: /a/b, given: false}", R"({"id":1,"a":{"b":null}})"));
  CHECK_FALSE(fits("{at: /a/b, given: false}", R"({"id":1,"a":{"b":0}})"));
  CHECK(fits("{at: /a, not: [x, y]}", R"({"id":1})"));
  CHECK_FALSE(fits("{at: /a, not: [x, y]}", R"({"id":1,"a":"y"})"));
}

TEST_CASE("records that are passed over count for the page and its cursor") {
  Spoken walk(kList + R"(    params: {page: {type: integer}, size: {type: integer}}
    read:
      id: /id
      where: {at: /kind, equals: a}
      paging: {kind: page, number_param: page, size_param: size, size: 2, ends_on_short_page: true}
)");
  CHECK_FALSE(walk.read(R"([{"id":1,"kind":"b"},{"id":2,"kind":"b"}])").last);
  CHECK(walk.url() == "/items?page=2&size=2");
  CHECK(walk.read(R"([{"id":3,"kind":"a"}])").last);
}

TEST_CASE("an object that does not fit the conditions does not exist") {
  Spoken walk(
      "    request: GET /items/{id}\n    params: {id: x}\n"
      "    read: {shape: object, id: /id, where: {at: /kind, equals: a}}\n",
      {}, {{"id", "1"}});
  CHECK(walk.read(R"({"id":1,"kind":"b"})").page.records.empty());
}
