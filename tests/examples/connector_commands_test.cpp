// `triggerd connector check` and `try`, `schema --connector` and the marks of `catalog`, as a
// person types them.
#include <doctest/doctest.h>

#include "examples/small_service.h"

using namespace triggerd::examples;

namespace {

const std::string kDesk =
    "connector: desk\nbase_url: https://api.desk.test\nauth: [{kind: bearer}]\noperations:\n"
    "  items: {request: GET /items, read: {records: /d, id: /id, updated: /u}}\n"
    "  add: {request: POST /items, confirmed: false, source: a client, params: {n: x}, write: "
    "{}}\n";

}  // namespace

TEST_CASE("connector check names lines and nearest names, and says what a good file holds") {
  const Bench bench;
  bench.write("desk.yaml", kDesk);
  const Said good = bench.run({"connector", "check", "desk.yaml"});
  CHECK(good.code == 0);
  CHECK(good.text == "desk: 1 reads, 1 writes, 1 of them unconfirmed; no problems\n");
  bench.write("bad.yaml", kDesk + "  more: {request: GET /m, raed: {id: /id}}\n");
  const Said bad = bench.run({"connector", "check", "bad.yaml"});
  CHECK(bad.code == 3);
  CHECK(bad.has("bad.yaml:7:27: error: more: `raed` is not a key that is known here"));
  CHECK(bad.has("did you mean `read`?"));
  CHECK(bench.run({"connector", "check", "none.yaml"}).code == 3);
  const Said json = bench.run({"connector", "check", "desk.yaml", "--json"});
  CHECK(json.parsed()[0]["connector"] == "desk");
}

TEST_CASE("connector try shows records, ids and the reason when an answer is not understood") {
  SmallService desk;
  std::string body = R"({"d":[{"id":7,"u":"2026-03-01T00:00:00Z","name":"a"},{"name":"b"}]})";
  int status = 200;
  std::string bearer;
  desk.server.Get("/items", [&](const httplib::Request& request, httplib::Response& response) {
    bearer = request.get_header_value("Authorization");
    response.status = status;
    response.set_content(body, "application/json");
  });
  desk.start();
  const Bench bench;
  bench.write("desk.yaml", kDesk);
  const auto attempt = [&](const std::string& operation) {
    return bench.run({"connector", "try", "desk.yaml", operation, "--url", desk.url()});
  };
  const Said good = attempt("items");
  CHECK(good.code == 0);
  CHECK(good.has("status 200, page"));
  CHECK(good.has("  7  updated 2026-03-01T00:00:00.000Z"));
  CHECK(good.has("not usable: has no id at /id"));
  CHECK(good.has("this is the last page"));
  // The credential came from the environment, and is shown nowhere.
  CHECK(bearer == "Bearer s3cret");
  CHECK_FALSE(good.has("s3cret"));
  body = R"({"items":[]})";
  const Said odd = attempt("desk.items");
  CHECK(odd.code == 1);
  CHECK(odd.has("not understood: no member at /d"));
  status = 401;
  CHECK(attempt("items").has("status 401, unauthorised"));
  CHECK(attempt("itms").has("did you mean `items`?"));
  CHECK(attempt("add").has("only reads can be tried"));
}

TEST_CASE(
    "S-01 S-20 connector try takes a secret by reference only, and another address on this machine "
    "only") {
  const Bench bench;
  bench.write("desk.yaml", kDesk);
  const Said plain = bench.run({"connector", "try", "desk.yaml", "items", "--account",
                                "token=plain", "--url", "http://127.0.0.1:9"});
  CHECK(plain.code == 3);
  CHECK(plain.has("a secret must not stand in this file"));
  for (const char* url : {"http://10.0.0.5", "https://evil.test", "http://127.0.0.1.evil.test:80",
                          "http://127.0.0.1:80@evil.test"}) {
    CAPTURE(url);
    CHECK(bench.run({"connector", "try", "desk.yaml", "items", "--url", url}).code == 2);
  }
}

TEST_CASE("catalog shows which operations are confirmed, and what corrected them") {
  const Bench bench;
  bench.write("desk.yaml", kDesk);
  bench.write("mine.yaml", "overrides: desk\noperations: {items: {request: GET /v2/items}}\n");
  const Said list = bench.run({"catalog", "desk", "--connectors", "."});
  CHECK(list.has("unconfirmed"));
  const Said add = bench.run({"catalog", "desk.add", "--connectors", "."});
  CHECK(add.has("facts       unconfirmed"));
  CHECK(add.has("source      a client"));
  const Said items = bench.run({"catalog", "desk.items", "--connectors", "."});
  CHECK(items.has("GET /v2/items"));
  CHECK(items.has("Corrected by ./mine.yaml."));
}

TEST_CASE("schema/connector.schema.json is what the program writes today") {
  const Bench bench;
  CHECK(bench.run({"schema", "--connector"}).text ==
        triggerd::end_to_end::read_text(TRIGGERD_SOURCE "/schema/connector.schema.json"));
}
