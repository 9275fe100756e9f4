#include "triggerd/poll/cycle.h"

#include <doctest/doctest.h>

#include "poll/walk.h"

using namespace triggerd;
using nlohmann::json;

namespace {

Param body_param(std::string name) { return param_of(std::move(name), ParamPlace::body); }

// POST /contacts/search with a filter and an order for "changed since".
Operation search_operation() {
  Operation operation = list_operation();
  operation.method = "POST";
  operation.path = "/contacts/search";
  operation.body = BodyKind::json;
  operation.params = {body_param("pageLimit"), body_param("searchAfter"), body_param("filters"),
                      body_param("sort")};
  ReadRules& read = *operation.read;
  read.paging.kind = PagingKind::cursor;
  read.paging.size_param = "pageLimit";
  read.paging.size = 2;
  read.paging.ends_on_short_page = true;
  CursorPart part;
  part.from = CursorPart::From::last_record;
  part.at = {"/searchAfter"};
  part.param = "searchAfter";
  read.paging.parts = {part};
  Since since;
  since.set = json::parse(
      R"({"filters":[{"field":"dateUpdated","operator":"range","value":{"gte":"{since}"}}]})");
  since.always = json::parse(R"({"sort":[{"field":"dateUpdated","direction":"asc"}]})");
  read.since = since;
  return operation;
}

json search_record(const char* id, const char* updated) {
  return {{"id", id}, {"dateUpdated", updated}, {"searchAfter", {updated, id}}};
}

}  // namespace

TEST_CASE("a walk without paging is one request and complete with its answer") {
  Walk walk(list_operation());
  CHECK(walk.url() == "/contacts");
  HttpReply reply = json_reply(contacts_page(0, 3));
  reply.headers = {{"Date", "Sat, 21 Nov 2026 10:00:00 GMT", false},
                   {"ETag", "\"v1\"", false},
                   {"Last-Modified", "Fri, 20 Nov 2026 10:00:00 GMT", false}};
  const PageRead read = walk.read(reply);
  CHECK(read.last);
  CHECK_FALSE(read.cut);
  CHECK(read.cursor.is_null());
  CHECK(read.page.records.size() == 3);
  CHECK(to_iso8601(*read.server_time) == "2026-11-21T10:00:00.000Z");
  CHECK(read.etag == "\"v1\"");
  CHECK(read.last_modified == "Fri, 20 Nov 2026 10:00:00 GMT");
}

TEST_CASE("an offset moves on by what was received, and a short page ends the walk") {
  Walk walk(offset_operation(3));
  CHECK(walk.url() == "/contacts?limit=3&skip=0");
  CHECK_FALSE(walk.read(contacts_page(0, 3)).last);
  CHECK(walk.url() == "/contacts?limit=3&skip=3");
  CHECK_FALSE(walk.read(contacts_page(3, 5)).last);  // more than asked
  CHECK(walk.url() == "/contacts?limit=3&skip=8");
  CHECK(walk.read(contacts_page(8, 2)).last);
}

TEST_CASE("page numbers begin where the app begins, and the first may stay unsaid") {
  Operation operation = list_operation();
  operation.params = {param_of("page")};
  operation.read->paging.kind = PagingKind::page;
  operation.read->paging.number_param = "page";
  operation.read->paging.first = 1;
  SUBCASE("said") {
    Walk walk(operation);
    CHECK(walk.url() == "/contacts?page=1");
    walk.read(contacts_page(0, 2));
    CHECK(walk.url() == "/contacts?page=2");
    CHECK(walk.read(contacts_page(2, 0)).last);
  }
  SUBCASE("unsaid") {
    operation.read->paging.send_first = false;
    Walk walk(operation);
    CHECK(walk.url() == "/contacts");
    walk.read(contacts_page(0, 2));
    CHECK(walk.url() == "/contacts?page=2");
  }
}

TEST_CASE(
    "the user's page size is asked for and counts, and may be left out of the first request") {
  Operation operation = offset_operation(100);
  SUBCASE("the user's") {
    Walk walk(operation, {}, {{"limit", 2}});
    CHECK(walk.url() == "/contacts?limit=2&skip=0");
    CHECK_FALSE(walk.read(contacts_page(0, 2)).last);
    CHECK(walk.read(contacts_page(2, 1)).last);
  }
  SUBCASE("left out") {
    operation.read->paging.size_on_first = false;
    Walk walk(operation);
    CHECK(walk.url() == "/contacts?skip=0");
    CHECK_FALSE(walk.read(contacts_page(0, 100)).last);
    CHECK(walk.url() == "/contacts?limit=100&skip=100");
  }
}

