// How the next page is asked for, as connector files say it: kinds, targets, programs, orders.
#include <nlohmann/json.hpp>

#include "poll/language.h"

using namespace triggerd;

namespace {

const std::string kGet = "    request: GET /items\n";
const std::string kAfter = kGet + "    params: {after: x}\n";

HttpReply with_header(const std::string& name, const std::string& value) {
  HttpReply reply = reply_of(R"([{"id":1}])");
  reply.headers.push_back({name, value, false});
  return reply;
}

}  // namespace

TEST_CASE("pages are counted from 0 or 1, and the first request may leave the number out") {
  const auto urls = [](const std::string& more) {
    Spoken walk(kGet +
                "    params: {page: {type: integer}}\n    read: {id: /id, paging: {kind: "
                "page, number_param: page" +
                more + "}}\n");
    const std::string first = walk.url();
    walk.read(R"([{"id":1}])");
    return first + " " + walk.url();
  };
  CHECK(urls("") == "/items?page=1 /items?page=2");
  CHECK(urls(", first: 0") == "/items?page=0 /items?page=1");
  CHECK(urls(", send_first: false") == "/items /items?page=2");
}

TEST_CASE("an offset is what came so far, in the query or in the body") {
  Spoken query(kGet +
               "    params: {skip: {type: integer}}\n    read: {id: /id, paging: {kind: "
               "offset, number_param: skip}}\n");
  query.read(R"([{"id":1},{"id":2},{"id":3}])");
  CHECK(query.url() == "/items?skip=3");
  CHECK(query.read("[]").last);
  Spoken body(
      "    request: POST /search\n    params: {skip: {type: integer, at: /page/from}}\n"
      "    read: {id: /id, paging: {kind: offset, number_param: skip}}\n");
  CHECK(body.body() == R"({"page":{"from":0}})");
  body.read(R"([{"id":1},{"id":2}])");
  CHECK(body.body() == R"({"page":{"from":2}})");
}

TEST_CASE("a cursor from the body goes to the query, a header, the path, JSON, GraphQL or a form") {
  const std::string paging =
      "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: /next}}}\n";
  const auto next = [&](const std::string& lines) {
    Spoken walk(lines + paging);
    walk.read(R"({"d":[{"id":1}],"next":"b c"})");
    return walk.request();
  };
  CHECK(next(kAfter).url == "/items?after=b%20c");
  const HttpRequest header = next(kGet + "    params: {after: {in: header, sent_as: X-After}}\n");
  REQUIRE(header.headers.size() == 1);
  CHECK(header.headers[0].name == "X-After");
  CHECK(header.headers[0].value == "b c");
  CHECK(next("    request: GET /items/{after}\n    params: {after: {default: first}}\n").url ==
        "/items/b%20c");
  const std::string post = "    request: POST /items\n";
  CHECK(next(post + "    params: {after: {at: /page/cursor}}\n").body ==
        R"({"page":{"cursor":"b c"}})");
  CHECK(next(post + "    body: {kind: graphql, fixed: {query: 'query($after: String) {x}'}}\n"
                    "    params: {after: x}\n")
            .body == R"({"query":"query($after: String) {x}","variables":{"after":"b c"}})");
  CHECK(next(post + "    body: form\n    params: {after: x}\n").body == "after=b%20c");
}

TEST_CASE("a cursor from a field of the last record goes on behind it") {
  Spoken walk(kAfter +
              "    read: {id: /id, paging: {kind: cursor, parts: {after: {from: "
              "last_record, at: /key}}}}\n");
  walk.read(R"([{"id":1,"key":"a"},{"id":2,"key":"b"}])");
  CHECK(walk.url() == "/items?after=b");
  CHECK(walk.read("[]").last);
}

TEST_CASE("several cursors, and one that is a list of values, travel together") {
  Spoken walk(
      "    request: POST /items\n    params: {after: {type: list}, id: x}\n"
      "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: {from: last_record, "
      "at: /sort}, id: {from: last_record, at: /id}}}}\n");
  walk.read(R"({"d":[{"id":"a","sort":[1,"x"]}]})");
  CHECK(walk.body() == R"({"after":[1,"x"],"id":"a"})");
}

