#include "triggerd/poll/record.h"

#include <doctest/doctest.h>

#include "poll/operations.h"
#include "triggerd/hash.h"

using namespace triggerd;
using nlohmann::json;

namespace {

CutRules rules_of(const Operation& operation) {
  CutRules rules;
  rules.operation = &operation;
  return rules;
}

Result<Page, std::string> cut(const std::string& body, const Operation& operation) {
  return cut_page(reply_of(body), rules_of(operation));
}

std::vector<std::string> keys_of(const Result<Page, std::string>& page) {
  std::vector<std::string> keys;
  REQUIRE(page.has_value());
  for (const Record& record : page->records) keys.push_back(record.key);
  return keys;
}

std::string why(const Result<Page, std::string>& page) {
  return page ? "understood" : page.error();
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a list gives each record's key, stamps, and its text as it stands in the body") {
  const Operation operation = list_operation();
  const std::string first =
      R"({"id":"a1","dateUpdated":"2026-03-01T09:30:00.000Z","tags":["x","}"],)"
      R"("dateAdded":"2026-02-01T00:00:00Z"})";
  const std::string second = R"({"dateUpdated":1772357400000 , "id" : 7})";
  const auto page =
      cut("{ \"contacts\" : [ " + first + " , " + second + " ] , \"total\": 2 }\n", operation);
  REQUIRE(keys_of(page) == Keys{"a1", "7"});
  CHECK(page->records[0].raw == first);
  CHECK(page->records[1].raw == second);
  CHECK(page->records[0].raw_hash == hash64(first));
  CHECK(to_iso8601(*page->records[0].updated) == "2026-03-01T09:30:00.000Z");
  CHECK(to_iso8601(*page->records[0].created) == "2026-02-01T00:00:00.000Z");
  CHECK(to_iso8601(*page->records[1].updated) == "2026-03-01T09:30:00.000Z");
  CHECK_FALSE(page->records[1].created);
  CHECK(page->last == second);
  CHECK(page->odd.empty());
}

TEST_CASE("records are found at the first pointer that fits, at any depth, or at the root") {
  Operation operation = list_operation();
  operation.read->required.clear();
  operation.read->records = {"/messages/messages", "/messages", ""};
  CHECK(keys_of(cut(R"({"messages":{"messages":[{"id":1}],"x":[{"id":9}]}})", operation)) ==
        Keys{"1"});
  CHECK(keys_of(cut(R"({"messages":[{"id":2}]})", operation)) == Keys{"2"});
  CHECK(keys_of(cut(R"([{"id":3},{"id":4}])", operation)) == Keys{"3", "4"});
  CHECK(keys_of(cut(R"({"id":5})", operation)) == Keys{"5"});
  CHECK(keys_of(cut(" [ ] ", operation)).empty());
}

TEST_CASE(
    "the content hash moves with records and their order, and not with what stands around them") {
  const Operation operation = list_operation();
  const auto hash = [&](const char* body) { return cut(body, operation)->content_hash; };
  const auto one = hash(R"({"contacts":[{"id":1},{"id":2}],"traceId":"a"})");
  CHECK(one == hash(R"({"traceId":"b","contacts":[ {"id":1} , {"id":2} ]})"));
  CHECK(one != hash(R"({"contacts":[{"id":2},{"id":1}]})"));
  CHECK(one != hash(R"({"contacts":[{"id":1}]})"));
  CHECK(hash(R"({"contacts":[{"id":null}]})") != hash(R"({"contacts":[]})"));
}

TEST_CASE("volatile members are left out of a record's raw hash") {
  Operation operation = object_operation();
  operation.read->records = {""};
  operation.read->required.clear();
  operation.read->volatiles = {"/traceId", "/stats/views"};
  const auto hash = [&](const char* body) { return cut(body, operation)->records.at(0).raw_hash; };
  const auto one = hash(R"({"id":1,"stats":{"views":1,"edits":2},"traceId":"a"})");
  CHECK(one == hash(R"({"id":1,"stats":{"views":999,"edits":2},"traceId":"bcd"})"));
  CHECK(one != hash(R"({"id":1,"stats":{"views":1,"edits":3},"traceId":"a"})"));
}