TEST_CASE("a cursor walk goes on until the cursor is absent, null or empty") {
  for (const json& last : {json(nullptr), json(""), json::array(), json(false)}) {
    CAPTURE(last.dump());
    Walk walk(cursor_operation());
    json page = contacts_page(0, 1);
    page["next"] = "a b&c=/?#";
    const PageRead first = walk.read(page);
    CHECK_FALSE(first.last);
    CHECK(walk.url() == "/contacts?after=a%20b%26c%3D%2F%3F%23");
    page = contacts_page(1, 1);
    page["next"] = last;
    CHECK(walk.read(page).last);
  }
  Walk absent(cursor_operation());
  CHECK(absent.read(contacts_page(0, 1)).last);
}

TEST_CASE("a cursor can be a set of values from body, last record and headers") {
  Operation operation = cursor_operation();
  operation.params = {param_of("startAfter"), param_of("startAfterId"), param_of("shard")};
  CursorPart body, record, header;
  body.at = {"/meta/startAfter", "/startAfter"};
  body.param = "startAfter";
  record.from = CursorPart::From::last_record;
  record.at = {"/id"};
  record.param = "startAfterId";
  header.from = CursorPart::From::header;
  header.at = {"X-Shard"};
  header.param = "shard";
  operation.read->paging.parts = {body, record, header};
  Walk walk(operation);
  HttpReply reply = reply_of(R"({"contacts":[{"id":"x"},{"id":"y"}],"startAfter":1772357400123})");
  reply.headers.push_back({"x-shard", "7", false});
  walk.read(reply);
  CHECK(walk.url() == "/contacts?startAfter=1772357400123&startAfterId=y&shard=7");
}

TEST_CASE("PAG-13 S-17 of a next address only named parameters are taken, whatever else is in it") {
  Operation operation = list_operation();
  operation.params = {param_of("cursor"), param_of("limit")};
  operation.read->paging.kind = PagingKind::next_url;
  operation.read->paging.next_url_at = "/links/next";
  operation.read->paging.next_url_params = {"cursor"};
  for (const char* address :
       {"https://app.example/contacts?cursor=c%202&limit=9", "http://evil.example:81/?cursor=c+2",
        "//user:pw@evil.example/x?limit=1&cursor=c%202#cursor=z", "?cursor=c 2&cursor=second",
        "file:///etc/passwd?cursor=c%202"}) {
    CAPTURE(address);
    Walk walk(operation);
    json page = contacts_page(0, 1);
    page["links"] = {{"next", address}};
    const PageRead read = walk.read(page);
    CHECK_FALSE(read.last);
    CHECK(walk.url() == "/contacts?cursor=c%202");
  }
  Walk walk(operation);
  json page = contacts_page(0, 1);
  page["links"] = {{"next", nullptr}};
  CHECK(walk.read(page).last);
}

TEST_CASE("PAG-13 S-17 an address or cursor that cannot be used cuts the walk") {
  Operation operation = list_operation();
  operation.params = {param_of("cursor")};
  operation.read->paging.kind = PagingKind::next_url;
  operation.read->paging.next_url_at = "/next";
  operation.read->paging.next_url_params = {"cursor"};
  struct Row {
    json next;
    const char* reason;
  };
  for (const Row& row : {Row{"https://app.example/contacts?page=2",
                             "the next page's address names no known parameter"},
                         Row{17, "the next page's address is no text"},
                         Row{"?cursor=" + std::string(2'000'000, 'x'),
                             "the page cursor is longer than 4096 bytes"}}) {
    Walk walk(operation);
    json page = contacts_page(0, 1);
    page["next"] = row.next;
    const PageRead read = walk.read(page);
    CHECK(read.cut);
    CHECK_FALSE(read.last);
    CHECK(read.reason == row.reason);
    CHECK(read.cursor.is_null());
  }
  Walk walk(cursor_operation());
  json page = contacts_page(0, 1);
  page["next"] = {{"$ne", 1}};
  CHECK(walk.read(page).reason == "the page cursor is neither a single value nor a list of them");
}