TEST_CASE("the next page's URL in the body gives the parameters that are named") {
  Spoken walk(kAfter +
              "    read: {records: /d, id: /id, paging: {kind: next_url, next_url_at: "
              "/links/next, next_url_params: after}}\n");
  walk.read(R"({"d":[{"id":1}],"links":{"next":"https://api.acme.test/items?after=c%3D2&x=1"}})");
  CHECK(walk.url() == "/items?after=c%3D2");
  CHECK(walk.read(R"({"d":[{"id":2}],"links":{"next":null}})").last);
}

TEST_CASE("the next page's URL in the Link header gives the parameters that are named") {
  Spoken walk(kAfter +
              "    read: {id: /id, paging: {kind: link_header, next_url_params: after}}\n");
  walk.read(with_header("Link", R"(<https://api.acme.test/items?after=9>; rel="next")"));
  CHECK(walk.url() == "/items?after=9");
}

TEST_CASE("a flag, an empty page or an absent cursor ends a walk") {
  const std::string paging =
      "    read: {records: /d, id: /id, paging: {kind: page, number_param: "
      "after, more_at: /more}}\n";
  const std::string lines = kGet + "    params: {after: {type: integer}}\n" + paging;
  CHECK(Spoken(lines).read(R"({"d":[{"id":1}],"more":false})").last);
  CHECK_FALSE(Spoken(lines).read(R"({"d":[{"id":1}],"more":true})").last);
  CHECK(Spoken(lines).read(R"({"d":[]})").last);
}

TEST_CASE("a program makes a cursor of what the answer says") {
  const auto second = [](const std::string& part, const std::string& body) {
    Spoken walk(kAfter +
                "    read:\n      records: /d\n      id: /id\n      paging:\n        kind: "
                "cursor\n        parts:\n          after: " +
                part + "\n");
    const PageRead page = walk.read(body);
    return page.last ? std::string("end") : page.cut ? page.reason : walk.url();
  };
  const std::string count = "{at: /page, jq: 'if .n < .of then .n + 1 else null end'}";
  CHECK(second(count, R"({"d":[{"id":1}],"page":{"n":1,"of":3}})") == "/items?after=2");
  CHECK(second(count, R"({"d":[{"id":1}],"page":{"n":3,"of":3}})") == "end");
  CHECK(second(count, R"({"d":[{"id":1}]})") == "end");
  CHECK(second("{at: /ids, jq: last}", R"({"d":[{"id":1}],"ids":[4,7]})") == "/items?after=7");
  CHECK(second("{at: /at, jq: 'split(\"|\") | .[1]'}", R"({"d":[{"id":1}],"at":"a|b"})") ==
        "/items?after=b");
  CHECK(second("{at: /at, jq: '.x.y'}", R"({"d":[{"id":1}],"at":"a"})")
            .find("the page cursor for after: ") == 0);
  CHECK(second("{at: /at, jq: '.[]'}", R"({"d":[{"id":1}],"at":[1,2]})") ==
        "the page cursor for after is many values");
}

TEST_CASE("a program takes a page out of the path of a next URL, or out of a header") {
  Spoken path(
      "    request: GET /items/page/{after}\n    params: {after: {default: '1'}}\n"
      "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: {at: /next, "
      "jq: 'capture(\"/page/(?<n>[0-9]+)\").n'}}}}\n");
  CHECK(path.url() == "/items/page/1");
  path.read(R"({"d":[{"id":1}],"next":"https://other.test/v1/items/page/2/"})");
  CHECK(path.url() == "/items/page/2");
  Spoken header(kAfter +
                "    read: {id: /id, paging: {kind: cursor, parts: {after: {from: header, "
                "at: X-Range, jq: 'split(\"-\") | last'}}}}\n");
  header.read(with_header("X-Range", "0-99"));
  CHECK(header.url() == "/items?after=99");
}

TEST_CASE("S-27 what a program gives is a value: it is encoded, bounded, and never an address") {
  Spoken walk(kAfter +
              "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: {at: "
              "/n, jq: '.'}}}}\n");
  walk.read(R"({"d":[{"id":1}],"n":"https://evil.test/?a=b&after=x\r\nHost: evil.test"})");
  CHECK(walk.url() ==
        "/items?after=https%3A%2F%2Fevil.test%2F%3Fa%3Db%26after%3Dx%0D%0AHost%3A%20evil.test");
  Spoken endless(kAfter +
                 "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: "
                 "{at: /n, jq: 'last(repeat(1))'}}}}\n");
  const PageRead page = endless.read(R"({"d":[{"id":1}],"n":1})");
  CHECK(page.cut);
  CHECK(page.cursor.is_null());
}

TEST_CASE("of a list with the latest change first the walk ends at the first older record") {
  const std::string lines =
      kGet +
      "    params: {page: {type: integer}}\n    read: {id: /id, updated: /u, since: "
      "{newest_first: true, overlap: 1m}, paging: {kind: page, number_param: page}}\n";
  const std::string fresh =
      R"([{"id":1,"u":"2026-03-01T10:00:00Z"},{"id":2,"u":"2026-03-01T09:00:00Z"}])";
  const std::string older =
      R"([{"id":3,"u":"2026-03-01T08:30:00Z"},{"id":4,"u":"2026-02-01T00:00:00Z"}])";
  SUBCASE("when it looks for changes") {
    Spoken walk(lines, changes_since("2026-03-01T08:00:00Z"));
    CHECK(walk.url() == "/items?page=1");
    CHECK_FALSE(walk.read(fresh).last);
    CHECK(walk.url() == "/items?page=2");
    const PageRead second = walk.read(older);
    CHECK(second.last);
    CHECK(second.page.records.size() == 2);
  }
  SUBCASE("but a sweep reads on") {
    Spoken walk(lines);
    CHECK_FALSE(walk.read(fresh).last);
    CHECK_FALSE(walk.read(older).last);
  }
  SUBCASE("PAG-11 and a page in another order ends the trust in it") {
    Spoken walk(lines, changes_since("2026-03-01T08:00:00Z"));
    const PageRead read =
        walk.read(R"([{"id":2,"u":"2026-03-01T09:00:00Z"},{"id":1,"u":"2026-03-01T10:00:00Z"}])");
    CHECK(read.cut);
    CHECK(read.page.out_of_order);
  }
}
