#include <doctest/doctest.h>

#include "poll/operations.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/record.h"

using namespace triggerd;
using nlohmann::json;

namespace {

Operation shaped(Shape shape) {
  Operation operation = list_operation();
  operation.read->shape = shape;
  operation.read->records = {""};
  operation.read->required.clear();
  operation.read->id = {{}, "messageId"};
  return operation;
}

Operation slots_operation() {
  Operation operation = shaped(Shape::map);
  operation.read->entry_key = R"(\d{4}-\d{2}-\d{2})";
  operation.read->members = "/slots";
  operation.read->id = {{{"/value"}}, {}};
  Window window;
  window.covers.at = "/value";
  operation.read->window = window;
  return operation;
}

Result<Page, std::string> cut(std::string body, const Operation& operation, std::string type = "") {
  static const json values = {{"messageId", "m1"}};
  CutRules rules;
  rules.operation = &operation;
  rules.values = &values;
  rules.root_volatiles = {"/traceId"};
  HttpReply reply = reply_of(std::move(body));
  if (!type.empty()) reply.headers.push_back({"content-type", std::move(type), false});
  return cut_page(std::move(reply), rules);
}

std::string why(const Result<Page, std::string>& page) {
  return page ? "understood" : page.error();
}

}  // namespace

TEST_CASE("free slots become a record each, named by their entry, with the time they cover") {
  const auto page =
      cut(R"({"2026-03-02":{"slots":["2026-03-02T10:00:00+01:00","2026-03-02T11:00:00+01:00"]},
                            "2026-03-03":{"slots":[]},"traceId":"x"})",
          slots_operation());
  REQUIRE(page.has_value());
  REQUIRE(page->records.size() == 2);
  const Record& slot = page->records[1];
  CHECK(slot.key == "2026-03-02T11:00:00+01:00");
  CHECK(slot.raw == R"({"entry":"2026-03-02","value":"2026-03-02T11:00:00+01:00"})");
  CHECK(to_iso8601(*slot.at) == "2026-03-02T10:00:00.000Z");
}

TEST_CASE("members of an entry that are objects are records as they are") {
  Operation operation = slots_operation();
  operation.read->id = {{{"/id"}}, {}};
  const auto page = cut(R"({"2026-03-02":{"slots":[{"id":"s1","free":true}]}})", operation);
  REQUIRE(page.has_value());
  REQUIRE(page->records.size() == 1);
  CHECK(page->records[0].key == "s1");
  CHECK(page->records[0].raw == R"({"id":"s1","free":true})");
}

TEST_CASE("FET-15 a map without entries is empty only when nothing else is in it") {
  const Operation operation = slots_operation();
  CHECK(cut("{}", operation)->records.empty());
  CHECK(cut(R"({"traceId":"x"})", operation)->records.empty());
  CHECK(why(cut(R"({"statusCode":500,"message":"oops"})", operation)) ==
        "no entry of the expected form");
  CHECK(why(cut("[]", operation)) == "the body is no object");
  CHECK(why(cut(R"({"2026-03-02":{}})", operation)) == "no list at /slots of an entry");
  CHECK(why(cut("{\"" + std::string(100'000, '1') + "\":1}", operation)) ==
        "no entry of the expected form");
}

TEST_CASE("a value is one record, whatever JSON it is; null is none") {
  const Operation operation = shaped(Shape::value);
  for (const char* body : {"[1,2]", R"({"a":1})", "\"text\"", "17", "false"}) {
    CAPTURE(body);
    const auto page = cut(std::string(" ") + body + "\n", operation);
    REQUIRE(page.has_value());
    REQUIRE(page->records.size() == 1);
    CHECK(page->records[0].key == "m1");
    CHECK(page->records[0].raw == body);
  }
  CHECK(cut("null", operation)->records.empty());
}

TEST_CASE("a text is one record with its length and digest") {
  const Operation operation = shaped(Shape::text);
  const auto page = cut("Grüße\n\"x\"", operation, "text/plain; charset=utf-8");
  REQUIRE(page.has_value());
  REQUIRE(page->records.size() == 1);
  const auto record = parse_json(page->records[0].raw);
  REQUIRE(record.has_value());
  CHECK((*record)["text"] == "Grüße\n\"x\"");
  CHECK((*record)["bytes"] == 11);
  CHECK((*record)["sha256"].get<std::string>().size() == 64);
}

TEST_CASE("FET-15 a login page or broken text is no text") {
  const Operation operation = shaped(Shape::text);
  CHECK(why(cut("<html>", operation, "text/html; charset=utf-8")) ==
        "an HTML page instead of text");
  CHECK(why(cut("", operation)) == "the body is empty");
  CHECK(why(cut("\xff\xfe", operation)) == "the text is not valid UTF-8");
}

TEST_CASE("bytes are known by type, length and digest alone") {
  const Operation operation = shaped(Shape::binary);
  const auto page = cut(std::string("RIFF\0\xff", 6), operation, "audio/x-wav");
  REQUIRE(page.has_value());
  REQUIRE(page->records.size() == 1);
  CHECK(page->records[0].key == "m1");
  const auto record = parse_json(page->records[0].raw);
  CHECK((*record)["content_type"] == "audio/x-wav");
  CHECK((*record)["bytes"] == 6);
}

TEST_CASE("FET-15 an error document is no bytes, unless it is said to be bytes") {
  const Operation operation = shaped(Shape::binary);
  CHECK(why(cut(R"({"x":1})", operation, "application/json")) == "a document instead of bytes");
  CHECK(why(cut("<html>", operation, "text/html")) == "a document instead of bytes");
  CHECK(why(cut(R"({"x":1})", operation)) == "a document instead of bytes");
  CHECK(why(cut("", operation, "audio/wav")) == "the body is empty");
  CHECK(why(cut(R"({"x":1})", operation, "application/octet-stream")) == "understood");
}