TEST_CASE(
    "PAR-06 ids are taken as they are written: text and integer are the same, any length is kept") {
  const Operation operation = list_operation();
  const std::string long_id(400, '7');
  struct Row {
    std::string raw, key;
  };
  for (const Row& row : std::vector<Row>{{"123", "123"},
                                         {"\"123\"", "123"},
                                         {"9007199254740993", "9007199254740993"},
                                         {"18446744073709551616", "18446744073709551616"},
                                         {"-12", "-12"},
                                         {"-0", "0"},
                                         {long_id, long_id},
                                         {R"("caf\u00e9")", "café"},
                                         {R"("a\/b")", "a/b"}}) {
    CAPTURE(row.raw);
    CHECK(keys_of(cut("{\"contacts\":[{\"id\":" + row.raw + "}]}", operation)) == Keys{row.key});
  }
  for (const char* raw : {"1e3", "1.0", "1.5", "true", "{}", "[1]"}) {
    CAPTURE(raw);
    const auto page = cut(std::string("{\"contacts\":[{\"id\":") + raw + "}]}", operation);
    CHECK(keys_of(page).empty());
    REQUIRE(page->odd.size() == 1);
    CHECK(page->odd[0].reason == "its id at /id is neither text nor a whole number");
  }
}

TEST_CASE("PAR-07 a record without a usable id is set aside with its reason") {
  const Operation operation = list_operation();
  struct Row {
    std::string record, reason;
  };
  const std::string long_id(513, 'x');
  for (const Row& row : std::vector<Row>{
           {R"({"name":"x"})", "has no id at /id"},
           {R"({"id":null})", "has no id at /id"},
           {R"({"id":""})", "its id at /id is empty"},
           {R"({"id":"   "})", "its id at /id is empty"},
           {R"({"id":"a\nb"})", "its id at /id holds control characters"},
           {R"({"id":"a\u0000b"})", "its id at /id holds control characters"},
           {R"({"id":"a\u0085b"})", "its id at /id holds control characters"},
           {R"({"id":")" + long_id + "\"}", "its id at /id is longer than 512 bytes"},
           {"null", "has no id at /id"},
           {"[]", "has no id at /id"},
       }) {
    CAPTURE(row.reason);
    const auto page = cut("{\"contacts\":[" + row.record + "]}", operation);
    REQUIRE(page.has_value());
    REQUIRE(page->odd.size() == 1);
    CHECK(page->odd[0].reason == row.reason);
    CHECK(page->odd[0].raw == row.record);
  }
  const std::string exactly(512, 'x');
  CHECK(keys_of(cut(R"({"contacts":[{"id":")" + exactly + "\"}]}", operation)) == Keys{exactly});
}

TEST_CASE("PAR-14 one bad record among 99 good ones does not stop them, and its text is capped") {
  const Operation operation = list_operation();
  json body = contacts_page(0, 100);
  body["contacts"][50] = {{"name", std::string(100'000, 'n')}};
  const auto page = cut(body.dump(), operation);
  CHECK(keys_of(page).size() == 99);
  REQUIRE(page->odd.size() == 1);
  CHECK(page->odd[0].raw.size() == kOddRawBytesMax);
}

TEST_CASE("ids come from the first alternative that is whole, and composite ones are joined") {
  Operation operation = list_operation();
  operation.read->id.alternatives = {{"/_id"}, {"/id"}, {"/kind", "/meta/name"}};
  CHECK(keys_of(cut(R"({"contacts":[
            {"id":"b","_id":"a"}, {"id":"b","_id":null}, {"kind":"room","meta":{"name":"Blue"}}]})",
                    operation)) == Keys{"a", "b", "room/Blue"});
  const auto page = cut(R"({"contacts":[{"kind":"room","meta":{"name":""}}]})", operation);
  REQUIRE(page->odd.size() == 1);
  CHECK(page->odd[0].reason == "its id at /meta/name is empty");
}

TEST_CASE("an id can be a parameter of the request, or the fan-out item when there is none") {
  Operation operation = object_operation();
  operation.read->id = {{}, "slug"};
  CutRules rules = rules_of(operation);
  const json values = {{"slug", "my-post"}};
  rules.values = &values;
  CHECK(keys_of(cut_page(reply_of(R"({"contact":{"exists":true}})"), rules)) == Keys{"my-post"});
  operation.read->id = {};
  rules.item_key = "item-3";
  CHECK(keys_of(cut_page(reply_of(R"({"contact":{"exists":true}})"), rules)) == Keys{"item-3"});
}

TEST_CASE("list members without any id are told apart by their whole value") {
  Operation operation = list_operation();
  operation.read->id = {};
  const auto keys =
      keys_of(cut(R"({"contacts":["red", {"a":1,"b":2}, {"b":2.0,"a":1}, {"a":2}]})", operation));
  REQUIRE(keys.size() == 4);
  CHECK(keys[0] == "red");
  CHECK(keys[1] == keys[2]);
  CHECK(keys[1] != keys[3]);
}

