// What connector files say of requests: methods, bodies, bounds, values of the account.
#include <nlohmann/json.hpp>

#include "poll/language.h"

using namespace triggerd;

namespace {

const char* const kBound = "2026-03-01T09:30:00Z";

// The request for what changed since kBound.
HttpRequest bounded(const std::string& request, const std::string& params,
                    const std::string& since) {
  return Spoken("    request: " + request + "\n    params: " + params +
                    "\n    read: {id: /id, updated: /u, since: " + since + "}\n",
                changes_since(kBound))
      .request();
}

}  // namespace

TEST_CASE("a list is asked for with GET and parameters in the query") {
  Spoken walk(
      "    request: GET /items\n    params: {state: {default: open}, tag: {type: list}}\n"
      "    read: {id: /id}\n",
      {}, {{"tag", {"a b", "c"}}, {"state", "open"}});
  CHECK(walk.request().method == "GET");
  CHECK(walk.url() == "/items?state=open&tag=a%20b&tag=c");
}

TEST_CASE("a list is asked for with POST and a JSON body") {
  Spoken walk(
      "    request: POST /search\n    body: {fixed: {sort: {by: id}}}\n"
      "    params: {size: {type: integer, at: /page/size}}\n    read: {id: /id}\n",
      {}, {{"size", 5}});
  CHECK(walk.request().method == "POST");
  CHECK(walk.body() == R"({"page":{"size":5},"sort":{"by":"id"}})");
}

TEST_CASE("a GraphQL list sends its query and variables, and members named errors fail it") {
  Spoken walk(R"(    request: POST /graphql
    body:
      kind: graphql
      fixed: {query: 'query($n: Int) { items(first: $n) { id } }'}
    params: {n: {type: integer, default: 50}}
    errors:
      - {at: /errors/0/extensions/code, equals: THROTTLED, means: throttled}
      - {at: /errors, means: permanent}
    read: {records: /data/items, id: /id}
)",
              {}, {{"n", 50}});
  CHECK(walk.body() ==
        R"({"query":"query($n: Int) { items(first: $n) { id } }","variables":{"n":50}})");
  const auto kind = [&](const std::string& body) {
    const WalkStep step = walk.take(reply_of(body));
    const auto* failure = std::get_if<WalkFailure>(&step);
    return failure == nullptr ? ReplyKind::page : failure->kind;
  };
  CHECK(kind(R"({"data":{"items":[]},"errors":[{"message":"no such field"}]})") ==
        ReplyKind::refused);
  CHECK(kind(R"({"data":null,"errors":[{"extensions":{"code":"THROTTLED"}}]})") ==
        ReplyKind::throttled);
  CHECK(kind(R"({"data":{"items":[]},"errors":[]})") == ReplyKind::page);
}

TEST_CASE(
    "the bound of changes stands in a parameter, a JSON body, or a text with more around it") {
  CHECK(bounded("GET /items", "{since: x}", "{set: {since: '{since}'}}").url ==
        "/items?since=2026-03-01T09%3A30%3A00.000Z");
  CHECK(bounded("POST /items", "{from: {at: /filter/gte, type: any}}",
                "{set: {from: '{since}'}, format: epoch_s}")
            .body == R"({"filter":{"gte":1772357400}})");
  CHECK(bounded("GET /items", "{q: x}", "{set: {q: 'updated >= \"{since}\"'}, format: date}").url ==
        "/items?q=updated%20%3E%3D%20%222026-03-01%22");
}

TEST_CASE("a bound is written in five families of dates, or as a pattern says") {
  const auto written = [](const std::string& format) {
    return bounded("GET /items", "{s: x}", "{set: {s: '{since}'}, format: '" + format + "'}")
        .url.substr(std::string("/items?s=").size());
  };
  CHECK(written("iso8601") == "2026-03-01T09%3A30%3A00.000Z");
  CHECK(written("epoch_s") == "1772357400");
  CHECK(written("epoch_ms") == "1772357400000");
  CHECK(written("epoch_us") == "1772357400000000");
  CHECK(written("date") == "2026-03-01");
  CHECK(written("date_time") == "2026-03-01%2009%3A30%3A00");
  CHECK(written("date_time +09:00") == "2026-03-01%2018%3A30%3A00");
  CHECK(written("%d.%m.%Y") == "01.03.2026");
}

