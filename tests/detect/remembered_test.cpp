#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;
using nlohmann::json;

namespace {

Seen row_for(const Watching& watching, const std::string& record) {
  PolledStream stream(watching);
  return stream.poll({record}).rows.at(0);
}

}  // namespace

TEST_CASE("remembered fields keep their values, all others a hash") {
  const Seen row = row_for({.remembered = {"/name", "/who/email", "/none"}},
                           R"({"id":"a","name":"Ann","who":{"email":"e","x":1}})");
  const json kept = json::parse(row.remembered);
  CHECK(kept["v"] == json{{"/name", "Ann"}, {"/who/email", "e"}});
  REQUIRE(kept["h1"].size() == 2);
  CHECK(kept["h1"]["/id"].get<std::string>().size() == 16);
  CHECK(kept["h1"].contains("/who"));
  CHECK(remembered_value(row, "/who/email") == "e");
  CHECK(remembered_value(row, "/who/x").is_null());
  CHECK(remembered_record(row) == json{{"name", "Ann"}, {"who", {{"email", "e"}}}});
}

TEST_CASE("what is watched is remembered, and what is not is not") {
  const Seen row = row_for({.watch = {"/v"}}, R"({"id":"a","v":{"x":1},"w":2})");
  CHECK(json::parse(row.remembered) == json{{"v", {{"/v", {{"x", 1}}}}}});
  CHECK(remembered_value(row, "/v/x") == 1);
}

TEST_CASE("remember: fingerprint keeps hashes and no value") {
  const Seen row =
      row_for({.watch = {"/v"}, .remembered = {"/name"}, .remember = Remember::fingerprint},
              R"({"id":"a","v":"secret","name":"Ann"})");
  CHECK(row.remembered.find("secret") == std::string::npos);
  CHECK(row.remembered.find("Ann") == std::string::npos);
  CHECK(remembered_value(row, "/v").is_null());
  CHECK(remembered_record(row) == json::object());
}

TEST_CASE("remember: record keeps it whole, what is left out included") {
  const Seen row = row_for({.left_out = {"/trace"}, .remember = Remember::record},
                           R"({"id":"a","trace":1,"list":[{"x":null}]})");
  CHECK(remembered_record(row) == json::parse(R"({"id":"a","trace":1,"list":[{"x":null}]})"));
  CHECK(remembered_value(row, "/list/0") == json{{"x", nullptr}});
}

TEST_CASE("DET-15 a long value is kept as a hash, so that rows stay small") {
  const auto with_text = [](std::size_t bytes) {
    return R"({"id":"a","v":")" + std::string(bytes - 2, 'x') + "\"}";
  };
  CHECK(row_for({.watch = {"/v"}}, with_text(4096)).remembered.size() > 4096);
  const Seen row = row_for({.watch = {"/v"}}, with_text(4097));
  CHECK(row.remembered.size() < 64);
  CHECK(remembered_value(row, "/v").is_null());
}

TEST_CASE("DET-15 a record with thirty plain fields takes less than 1,200 bytes in its row") {
  json record = {{"id", "a"}};
  for (int i = 0; i < 30; ++i) {
    record["fieldNumber" + std::to_string(i)] = std::string(200, 'x');
  }
  CHECK(row_for({}, record.dump()).remembered.size() < 1200);
}

TEST_CASE("a text that is empty or broken remembers nothing") {
  for (const char* text : {"", "{", "[]", "5", R"({"v":5,"h1":[]})"}) {
    CAPTURE(text);
    Seen row = row_of("a");
    row.remembered = text;
    CHECK(remembered_value(row, "/v").is_null());
    CHECK(remembered_record(row) == json::object());
  }
}

TEST_CASE("changes name the field, with the old value where it is remembered") {
  struct Case {
    const char* what;
    Watching watching;
    const char* before;
    const char* after;
    const char* changes;
  };
  const Case cases[] = {
      {"all fields, by hash",
       {},
       R"({"id":1,"a":1,"b":1})",
       R"({"id":1,"a":2,"b":1})",
       "/a: ? -> 2"},
      {"a remembered one",
       {.remembered = {"/a"}},
       R"({"id":1,"a":1,"b":1})",
       R"({"id":1,"a":2,"b":2})",
       "/a: 1 -> 2, /b: ? -> 2"},
      {"added", {}, R"({"id":1})", R"({"id":1,"a":{"b":1}})", R"(/a: null -> {"b":1})"},
      {"taken away",
       {.remembered = {"/a"}},
       R"({"id":1,"a":1,"b":1})",
       R"({"id":1})",
       "/a: 1 -> null, /b: ? -> null"},
      {"remembered inside of another",
       {.remembered = {"/who/email"}},
       R"({"id":1,"who":{"email":"e","x":1}})",
       R"({"id":1,"who":{"email":"f","x":1}})",
       R"(/who: ? -> {"email":"f","x":1}, /who/email: "e" -> "f")"},
      {"watched ones alone",
       {.watch = {"/a", "/b/c"}},
       R"({"id":1,"a":1,"b":{"c":1},"d":1})",
       R"({"id":1,"a":1,"b":{"c":2},"d":2})",
       "/b/c: 1 -> 2"},
      {"the whole record is remembered",
       {.remember = Remember::record},
       R"({"id":1,"a":[1],"b":1})",
       R"({"id":1,"a":[2],"c":1})",
       "/a: [1] -> [2], /b: 1 -> null, /c: null -> 1"},
      {"hashes alone",
       {.watch = {"/a"}, .remember = Remember::fingerprint},
       R"({"id":1,"a":1})",
       R"({"id":1,"a":2})",
       "/a: ? -> 2"},
      {"not what is left out",
       {.left_out = {"/t", "/b/t"}},
       R"({"id":1,"t":1,"b":{"t":1},"c":1})",
       R"({"id":1,"t":2,"b":{"t":2},"c":2})",
       "/c: ? -> 2"},
      {"not what is left out, though it is remembered",
       {.left_out = {"/t"}, .remembered = {"/t"}},
       R"({"id":1,"t":1,"c":1})",
       R"({"id":1,"t":2,"c":2})",
       "/c: ? -> 2"},
      {"names with a slash", {}, R"({"id":1,"a/b":1})", R"({"id":1,"a/b":2})", "/a~1b: ? -> 2"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    PolledStream stream(one.watching);
    stream.poll({one.before});
    const PageOutcome outcome = stream.poll({one.after});
    CHECK(kinds_of(outcome) == "changed 1 n2");
    CHECK(changes_of(outcome) == one.changes);
  }
}

TEST_CASE("previous is what is remembered of the last version, null when that is nothing") {
  PolledStream named({.remembered = {"/name"}});
  CHECK(named.poll({R"({"id":1,"name":"Ann"})"}).detections.at(0).previous.is_null());
  CHECK(named.poll({R"({"id":1,"name":"Bea"})"}).detections.at(0).previous ==
        json{{"name", "Ann"}});
  PolledStream hashed({.remember = Remember::fingerprint});
  hashed.poll({R"({"id":1,"name":"Ann"})"});
  CHECK(hashed.poll({R"({"id":1,"name":"Bea"})"}).detections.at(0).previous.is_null());
}

TEST_CASE("a value that is no object changes as a whole") {
  PolledStream stream({.shape = Shape::value});
  stream.poll({"[1]"});
  CHECK(changes_of(stream.poll({"[1,2]"})) == ": ? -> [1,2]");
  CHECK(changes_of(stream.poll({R"({"a":1})"})) == R"(: ? -> {"a":1})");
}
