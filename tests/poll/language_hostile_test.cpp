// Answers that try to send the next request elsewhere, or to break out of the place of a value.
#include <nlohmann/json.hpp>

#include "poll/language.h"
#include "triggerd/catalog/request.h"

using namespace triggerd;

namespace {

const std::string kCursor =
    "    read: {records: /d, id: /id, paging: {kind: cursor, parts: {after: /next}}}\n";

// The request after a page with this cursor; a sentence when there is none.
std::string after(const std::string& operation, const nlohmann::json& cursor) {
  Spoken walk(operation + kCursor);
  walk.read(nlohmann::json{{"d", {{{"id", 1}}}}, {"next", cursor}}.dump());
  const auto request = walk.next();
  if (!request) return request.error();
  std::string text = request->url;
  for (const HttpHeader& header : request->headers) text += "|" + header.name + ": " + header.value;
  return text;
}

}  // namespace

TEST_CASE("S-17 S-20 a next link to another host or a private address leads nowhere") {
  for (const char* host :
       {"https://evil.test", "http://169.254.169.254", "http://10.0.0.5:8080", "//evil.test",
        "https://api.acme.test@evil.test", "https://api.acme.test.evil.test", "file://"}) {
    CAPTURE(host);
    Spoken walk(
        "    request: GET /items\n    params: {after: x}\n    read: {records: /d, id: /id, "
        "paging: {kind: next_url, next_url_at: /next, next_url_params: after}}\n");
    walk.read(nlohmann::json{{"d", {{{"id", 1}}}}, {"next", std::string(host) + "/x?after=2&b=3"}}
                  .dump());
    // Its parameter is taken; the address is the connector's, as before.
    CHECK(walk.url() == "/items?after=2");
  }
}

TEST_CASE("S-19 a cursor in the path is one segment and climbs nowhere") {
  const std::string operation =
      "    request: GET /items/{after}/rows\n    params: {after: {default: first}}\n";
  CHECK(after(operation, "a/../../admin") == "/items/a%2F..%2F..%2Fadmin/rows");
  CHECK(after(operation, "x?admin=1#y") == "/items/x%3Fadmin%3D1%23y/rows");
  CHECK(after(operation, "..") ==
        "parameter `after` must not be `..`, since it stands in the path");
  CHECK(after(operation, "//evil.test") == "/items/%2F%2Fevil.test/rows");
}

TEST_CASE("S-26 a cursor in a header cannot add one") {
  const std::string operation =
      "    request: GET /items\n    params: {after: {in: header, sent_as: X-After}}\n";
  CHECK(after(operation, "a: b") == "/items|X-After: a: b");
  for (const char* cursor : {"a\r\nX-Admin: 1", "a\nb", "a\x01"}) {
    CAPTURE(cursor);
    CHECK(after(operation, cursor) ==
          "parameter `after` must not hold line breaks or control characters, since it stands in a "
          "header");
  }
}

TEST_CASE("S-28 a cursor in a JSON body or a form is a value there") {
  Spoken json("    request: POST /items\n    params: {after: x}\n" + kCursor);
  json.read(R"({"d":[{"id":1}],"next":"\",\"admin\":true,\"x\":\""})");
  CHECK(nlohmann::json::parse(json.body()) == nlohmann::json{{"after", R"(","admin":true,"x":")"}});
  Spoken form("    request: POST /items\n    body: form\n    params: {after: x}\n" + kCursor);
  form.read(R"({"d":[{"id":1}],"next":"1&admin=1"})");
  CHECK(form.body() == "after=1%26admin%3D1");
}

TEST_CASE("S-27 what a record holds is never read as a template or a program") {
  const std::string lines =
      "    request: GET /items\n    params: {after: x, since: x}\n    read: {records: /d, id: /id, "
      "updated: /u, since: {set: {since: '{since}'}}, paging: {kind: cursor, parts: {after: {from: "
      "last_record, at: /k, jq: '.'}}}}\n";
  for (const char* value : {"${env:HOME}", "${{ env.HOME }}", "{since}", "{{env.SECRET}}",
                            "\") | env | (\"", "{after}"}) {
    CAPTURE(value);
    Spoken walk(lines, changes_since("2026-03-01T00:00:00Z"));
    walk.read(nlohmann::json{{"d", {{{"id", 1}, {"k", value}}}}}.dump());
    CHECK(walk.url() ==
          "/items?after=" + percent_encode(value) + "&since=2026-03-01T00%3A00%3A00.000Z");
  }
}