TEST_CASE(
    "records say their times in five families of dates, with an ignored zone word if need be") {
  const auto updated = [](const std::string& format, const std::string& value) {
    Spoken walk("    request: GET /items\n    read: {id: /id, updated: {at: /u, format: '" +
                format + "'}}\n");
    const PageRead read = walk.read(R"([{"id":1,"u":)" + value + "}]");
    return read.page.records.at(0).updated ? to_iso8601(*read.page.records[0].updated) : "none";
  };
  const std::string moment = "2026-03-01T09:30:00.000Z";
  CHECK(updated("iso8601", R"("2026-03-01T18:30:00+09:00")") == moment);
  CHECK(updated("epoch_s", "1772357400") == moment);
  CHECK(updated("epoch_ms", R"("1772357400000")") == moment);
  CHECK(updated("epoch_us", "1772357400000000") == moment);
  CHECK(updated("date", R"("2026-03-01")") == "2026-03-01T00:00:00.000Z");
  CHECK(updated("date_time", R"("2026-03-01 09:30:00")") == moment);
  CHECK(updated("%Y-%m-%d %H:%M:%S %Z", R"("2026-03-01 09:30:00 KST")") == moment);
  CHECK(updated("date_time", R"("yesterday")") == "none");
}

TEST_CASE("a count that rises with each change serves as a cursor of changes") {
  const std::string lines =
      "    request: GET /items\n    params: {above: {type: integer}}\n    read: "
      "{id: /id, updated: {at: /seq, format: number}, since: {set: {above: "
      "'{since}'}, overlap: 5}}\n";
  Spoken sweep(lines);
  const PageRead read = sweep.read(R"([{"id":"a","seq":41},{"id":"b","seq":"42"}])");
  CHECK(epoch_ms(*read.page.records.at(1).updated) == 42);
  WalkStart start;
  start.kind = CycleKind::incremental;
  start.since = wall_from_ms(42 - 5);  // as the engine takes the overlap off
  CHECK(Spoken(lines, start).url() == "/items?above=37");
}

TEST_CASE("a span of time that must be given is open at its end") {
  const std::string lines =
      "    request: GET /items\n    params: {from: x, to: x}\n    read: {id: "
      "/id, updated: /u, since: {set: {from: '{since}'}, always: {from: "
      "'2000-01-01', to: '2100-01-01'}, format: date}}\n";
  CHECK(Spoken(lines).url() == "/items?from=2000-01-01&to=2100-01-01");
  CHECK(Spoken(lines, changes_since(kBound)).url() == "/items?from=2026-03-01&to=2100-01-01");
}

TEST_CASE("a window rolls with the clock") {
  WalkStart start;
  start.window = {{*parse_iso8601("2026-03-01T00:00:00Z"), *parse_iso8601("2026-03-08T00:00:00Z")}};
  Spoken walk(
      "    request: GET /items\n    params: {from: x, to: x}\n    read: {id: /id, window: "
      "{start: from, end: to, format: date, past: 1d, ahead: 6d, covers: /at}}\n",
      start);
  CHECK(walk.url() == "/items?from=2026-03-01&to=2026-03-08");
}

TEST_CASE("a status that says that there is nothing is no failure of a list") {
  Spoken walk("    request: GET /items\n    read: {id: /id, absent: [403, 404]}\n");
  CHECK(std::holds_alternative<ObjectAbsent>(walk.take(reply_of("{}", 403))));
  CHECK(std::holds_alternative<WalkFailure>(walk.take(reply_of("{}", 400))));
}

TEST_CASE("one field, a composite of several, or the whole record is its id") {
  const auto key = [](const std::string& id) {
    Spoken walk("    request: GET /items\n    read: {id: " + id + "}\n");
    return walk.keys(R"([{"a":"x","b":{"c":2}}])").at(0);
  };
  CHECK(key("/a") == "x");
  CHECK(key("[[/a, /b/c]]") == "x/2");
  CHECK(key("[]").size() == 32);
  CHECK(key("[/none, /a]") == "x");
}
