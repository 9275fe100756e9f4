// Faults that need no socket: which requests they hit, and what they do to an answer.
#include <doctest/doctest.h>

#include <algorithm>

#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const Request kWorkflows = {.path = "/workflows/?locationId=" + std::string(kFirstLocation)};
const Request kSearch = {.method = "POST",
                         .path = "/contacts/search",
                         .body = {{"locationId", kFirstLocation},
                                  {"pageLimit", 5},
                                  {"sort", {{{"field", "dateUpdated"}, {"direction", "asc"}}}}}};

TEST_CASE("a fault hits `count` answers of its operation after letting `after` pass") {
  World60 world;
  world.fault("list_workflows", "status", {{"status", 503}, {"count", 2}, {"after", 1}});
  CHECK(world.send(kWorkflows).status == 200);
  CHECK(world.send(kSearch).status == 200);
  CHECK(world.send(kWorkflows).status == 503);
  CHECK(world.last_line()["fault"] == "status");
  CHECK(world.last_line()["records"].empty());
  CHECK(world.send(kWorkflows).status == 503);
  CHECK(world.send(kWorkflows).status == 200);
  CHECK(world.last_line()["fault"].is_null());
}

TEST_CASE("a fault with count -1 lasts until it is cleared") {
  World60 world;
  world.fault("*", "forbidden", {{"count", -1}});
  for (int i = 0; i < 5; ++i) CHECK(world.send(kWorkflows).status == 403);
  world.control("DELETE", "/faults");
  CHECK(world.send(kWorkflows).status == 200);
}

TEST_CASE("a fault can be tied to a part of the path") {
  World60 world;
  const json contacts = world.records("contacts");
  const std::string hit = contacts[0]["id"];
  const std::string spared = contacts[1]["id"];
  world.fault("get_contact", "status", {{"path_contains", hit}, {"count", -1}});
  CHECK(world.send({.path = "/contacts/" + spared}).status == 200);
  CHECK(world.send({.path = "/contacts/" + hit}).status == 500);
}

TEST_CASE("a throttled answer carries Retry-After as given, or none (FET-14)") {
  World60 world;
  world.fault("list_workflows", "throttle", {{"retry_after", "next Tuesday"}});
  const Seen garbage = world.send(kWorkflows);
  CHECK(garbage.status == 429);
  CHECK(header_of(garbage.reply, "Retry-After") == "next Tuesday");
  world.fault("list_workflows", "throttle");
  CHECK(header_of(world.send(kWorkflows).reply, "Retry-After").empty());
}

TEST_CASE("answers carry the sandbox's date, or the one that a fault gives (PAR-09)") {
  World60 world;
  world.advance(3);
  CHECK(header_of(world.send(kWorkflows).reply, "Date") == "Mon, 16 Nov 2026 12:00:03 GMT");
  world.fault("list_workflows", "status", {{"headers", {{"Date", "yesterday"}}}});
  CHECK(header_of(world.send(kWorkflows).reply, "Date") == "yesterday");
}

TEST_CASE("answers that are no page: html, empty, null, {} (FET-15)") {
  World60 world;
  const auto body = [&](const char* kind) {
    world.fault("list_workflows", kind);
    const Seen seen = world.send(kWorkflows);
    CHECK(seen.status == 200);
    return seen.reply.body;
  };
  CHECK(body("html").starts_with("<!DOCTYPE html>"));
  CHECK(body("empty_body").empty());
  CHECK(body("null_body") == "null");
  CHECK(body("empty_object") == "{}");
}

TEST_CASE("an empty list keeps the envelope (FET-16)") {
  World60 world;
  world.fault("list_workflows", "empty_list");
  const Seen seen = world.send(kWorkflows);
  CHECK(seen.body["workflows"] == json::array());
  CHECK(world.last_line()["records"].empty());
}

TEST_CASE("broken JSON does not parse, doubled members do and hide nothing from the log") {
  World60 world;
  world.fault("list_workflows", "invalid_json");
  CHECK(world.send(kWorkflows).body.is_discarded());
  world.fault("list_workflows", "duplicate_keys");
  const std::string text = world.send(kWorkflows).reply.body;
  CHECK(text.starts_with("{\"workflows\":[],"));
  CHECK(world.last_line()["records"].size() == 5);
}

