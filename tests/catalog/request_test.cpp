#include "triggerd/catalog/request.h"

#include <nlohmann/json.hpp>

#include "catalog/catalog_text.h"

using namespace triggerd;
using nlohmann::json;

namespace {

constexpr const char* kOperations = R"(
  item:
    request: GET /shops/{shop}/items/{item_id}
    headers: {Version: "2021-07-28"}
    params:
      shop: {sent_as: shop, about: Shop.}
      item_id: {about: Item.}
      tags: {type: list}
      since: {type: integer}
      all: {type: boolean, default: true}
      sort: {sent_as: "order[by]", enum: [up, down]}
      X-Trace: {in: header}
      note: Free.
    read: {shape: object, id: /id}
  make:
    request: POST /items
    body: {fixed: {kind: item}}
    params:
      name: {required: true}
      count: {type: integer, as_text: true}
      price: {type: number}
      done: {type: boolean}
      tags: {type: list}
      extra: {type: object, at: /meta/extra}
      mode: {in: query}
    write: {}
  make_listed:
    request: POST /shops/{shop}/items
    body: {fixed: [{kind: item}]}
    params: {shop: {about: Shop.}, name: {required: true}, "a/b": {type: integer}}
    write: {}
  fill:
    request: POST /form
    body: {kind: form, fixed: {grant: "a b"}}
    params: {name: Name., tags: {type: list}}
    write: {}
  ask:
    request: POST /graphql
    body: {kind: graphql, fixed: {query: "query($n: Int) { items(n: $n) { id } }"}}
    params: {n: {type: integer}}
    read: {records: /data/items, id: /id}
  say:
    request: PUT /text
    body: text
    params: {words: {}}
    write: {}
  bare:
    request: DELETE /items
    params: {ids: {type: list, in: body, at: ""}}
    write: {}
)";

// "METHOD URL | Header: value | body", or the failure.
std::string shown(const char* name, const json& values) {
  const auto catalog = acme_catalog(kOperations);
  const Operation* operation = catalog->operation(std::string("acme.") + name);
  REQUIRE(operation != nullptr);
  const auto request = build_request(*operation, values);
  if (!request) return request.error();
  std::string text = request->method + " " + request->url;
  for (const HttpHeader& header : request->headers)
    text += " | " + header.name + ": " + header.value;
  return request->body.empty() ? text : text + " | " + request->body;
}

}  // namespace

TEST_CASE("a request is put together from path, query and headers") {
  CHECK(shown("item", {{"shop", "a"}, {"item_id", 7}}) ==
        "GET /shops/a/items/7?all=true | Version: 2021-07-28");
  CHECK(shown("item", {{"shop", "a"}, {"item_id", "b"}, {"all", nullptr}, {"sort", "up"}}) ==
        "GET /shops/a/items/b?order%5Bby%5D=up | Version: 2021-07-28");
  CHECK(shown("item", {{"shop", "a"}, {"item_id", "b"}, {"all", false}, {"X-Trace", "t 1"}}) ==
        "GET /shops/a/items/b?all=false | Version: 2021-07-28 | X-Trace: t 1");
}

TEST_CASE("where the fixed body is a list, the parameters stand in its one object") {
  CHECK(shown("make_listed", {{"shop", "a"}, {"name", "n"}, {"a/b", 3}}) ==
        "POST /shops/a/items | Content-Type: application/json | "
        R"([{"a/b":3,"kind":"item","name":"n"}])");
}

TEST_CASE("a list in a query repeats the parameter, and an empty one leaves it out") {
  CHECK(shown("item", {{"shop", "a"}, {"item_id", "b"}, {"all", nullptr}, {"tags", {"x", 2}}}) ==
        "GET /shops/a/items/b?tags=x&tags=2 | Version: 2021-07-28");
  CHECK(
      shown("item", {{"shop", "a"}, {"item_id", "b"}, {"all", nullptr}, {"tags", json::array()}}) ==
      "GET /shops/a/items/b | Version: 2021-07-28");
}