TEST_CASE(
    "FET-15 an answer that is no answer of this operation is not understood, and is not empty") {
  const Operation list = list_operation();
  const Operation object = object_operation();
  CHECK(why(cut("<!doctype html><html></html>", list)) == "not valid JSON at byte 1");
  CHECK(why(cut("", list)) == "the body is empty");
  CHECK(why(cut(" \n", list)) == "the body is empty");
  CHECK(why(cut("null", list)) == "no member at /contacts");
  CHECK(why(cut("{}", list)) == "no member at /contacts");
  CHECK(why(cut("[]", list)) == "no member at /contacts");
  CHECK(why(cut(R"({"statusCode":500,"message":"oops"})", list)) == "no member at /contacts");
  CHECK(why(cut(R"({"contacts":null})", list)) == "no list at /contacts");
  CHECK(why(cut(R"({"contacts":"none"})", list)) == "no list at /contacts");
  CHECK(why(cut("{}", object)) == "no member at /contact");
  CHECK(why(cut(R"({"contact":[]})", object)) == "no object at /contact");
  CHECK(why(cut(R"({"contact":{"message":"oops"}})", object)) == "the object has no id at /id");
}

TEST_CASE("FET-16 an empty list is understood, and an object that is null does not exist") {
  CHECK(keys_of(cut(R"({"contacts":[]})", list_operation())).empty());
  CHECK(keys_of(cut(R"({"contact":null})", object_operation())).empty());
  CHECK(keys_of(cut(R"({"contact":{"id":"x"}})", object_operation())) == Keys{"x"});
}

TEST_CASE(
    "FET-23 PAG-16 a record of another location fails the page, one without the member does not") {
  const Operation operation = list_operation();
  CutRules rules = rules_of(operation);
  rules.location = "here";
  const auto cut_here = [&](const char* body) { return cut_page(reply_of(body), rules); };
  CHECK(
      keys_of(
          cut_here(
              R"({"contacts":[{"id":1,"locationId":"here"},{"id":2},{"id":3,"locationId":null}]})"))
          .size() == 3);
  CHECK(why(cut_here(
            R"({"contacts":[{"id":1,"locationId":"here"},{"id":2,"locationId":"there"}]})")) ==
        "answer of another location");
  CHECK(why(cut_here(R"({"contacts":[{"id":1,"locationId":{"x":1}}]})")) ==
        "answer of another location");
  rules.location.clear();
  CHECK(keys_of(cut_here(R"({"contacts":[{"id":2,"locationId":"there"}]})")).size() == 1);
}

TEST_CASE("PAG-14 any page size is taken up to the limit, and none beyond it") {
  const Operation operation = list_operation();
  std::string body = "{\"contacts\":[{\"id\":0}";
  for (std::size_t i = 1; i < kRecordsPerPageMax; ++i)
    body += ",{\"id\":" + std::to_string(i) + "}";
  CHECK(keys_of(cut(body + "]}", operation)).size() == kRecordsPerPageMax);
  CHECK(why(cut(body + ",{\"id\":\"one more\"}]}", operation)) ==
        "more than 10000 records on one page");
}

TEST_CASE("PAR-09 a stamp that cannot be read is no stamp, and the record is used all the same") {
  const Operation operation = list_operation();
  for (const char* stamp : {"\"\"", "\"0000-00-00\"", "\"soon\"", "null", "{}", "true", "[]"}) {
    CAPTURE(stamp);
    const auto page =
        cut(std::string("{\"contacts\":[{\"id\":1,\"dateUpdated\":") + stamp + "}]}", operation);
    REQUIRE(keys_of(page) == Keys{"1"});
    CHECK_FALSE(page->records[0].updated);
  }
}

TEST_CASE("what paging wants of the body is handed on as text, wherever it stands") {
  const Operation operation = list_operation();
  CutRules rules = rules_of(operation);
  rules.wanted = {"/meta/next", "/total", "/missing", "/meta/list/1", "/a~1b"};
  const auto page = cut_page(
      reply_of(R"({"meta":{"next":"n","list":[1,[2]]},"contacts":[],"total": 3 ,"a/b":{"c":1}})"),
      rules);
  REQUIRE(page.has_value());
  const std::vector<std::optional<std::string>> found = {"\"n\"", "3", std::nullopt, "[2]",
                                                         "{\"c\":1}"};
  CHECK(page->found == found);
}
