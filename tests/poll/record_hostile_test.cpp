// Bodies that are broken, cut or built to hurt: the page fails as a unit.
#include <doctest/doctest.h>

#include "poll/operations.h"
#include "triggerd/poll/record.h"

using namespace triggerd;
using nlohmann::json;

namespace {

Result<Page, std::string> cut(std::string body, const Operation& operation) {
  CutRules rules;
  rules.operation = &operation;
  rules.wanted = {"/meta/next", "/total"};
  return cut_page(reply_of(std::move(body)), rules);
}

struct Shaped {
  const char* name;
  Operation operation;
  std::string body;
};

Operation at(Operation operation, std::vector<std::string> records, std::string id) {
  operation.read->records = std::move(records);
  operation.read->required.clear();
  operation.read->id.alternatives = {{std::move(id)}};
  return operation;
}

Operation slots_operation() {
  Operation operation = at(list_operation(), {}, "/value");
  operation.read->shape = Shape::map;
  operation.read->entry_key = R"(\d{4}-\d{2}-\d{2})";
  operation.read->members = "/slots";
  return operation;
}

Operation value_operation() {
  Operation operation = at(list_operation(), {}, "/id");
  operation.read->shape = Shape::value;
  operation.read->id = {};
  return operation;
}

// Bodies with the envelopes and quirks of real answers, with invented names.
std::vector<Shaped> shaped_replies() {
  return {
      {"search", list_operation(),
       R"({"contacts":[{"id":"c1","locationId":"L","firstNameLowerCase":"ann",)"
       R"("tags":["hot","new, \"x\""],"customFields":[{"id":"f1","value":["a","b"]}],)"
       R"("dateUpdated":"2026-03-01T09:30:00.123Z","searchAfter":[1772357400123,"c1"]},)"
       R"({"id":"c2","dateUpdated":null,"address":{"city":"Übung","geo":[1.5,-2e-3]}}],)"
       R"("total":2,"traceId":"4f0c"})"},
      {"messages", at(list_operation(), {"/messages/messages"}, "/id"),
       R"({"messages":{"lastMessageId":"m2","nextPage":true,"messages":[{"id":"m1","type":1,)"
       R"("body":"line\nline \u2028 \ud83d\ude00"},{"id":"m2","attachments":[]}]},"traceId":"t"})"},
      {"root list", at(list_operation(), {""}, "/_id"),
       R"([{"_id":"a","name":"Blue"},{"_id":"b","name":"Green","open":false}])"},
      {"wrapped object", object_operation(),
       R"({"contact":{"id":"c1","dnd":false,"followers":[],"lastActivity":1772357400000}})"},
      {"bare object", at(object_operation(), {""}, "/id"),
       R"({"id":"b1","name":"Acme","createdBy":{"source":"WEB","channel":"OAUTH"}})"},
      {"free slots", slots_operation(),
       R"({"2026-03-02":{"slots":["2026-03-02T10:00:00+01:00","2026-03-02T11:00:00+01:00"]},)"
       R"("2026-03-03":{"slots":[]},"traceId":"x"})"},
      {"transcription", value_operation(),
       R"([{"mediaChannel":1,"sentenceIndex":0,"startTime":0.16,"transcript":"Hello."}])"},
  };
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + "1" +
         std::string(static_cast<std::size_t>(levels), ']');
}

}  // namespace

TEST_CASE(
    "PAR-01 FET-06 every prefix of a real-shaped answer fails as a unit, the whole is understood") {
  for (const Shaped& reply : shaped_replies()) {
    CAPTURE(reply.name);
    const auto whole = cut(reply.body, reply.operation);
    REQUIRE(whole.has_value());
    CHECK(whole->odd.empty());
    CHECK_FALSE(whole->records.empty());
    for (std::size_t length = 0; length < reply.body.size(); ++length) {
      CAPTURE(length);
      CHECK_FALSE(cut(reply.body.substr(0, length), reply.operation).has_value());
    }
  }
}

TEST_CASE("PAR-01 any byte that is put behind a whole answer makes it none") {
  for (const Shaped& reply : shaped_replies()) {
    CAPTURE(reply.name);
    for (const char* tail : {"x", "}", "]", "{}", "[]", ",", "null", "\"", "//", "\xEF\xBB\xBF"}) {
      CAPTURE(tail);
      CHECK_FALSE(cut(reply.body + tail, reply.operation).has_value());
    }
    CHECK_FALSE(cut(reply.body + std::string(1, '\0'), reply.operation).has_value());
    CHECK(cut(reply.body + " \r\n\t", reply.operation).has_value());
  }
}