TEST_CASE("S-17: a value is percent-encoded for its place and never becomes part of the URL") {
  const json hostile = {{"shop", "../../admin?x=1#y"},
                        {"item_id", "b/c%2f\\@evil.com"},
                        {"all", nullptr},
                        {"note", "a&admin=1 +é\r\n"}};
  CHECK(shown("item", hostile) ==
        "GET /shops/..%2F..%2Fadmin%3Fx%3D1%23y/items/b%2Fc%252f%5C%40evil.com"
        "?note=a%26admin%3D1%20%2B%C3%A9%0D%0A | Version: 2021-07-28");
  CHECK(shown("item", {{"shop", "{item_id}"}, {"item_id", "b"}, {"all", nullptr}}) ==
        "GET /shops/%7Bitem_id%7D/items/b | Version: 2021-07-28");
}

TEST_CASE("a path takes one text that is not empty and climbs nowhere") {
  CHECK(shown("item", {{"item_id", "b"}}) == "parameter `shop` is missing");
  CHECK(shown("item", {{"shop", nullptr}, {"item_id", "b"}}) == "parameter `shop` is missing");
  CHECK(shown("item", {{"shop", ""}, {"item_id", "b"}}) ==
        "parameter `shop` must not be empty, since it stands in the path");
  CHECK(shown("item", {{"shop", ".."}, {"item_id", "b"}}) ==
        "parameter `shop` must not be `..`, since it stands in the path");
  CHECK(shown("item", {{"shop", {"a", "b"}}, {"item_id", "b"}}) ==
        "parameter `shop` must be a text");
}

TEST_CASE("S-26: a header value with a line break, NUL or another control character is refused") {
  for (const std::string& bad : {std::string("a\r\nX-Admin: 1"), std::string("a\n"),
                                 std::string("a\0b", 3), std::string("a\x7f")}) {
    CHECK(shown("item", {{"shop", "a"}, {"item_id", "b"}, {"X-Trace", bad}}) ==
          "parameter `X-Trace` must not hold line breaks or control characters, since it stands in "
          "a header");
  }
}

TEST_CASE("S-28: a JSON body is built from values, so text stays text") {
  CHECK(shown("make", {{"name", "\",\"admin\":true,\"x\":\""}}) ==
        "POST /items | Content-Type: application/json | "
        R"({"kind":"item","name":"\",\"admin\":true,\"x\":\""})");
}

TEST_CASE("values take the declared type where nothing is lost") {
  const std::string head = "POST /items | Content-Type: application/json | ";
  CHECK(shown("make", {{"name", 5}, {"count", "12"}, {"price", "1.5"}, {"done", "true"}}) ==
        head + R"({"count":"12","done":true,"kind":"item","name":"5","price":1.5})");
  CHECK(shown("make", {{"name", "n"}, {"tags", "hot"}, {"extra", {{"a", 1}}}}) ==
        head + R"({"kind":"item","meta":{"extra":{"a":1}},"name":"n","tags":["hot"]})");
  CHECK(shown("make", {{"name", "n"}, {"count", 3.0}, {"mode", "x y"}}) ==
        "POST /items?mode=x%20y | Content-Type: application/json | "
        R"({"count":"3","kind":"item","name":"n"})");
}

TEST_CASE("values that do not fit are refused before anything is sent") {
  CHECK(shown("make", {{"name", "n"}, {"count", "12x"}}) ==
        "parameter `count` must be a whole number");
  CHECK(shown("make", {{"name", "n"}, {"count", 1.5}}) ==
        "parameter `count` must be a whole number");
  CHECK(shown("make", {{"name", "n"}, {"price", "much"}}) == "parameter `price` must be a number");
  CHECK(shown("make", {{"name", "n"}, {"done", 1}}) == "parameter `done` must be true or false");
  CHECK(shown("make", {{"name", "n"}, {"extra", "x"}}) == "parameter `extra` must be a map");
  CHECK(shown("make", {{"name", json::object()}}) == "parameter `name` must be a text");
  CHECK(shown("make", json::object()) == "parameter `name` is missing");
  CHECK(shown("make", {{"name", "n"}, {"nam", "n"}}) == "`nam` is not a parameter of acme.make");
  CHECK(shown("make", json::array()) == "the parameters must be a map");
}