TEST_CASE("deep nesting, huge bodies and bombs have the size asked for (FET-07, FET-08)") {
  World60 world;
  world.fault("list_workflows", "deep_nesting", {{"depth", 300}});
  const std::string deep = world.send(kWorkflows).reply.body;
  CHECK(std::count(deep.begin(), deep.end(), '[') == 300);
  world.fault("list_workflows", "huge_body", {{"bytes", 1000}});
  CHECK(world.send(kWorkflows).reply.body.size() > 1000);
  world.fault("list_workflows", "gzip_bomb", {{"bytes", 10'000'000}});
  const Reply bomb = world.send(kWorkflows).reply;
  CHECK(bomb.body.size() < 100'000);
  CHECK(header_of(bomb, "Content-Encoding") == "gzip");
}

TEST_CASE("a redirect names its target (FET-10)") {
  World60 world;
  world.fault("list_workflows", "redirect", {{"status", 307}, {"location", "http://evil/"}});
  const Seen seen = world.send(kWorkflows);
  CHECK(seen.status == 307);
  CHECK(header_of(seen.reply, "Location") == "http://evil/");
}

TEST_CASE("a repeated cursor is the one that was sent (PAG-05)") {
  World60 world;
  Request request = kSearch;
  request.body["searchAfter"] = {0, "a"};
  world.fault("search_contacts", "repeat_cursor");
  const Seen seen = world.send(request);
  CHECK(seen.body["contacts"].back()["searchAfter"] == request.body["searchAfter"]);
}

TEST_CASE("an offset list that repeats answers its first page for any offset (PAG-05)") {
  World60 world;
  const std::string path =
      "/businesses/?limit=2&locationId=" + std::string(kFirstLocation) + "&skip=";
  world.fault("list_businesses_by_location", "repeat_cursor", {{"count", 2}});
  const Seen first = world.send({.path = path + "0"});
  const Seen second = world.send({.path = path + "2"});
  CHECK(first.body["businesses"] == second.body["businesses"]);
}

TEST_CASE("endless pages are full and always have one more (PAG-07)") {
  World60 world;
  world.fault("search_contacts", "endless_cursor", {{"count", -1}});
  Request request = kSearch;
  request.body["searchAfter"] = {kStart * 2, "zzz"};  // past the last contact
  const Seen first = world.send(request);
  const Seen second = world.send(request);
  CHECK(first.body["contacts"].size() == 5);
  CHECK(first.body["contacts"].back()["searchAfter"] !=
        second.body["contacts"].back()["searchAfter"]);
}

TEST_CASE("shuffled records and keys are the same records to the log (PAR-10)") {
  World60 world;
  world.send(kSearch);
  json plain = world.last_line()["records"];
  world.fault("search_contacts", "shuffle");
  world.send(kSearch);
  json shuffled = world.last_line()["records"];
  std::sort(plain.begin(), plain.end());
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(plain == shuffled);
}

TEST_CASE("records of a wrong location have another location and other ids (FET-23)") {
  World60 world;
  const Seen right = world.send(kWorkflows);
  world.fault("list_workflows", "wrong_location");
  const Seen wrong = world.send(kWorkflows);
  CHECK(wrong.body["workflows"][0]["locationId"] != kFirstLocation);
  CHECK(wrong.body["workflows"][0]["id"] != right.body["workflows"][0]["id"]);
}

TEST_CASE("a stale answer shows the state before the last change (DET-05)") {
  World60 world;
  const Seen before = world.send(kWorkflows);
  world.advance(5);
  world.control("POST", "/mutate",
                {{"location", kFirstLocation}, {"op", "auto"}, {"kind", "workflow_version"}});
  world.fault("list_workflows", "stale");
  const Seen stale = world.send(kWorkflows);
  const Seen fresh = world.send(kWorkflows);
  CHECK(stale.body["workflows"] == before.body["workflows"]);
  CHECK(fresh.body["workflows"] != before.body["workflows"]);
}

TEST_CASE("a bad id spoils one record only (PAR-07)") {
  World60 world;
  world.fault("list_workflows", "bad_id");
  const json none = world.send(kWorkflows).body["workflows"];
  CHECK(none[0]["id"].is_null());
  CHECK(none[1]["id"].is_string());
  world.fault("list_workflows", "bad_id", {{"value", {{"a", 1}}}});
  CHECK(world.send(kWorkflows).body["workflows"][0]["id"] == json{{"a", 1}});
}

TEST_CASE("a future date lies a year ahead in the operation's own format (PAR-09)") {
  World60 world;
  const json right = world.send(kWorkflows).body["workflows"][0];
  world.fault("list_workflows", "future_date");
  const json wrong = world.send(kWorkflows).body["workflows"][0];
  const auto stamp = parse_iso(right["updatedAt"].get<std::string>());
  CHECK(wrong["updatedAt"] == iso_utc(*stamp + 365 * kDay));
  CHECK(wrong["id"] == right["id"]);
}

TEST_CASE("a replaced write has no effect, a lost answer has (DSP-01)") {
  World60 world;
  const Request write = {.method = "POST",
                         .path = "/contacts/upsert",
                         .body = {{"locationId", kFirstLocation}, {"email", "x@lost.example"}}};
  world.fault("upsert_contact", "status", {{"status", 500}});
  world.send(write);
  CHECK(world.records("contacts").size() == 60);
  world.fault("upsert_contact", "lost_after_effect");
  world.send(write);
  CHECK(world.records("contacts").size() == 61);
  CHECK(world.last_line()["complete"] == false);
}

TEST_CASE("the sink answers, remembers, and can be told to fail") {
  World60 world;
  Call call;
  call.method = "PUT";
  call.path = "/sink/orders";
  call.headers["x-note"] = "one";
  call.body = "{\"a\":1}";
  CHECK(world.sandbox.answer(call).status == 200);
  CHECK(world.last_line()["type"] == "sink");
  CHECK(world.last_line()["body"] == "{\"a\":1}");
  CHECK(world.last_line()["headers"]["x-note"] == "one");
  world.fault("sink", "status", {{"status", 503}});
  CHECK(world.sandbox.answer(call).status == 503);
  CHECK(world.last_line()["fault"] == "status");
}

TEST_CASE("a fault of an unknown kind is refused") {
  World60 world;
  CHECK(world.control("POST", "/faults", {{"operation", "*"}, {"kind", "gremlin"}}).status == 400);
  CHECK(world.control("POST", "/faults", {{"kind", "hang"}}).status == 400);
}

}  // namespace
}  // namespace triggerd::sandbox::tests