TEST_CASE("PAR-02 an emoji that a sender cut in half does not fail the page") {
  const auto page =
      cut(R"({"contacts":[{"id":"a","name":"x\ud83d"},{"id":"b"}]})", list_operation());
  REQUIRE(page.has_value());
  REQUIRE(page->records.size() == 2);
  CHECK(page->records[0].raw == R"({"id":"a","name":"x\ufffd"})");
}

TEST_CASE(
    "PAR-01 what only looks like JSON fails the page, also inside a record that is not used") {
  const Operation operation = list_operation();
  for (const char* value :
       {"NaN",       "Infinity", "'x'",     "01",        "1.",         ".5",    "+1",
        "tru",       "nulll",    "{a:1}",   "[1,]",      "{\"a\":1,}", "[1 2]", "{\"a\" 1}",
        "/* x */ 1", "\"\t\"",   "\"\\x\"", "\"\\u12\"", "[}",         "{]"}) {
    CAPTURE(value);
    const std::string body =
        std::string(R"({"contacts":[{"id":"a","deep":{"x":)") + value + R"(}},{"id":"b"}]})";
    CHECK_FALSE(cut(body, operation).has_value());
  }
  CHECK(cut("\xEF\xBB\xBF{\"contacts\":[]}", operation).has_value() == false);
}

TEST_CASE("PAR-01 the failure names the byte and quotes nothing of the answer") {
  const auto page = cut(R"({"contacts":[{"id":"a","secret":"hunter2" oops}]})", list_operation());
  REQUIRE_FALSE(page.has_value());
  CHECK(page.error().find("at byte 4") != std::string::npos);
  CHECK(page.error().find("hunter2") == std::string::npos);
  CHECK(page.error().find("oops") == std::string::npos);
}

TEST_CASE("PAR-02 invalid UTF-8 fails the page") {
  const Operation operation = list_operation();
  for (const char* bytes : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82", "\xf5\x80\x80\x80"}) {
    const std::string body = std::string(R"({"contacts":[{"id":"a","name":")") + bytes + "\"}]}";
    CHECK_FALSE(cut(body, operation).has_value());
  }
}

TEST_CASE("PAR-03 64 levels are read and 65 are not, however deep the rest goes") {
  const Operation operation = list_operation();
  const auto body = [](int levels) {
    // Three levels are the root, the list and the record.
    return R"({"contacts":[{"id":"a","x":)" + nested(levels - 3) + "}]}";
  };
  CHECK(cut(body(63), operation).has_value());
  CHECK(cut(body(64), operation).has_value());
  for (const int levels : {65, 1'000, 100'000, 2'000'000}) {
    CAPTURE(levels);
    const auto page = cut(body(levels), operation);
    REQUIRE_FALSE(page.has_value());
    CHECK(page.error().find("64 levels") != std::string::npos);
  }
  CHECK_FALSE(cut(std::string(1'000'000, '['), operation).has_value());
}

TEST_CASE("PAR-06 numbers of any length are JSON, and what is broken behind them is still found") {
  const Operation operation = list_operation();
  const std::string digits(400, '9');
  CHECK(cut(R"({"contacts":[{"id":"a","n":)" + digits + "}]}", operation).has_value());
  CHECK_FALSE(cut(R"({"contacts":[{"id":"a","n":)" + digits + "}]", operation).has_value());
  CHECK_FALSE(
      cut(R"({"contacts":[{"id":"a","n":18446744073709551616}]})" + std::string(1, '\0'), operation)
          .has_value());
}

TEST_CASE("a large page and a small one after it are both read right") {
  const Operation operation = list_operation();
  json body = contacts_page(0, 2'000);
  for (json& record : body["contacts"]) record["text"] = std::string(1'000, 'x');
  const auto large = cut(body.dump(), operation);
  REQUIRE(large.has_value());
  CHECK(large->records.size() == 2'000);
  CHECK(large->records[1'999].key == "c1999");
  const auto small = cut(R"({"contacts":[{"id":"a"}]})", operation);
  REQUIRE(small.has_value());
  CHECK(small->records.at(0).key == "a");
}