TEST_CASE("a form, GraphQL, text and bare list body each have their own spelling") {
  CHECK(shown("fill", {{"name", "a&b=c"}, {"tags", {"x", "y"}}}) ==
        "POST /form | Content-Type: application/x-www-form-urlencoded | "
        "name=a%26b%3Dc&tags=x&tags=y&grant=a%20b");
  CHECK(shown("ask", {{"n", 5}}) ==
        "POST /graphql | Content-Type: application/json | "
        R"({"query":"query($n: Int) { items(n: $n) { id } }","variables":{"n":5}})");
  CHECK(shown("say", {{"words", "hello\nthere"}}) ==
        "PUT /text | Content-Type: text/plain; charset=utf-8 | hello\nthere");
  CHECK(shown("bare", {{"ids", {"a", "b"}}}) ==
        R"(DELETE /items | Content-Type: application/json | ["a","b"])");
}

TEST_CASE("a value that an expression gave is held to choices and bounds, and is named") {
  const auto catalog = acme_catalog(R"(
  make:
    request: POST /items
    params:
      limit: {type: integer, min: 1, max: 500}
      kind: {enum: [room, desk, 3]}
      kinds: {type: list, enum: [room, desk]}
    write: {}
)");
  const auto said = [&](const json& values) {
    const auto request = build_request(*catalog->operation("acme.make"), values);
    return request ? request->body : request.error();
  };
  CHECK(said({{"limit", "500"}, {"kind", 3}, {"kinds", {"room", "desk"}}}) ==
        R"({"kind":"3","kinds":["room","desk"],"limit":500})");
  CHECK(said({{"limit", 501}}) ==
        "parameter `limit` is refused: 501 is above the greatest value, 500");
  CHECK(said({{"limit", 0}}) == "parameter `limit` is refused: 0 is below the least value, 1");
  CHECK(said({{"kind", "door"}}) ==
        "parameter `kind` is refused: `door` is not one of room, desk, 3");
  CHECK(said({{"kinds", {"room", "door"}}}) ==
        "parameter `kinds` is refused: `door` is not one of room, desk");
  // No record gets past the choices by looking like an expression.
  CHECK(said({{"kind", "${{ .x }}"}}) ==
        "parameter `kind` is refused: `${{ .x }}` is not one of room, desk, 3");
  CHECK(said({{"kind", std::string(5'000, 'x')}}).size() < 200);
}

TEST_CASE("a value is checked against type, choices and bounds, but not while it is a template") {
  const auto catalog = acme_catalog(R"(
  item:
    request: GET /items
    params:
      limit: {type: integer, min: 1, max: 500}
      kind: {enum: [room, desk, 3]}
      kinds: {type: list, enum: [room, desk]}
    read: {id: /id}
)");
  const Operation& operation = *catalog->operation("acme.item");
  const auto check = [&](const char* name, const json& value) {
    return check_param_value(*operation.find_param(name), value);
  };
  CHECK(check("limit", 500) == "");
  CHECK(check("limit", "500") == "");
  CHECK(check("limit", 501) == "501 is above the greatest value, 500");
  CHECK(check("limit", 0) == "0 is below the least value, 1");
  CHECK(check("limit", "many") == "must be a whole number");
  CHECK(check("limit", "${{ .record.size }}") == "");
  CHECK(check("kind", "desk") == "");
  CHECK(check("kind", "3") == "");
  CHECK(check("kind", "door") == "`door` is not one of room, desk, 3");
  CHECK(check("kinds", {"room", "${{ .x }}"}) == "");
  CHECK(check("kinds", {"room", "door"}) == "`door` is not one of room, desk");
}
