#include "poll/known_page.h"

#include <doctest/doctest.h>

#include "poll/operations.h"

using namespace triggerd;

namespace {

constexpr const char* kAnn = R"({"id":"a","name":"Ann"})";
constexpr const char* kBob = R"({"id":"b","name":"Bob"})";
const std::string kBoth = std::string(kAnn) + "," + kBob;

// What was kept of one body, and whether another is known by it.
struct Reader {
  explicit Reader(Operation op) : operation(std::move(op)) {
    operation.read->paging.total_at = "/total";
    rules.operation = &operation;
    rules.values = &values;
    const Paging& paging = operation.read->paging;
    for (const CursorPart& part : paging.parts) {
      rules.wanted.insert(rules.wanted.end(), part.at.begin(), part.at.end());
    }
    rules.wanted.push_back(paging.total_at);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  KnownPage keep(const std::string& body) const {
    const auto page = cut_page(reply_of(body), rules);
    REQUIRE(page.has_value());
    return known_page(*page, rules);
  }
  bool knows(const std::string& first, const std::string& second) const {
    return is_known_page(keep(first), second, rules);
  }

  Operation operation;
  nlohmann::json values = nlohmann::json::object();
  CutRules rules;
};

std::string page_text(const std::string& before, const std::string& records,
                      const std::string& behind) {
  return "{" + before + "\"contacts\":[" + records + "]" + behind + "}";
}

}  // namespace

TEST_CASE("the same body is known again, whatever its shape") {
  const Reader list(cursor_operation());
  const std::string body = page_text(R"("traceId":"1",)", kBoth, "");
  CHECK(list.knows(body, body));
  CHECK(list.keep(body).records == 2);
  const std::string empty = page_text("", "", "");
  CHECK(list.knows(empty, empty));
  const Reader object(object_operation());
  const std::string one = "{\"contact\":" + std::string(kAnn) + "}";
  CHECK(object.knows(one, one));
  CHECK_FALSE(object.knows(one, "{\"contact\":" + std::string(kBob) + "}"));
}

TEST_CASE("members that nobody wants may be others on both sides of the same records") {
  const Reader reader(cursor_operation());
  CHECK(reader.knows(page_text(R"("traceId":"1",)", kBoth, R"(,"took":7)"),
                     page_text(R"("traceId":"2",)", kBoth, R"(,"took":9)")));
}

TEST_CASE("another total, cursor or required member beside the same records is news") {
  Operation operation = cursor_operation();
  operation.read->required.push_back("/ok");
  const Reader reader(operation);
  const std::string body = page_text(R"("ok":1,)", kBoth, R"(,"total":2,"next":"p")");
  CHECK(reader.knows(body, page_text(R"("ok":1,)", kBoth, R"(,"total":2,"next":"p")")));
  CHECK_FALSE(reader.knows(body, page_text(R"("ok":1,)", kBoth, R"(,"total":3,"next":"p")")));
  CHECK_FALSE(reader.knows(body, page_text(R"("ok":1,)", kBoth, R"(,"total":2,"next":"q")")));
  CHECK_FALSE(reader.knows(body, page_text(R"("ok":1,)", kBoth, R"(,"total":2,"more":"p")")));
  CHECK_FALSE(reader.knows(body, page_text(R"("no":1,)", kBoth, R"(,"total":2,"next":"p")")));
}

TEST_CASE("a record that changed, came or went is news") {
  const Reader reader(cursor_operation());
  const std::string body = page_text("", kBoth, R"(,"traceId":"1")");
  const std::string eve = R"({"id":"b","name":"Eve"})";
  CHECK_FALSE(
      reader.knows(body, page_text("", std::string(kAnn) + "," + eve, R"(,"traceId":"1")")));
  CHECK_FALSE(reader.knows(body, page_text("", std::string(kAnn), R"(,"traceId":"1")")));
  CHECK_FALSE(reader.knows(body, page_text("", kBoth + "," + kAnn, R"(,"traceId":"1")")));
  CHECK_FALSE(
      reader.knows(body, page_text("", std::string(kBob) + "," + kAnn, R"(,"traceId":"1")")));
  CHECK_FALSE(reader.knows(body, page_text("", "", "")));
  CHECK_FALSE(reader.knows(body, ""));
}

// All around one place: as many bytes stand before and behind the records as did the last time.
TEST_CASE("the same records in another place are not known") {
  Operation operation = cursor_operation();
  operation.read->records = {"/contacts", "/archived"};
  operation.read->required.clear();
  const Reader reader(operation);
  const std::string body = page_text(R"("x":1,)", kBoth, "");
  REQUIRE(reader.knows(body, page_text(R"("x":2,)", kBoth, "")));
  CHECK_FALSE(reader.knows(body, R"({"x":1,"archived":[)" + kBoth + "]}"));
  CHECK_FALSE(reader.knows(body, R"({"xyz":{"cont":[)" + kBoth + "]}}"));
  CHECK_FALSE(reader.knows(body, R"({"x":10,"contacts":[)" + kBoth + "]}"));
}

TEST_CASE("PAR-05: a list that stands twice is known only where the first is the same") {
  const Reader reader(cursor_operation());
  const std::string empty_first = R"({"contacts":[],"contacts":[)" + kBoth + "]}";
  const std::string alone = R"({"x":"0123456789abc","contacts":[)" + kBoth + "]}";
  const std::string hidden = R"({"contacts":[],"y":0,"contacts":[)" + kBoth + "]}";
  REQUIRE(alone.size() == hidden.size());
  CHECK_FALSE(reader.knows(alone, hidden));
  CHECK_FALSE(reader.knows(alone, empty_first));
  const std::string twice = page_text("", kBoth, R"(,"contacts":[],"x":1)");
  CHECK(reader.knows(twice, page_text("", kBoth, R"(,"contacts":[],"x":2)")));
}

TEST_CASE("PAR-01: a body that would be refused is never known, though its records are the same") {
  const Reader reader(cursor_operation());
  const std::string body = page_text(R"("t":"12",)", kBoth, R"(,"t":"34")");
  CHECK_FALSE(reader.knows(body, page_text(R"("t":1212)", kBoth, R"(,"t":"34")")));
  CHECK_FALSE(reader.knows(body, page_text(R"("t":"12",)", kBoth, R"(,"t":"345)")));
  CHECK_FALSE(reader.knows(body, R"({"t":"1","contacts":[1)" + kBoth + R"(],"t":"34"})"));
  CHECK_FALSE(reader.knows(body, page_text(R"("t":"12",)", kBoth, R"(,"t":34"")")));
  CHECK_FALSE(reader.knows(body, page_text("\"t\":\"\xff\xff\",", kBoth, R"(,"t":"34")")));
}

TEST_CASE("PAR-02: a record with half of a character is read anew each time") {
  const Reader reader(cursor_operation());
  const std::string body = page_text("", R"({"id":"a","name":"\ud83d"})", R"(,"t":1)");
  const KnownPage known = reader.keep(body);
  CHECK_FALSE(is_known_page(known, page_text("", R"({"id":"a","name":"\ud83e"})", R"(,"t":1)"),
                            reader.rules));
  // What it is read as is the mark of a broken character: that is another record's text.
  CHECK_FALSE(is_known_page(known, body, reader.rules));
}

TEST_CASE("a page with an odd record, or one that says it is gone, is never known") {
  Operation operation = cursor_operation();
  operation.read->gone = "/deleted";
  const Reader reader(operation);
  for (const char* record : {R"({"name":"no id"})", R"({"id":"c","deleted":true})"}) {
    CAPTURE(record);
    const std::string body = page_text("", kBoth + "," + record, "");
    CHECK(reader.keep(body).body_hash == 0);
    CHECK_FALSE(reader.knows(body, body));
  }
}