TEST_CASE("PAG-13 the next address of a Link header is the one whose relation is next") {
  Operation operation = list_operation();
  operation.params = {param_of("page_info")};
  operation.read->paging.kind = PagingKind::link_header;
  operation.read->paging.next_url_params = {"page_info"};
  struct Row {
    const char* link;
    const char* url;  // of the next request; empty: the walk is over
  };
  for (const Row& row :
       {Row{"<https://x/a?page_info=p>; rel=\"previous\", <https://x/a?page_info=n>; rel=\"next\"",
            "/contacts?page_info=n"},
        Row{"<https://x/a?page_info=n>; title=\"x, y\"; REL=next", "/contacts?page_info=n"},
        Row{"<https://x/a?page_info=n>; rel=\"last next\"", "/contacts?page_info=n"},
        Row{"<https://x/a?page_info=p>; rel=\"previous\"", ""},
        Row{"<https://x/a?page_info=n; rel=next", ""}, Row{"", ""}}) {
    CAPTURE(row.link);
    Walk walk(operation);
    HttpReply reply = json_reply(contacts_page(0, 1));
    reply.headers.push_back({"Link", row.link, false});
    CHECK(walk.read(reply).last == std::string_view(row.url).empty());
    if (*row.url != '\0') CHECK(walk.url() == row.url);
  }
}

TEST_CASE(
    "a bound is put wherever it stands in the values, lists join the user's, order is always "
    "sent") {
  const WallTime since = *parse_iso8601("2026-03-01T09:28:00Z");
  const json user = json::parse(R"({"filters":[{"field":"tags","operator":"eq","value":"hot"}]})");
  Walk bound(search_operation(), {.kind = CycleKind::incremental, .since = since}, user);
  CHECK(bound.body() == json::parse(R"({"pageLimit":2,
      "sort":[{"field":"dateUpdated","direction":"asc"}],
      "filters":[{"field":"tags","operator":"eq","value":"hot"},
                 {"field":"dateUpdated","operator":"range",
                  "value":{"gte":"2026-03-01T09:28:00.000Z"}}]})"));

  Walk sweep(search_operation(), {.kind = CycleKind::sweep, .since = since}, user);
  CHECK(sweep.body() == json::parse(R"({"pageLimit":2,
      "sort":[{"field":"dateUpdated","direction":"asc"}],
      "filters":[{"field":"tags","operator":"eq","value":"hot"}]})"));
}

TEST_CASE("the values of a list cursor go into the next body as they are") {
  Walk walk(search_operation());
  const PageRead read = walk.read(json{
      {"contacts",
       {search_record("a", "2026-03-01T09:00:00Z"), search_record("b", "2026-03-01T09:01:00Z")}}});
  CHECK_FALSE(read.last);
  CHECK(walk.body()["searchAfter"] == json::parse(R"(["2026-03-01T09:01:00Z","b"])"));
}

TEST_CASE("the bound keeps its format's type, and a cursor takes its place on later pages") {
  Operation operation = list_operation();
  operation.params = {param_of("startAfterDate"), param_of("limit"), param_of("sort")};
  Paging& paging = operation.read->paging;
  paging.kind = PagingKind::cursor;
  paging.size_param = "limit";
  paging.size = 2;
  paging.ends_on_short_page = true;
  CursorPart part;
  part.from = CursorPart::From::last_record;
  part.at = {"/dateUpdated"};
  part.param = "startAfterDate";
  part.format = DateFormat{DateFamily::epoch_ms, {}, {}};
  part.back = Millis{1};
  paging.parts = {part};
  Since since;
  since.set = {{"startAfterDate", "{since}"}};
  since.always = {{"sort", "asc"}};
  since.format.family = DateFamily::epoch_ms;
  operation.read->since = since;
  Walk walk(operation, {.kind = CycleKind::incremental, .since = wall_from_ms(1'000)});
  CHECK(walk.url() == "/contacts?startAfterDate=1000&limit=2&sort=asc");
  walk.read(json::parse(
      R"({"contacts":[{"id":1,"dateUpdated":2000},
                       {"id":2,"dateUpdated":"1970-01-01T00:00:03Z"}]})"));
  CHECK(walk.url() == "/contacts?startAfterDate=2999&limit=2&sort=asc");
}

TEST_CASE("a window fills its two parameters in its format") {
  Operation operation = list_operation();
  operation.params = {param_of("startTime"), param_of("endTime")};
  Window window;
  window.start_param = "startTime";
  window.end_param = "endTime";
  window.format.family = DateFamily::epoch_s;
  operation.read->window = window;
  Walk walk(operation, {.window = std::pair(wall_from_ms(5'000), wall_from_ms(9'000))});
  CHECK(walk.url() == "/contacts?startTime=5&endTime=9");
}

TEST_CASE(
    "FET-11 validators are sent once and with the first page only, and 304 without them is no "
    "answer") {
  Operation operation = offset_operation(2);
  const WalkStart start{.etag = "\"v1\"", .last_modified = "Fri, 20 Nov 2026 10:00:00 GMT"};
  Walk walk(operation, start);
  CHECK(walk.header("If-None-Match") == "\"v1\"");
  CHECK(walk.header("If-Modified-Since") == "Fri, 20 Nov 2026 10:00:00 GMT");
  CHECK(std::holds_alternative<Unchanged>(walk.take(reply_of("", 304))));

  Walk two(operation, start);
  two.read(contacts_page(0, 2));
  CHECK(two.header("If-None-Match").empty());
  const WalkStep step = two.take(reply_of("", 304));
  REQUIRE(std::holds_alternative<WalkFailure>(step));
  CHECK(std::get<WalkFailure>(step).kind == ReplyKind::not_understood);

  Walk hostile(operation, {.etag = "a\r\nX-Evil: 1"});
  CHECK(hostile.header("If-None-Match").empty());
  operation.read->conditional = false;
  CHECK(Walk(operation, start).header("If-None-Match").empty());
}

TEST_CASE("FET-11 FET-15 what is no page fails the step, and the same request is asked again") {
  Walk walk(offset_operation(2));
  walk.read(contacts_page(0, 2));
  const std::string url = walk.url();
  for (HttpReply reply : {reply_of("<html>"), reply_of("{}"), reply_of("", 204),
                          reply_of("{}", 206), reply_of("{}", 500)}) {
    CAPTURE(reply.status);
    CHECK(std::holds_alternative<WalkFailure>(walk.take(reply)));
    CHECK(walk.url() == url);
  }
  HttpReply throttled = reply_of("{}", 429);
  throttled.headers.push_back({"Retry-After", "9", false});
  const WalkStep step = walk.take(throttled);
  CHECK(std::get<WalkFailure>(step).kind == ReplyKind::throttled);
  CHECK(std::get<WalkFailure>(step).wait == Millis{9'000});
}

TEST_CASE("an object that the app calls absent is no failure") {
  Operation operation = object_operation();
  ErrorRule rule;
  rule.statuses = {404};
  rule.means = ErrorClass::absent;
  operation.errors = {rule};
  Walk walk(operation);
  HttpReply reply = reply_of("{}", 404);
  reply.headers.push_back({"Date", "Sat, 21 Nov 2026 10:00:00 GMT", false});
  const WalkStep step = walk.take(reply);
  REQUIRE(std::holds_alternative<ObjectAbsent>(step));
  CHECK(std::get<ObjectAbsent>(step).server_time);
}

TEST_CASE(
    "PAG-10 a cursor that the app no longer takes asks for a new start, on the first page it does "
    "not") {
  for (const int status : {400, 410}) {
    CAPTURE(status);
    Walk walk(offset_operation(2));
    CHECK_FALSE(std::get<WalkFailure>(walk.take(reply_of("{}", status))).restart);
    walk.read(contacts_page(0, 2));
    CHECK(std::get<WalkFailure>(walk.take(reply_of("{}", status))).restart);
    CHECK_FALSE(std::get<WalkFailure>(walk.take(reply_of("{}", 404))).restart);
  }
}

TEST_CASE("PAG-15 an interrupted walk goes on with the page it was at") {
  Walk walk(offset_operation(2));
  walk.read(contacts_page(0, 2));
  const PageRead read = walk.read(contacts_page(2, 2));
  Walk resumed(offset_operation(2), {.cursor = read.cursor});
  CHECK(resumed.url() == "/contacts?limit=2&skip=4");
  CHECK(resumed.read(contacts_page(4, 1)).last);
}

TEST_CASE("FET-23 a page of another location is not understood") {
  Walk walk(list_operation());
  walk.plan.location = "here";
  const WalkStep step = walk.take(reply_of(R"({"contacts":[{"id":1,"locationId":"there"}]})"));
  REQUIRE(std::holds_alternative<WalkFailure>(step));
  CHECK(std::get<WalkFailure>(step).kind == ReplyKind::not_understood);
  CHECK(std::get<WalkFailure>(step).reason == "answer of another location");
}
