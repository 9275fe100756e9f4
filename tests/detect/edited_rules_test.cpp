#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;

namespace {

constexpr const char* kBefore = R"({"id":1,"a":1,"b":1,"c":{"d":1,"e":1}})";

}  // namespace

TEST_CASE("REL-04 an edited watch list renews rows silently") {
  const Watching lists[] = {{},
                            {.watch = {"/a"}},
                            {.watch = {"/a", "/b"}},
                            {.watch = {"/c/d"}},
                            {.left_out = {"/b"}},
                            {.unordered = {"/c"}},
                            {.remember = Remember::fingerprint},
                            {.remember = Remember::record}};
  for (const Watching& before : lists) {
    for (const Watching& after : lists) {
      PolledStream stream(before);
      stream.poll({kBefore});
      stream.edit(after);
      CHECK(stream.poll({kBefore}).detections.empty());
      CHECK(stream.seen["1"].rule == stream.rules.rule);
      CHECK(stream.poll({kBefore}).rows.empty());
      CHECK(kinds_of(stream.poll({R"({"id":1,"a":2,"b":2,"c":{"d":2,"e":2}})"})) == "changed 1 n2");
    }
  }
}

TEST_CASE("REL-04 after an edit a change in what was watched before and after still fires") {
  struct Case {
    const char* what;
    Watching before, after;
    const char* record;
    const char* changes;
  };
  const Case cases[] = {
      {"a common field",
       {.watch = {"/a", "/b"}},
       {.watch = {"/a", "/c"}},
       R"({"id":1,"a":2,"b":1,"c":{"d":1,"e":1}})",
       "/a: 1 -> 2"},
      {"only what is watched no more",
       {.watch = {"/a", "/b"}},
       {.watch = {"/a"}},
       R"({"id":1,"a":1,"b":2,"c":{"d":1,"e":1}})",
       ""},
      {"only what was not watched",
       {.watch = {"/a"}},
       {.watch = {"/a", "/b"}},
       R"({"id":1,"a":1,"b":2,"c":{"d":1,"e":1}})",
       ""},
      {"from all to one",
       {},
       {.watch = {"/a"}},
       R"({"id":1,"a":2,"b":1,"c":{"d":1,"e":1}})",
       "/a: ? -> 2"},
      {"from all to one, another moved",
       {},
       {.watch = {"/a"}},
       R"({"id":1,"a":1,"b":2,"c":{"d":1,"e":1}})",
       ""},
      {"from one to all",
       {.watch = {"/a"}},
       {},
       R"({"id":1,"a":2,"b":2,"c":{"d":1,"e":1}})",
       "/a: 1 -> 2"},
      {"from a field to a part of it",
       {.watch = {"/c"}},
       {.watch = {"/c/d"}},
       R"({"id":1,"a":1,"b":1,"c":{"d":2,"e":1}})",
       "/c/d: 1 -> 2"},
      {"from a field to a part of it, its neighbour moved",
       {.watch = {"/c"}},
       {.watch = {"/c/d"}},
       R"({"id":1,"a":1,"b":1,"c":{"d":1,"e":2}})",
       ""},
      {"from a part to the field",
       {.watch = {"/c/d"}},
       {.watch = {"/c"}},
       R"({"id":1,"a":1,"b":1,"c":{"d":1,"e":2}})",
       ""},
      {"from all to a part whose old value is not known",
       {},
       {.watch = {"/c/d"}},
       R"({"id":1,"a":1,"b":1,"c":{"d":2,"e":1}})",
       ""},
      {"the common field is gone",
       {.watch = {"/a"}},
       {.watch = {"/a", "/b"}},
       R"({"id":1,"b":1,"c":{"d":1,"e":1}})",
       "/a: 1 -> null"},
      {"a watched field that was missing came",
       {.watch = {"/x"}},
       {.watch = {"/x", "/a"}},
       R"({"id":1,"a":1,"x":5})",
       "/x: null -> 5"},
      {"remember more",
       {},
       {.remember = Remember::record},
       R"({"id":1,"a":2,"b":1,"c":{"d":1,"e":1}})",
       "/a: ? -> 2"},
      {"remember less",
       {.remember = Remember::record},
       {.remember = Remember::fingerprint},
       R"({"id":1,"a":2,"b":1,"c":{"d":1,"e":1}})",
       "/a: 1 -> 2"},
      {"a field is ignored now",
       {},
       {.left_out = {"/b"}},
       R"({"id":1,"a":1,"b":2,"c":{"d":1,"e":1}})",
       ""},
      {"a field was ignored then",
       {.left_out = {"/b"}},
       {},
       R"({"id":1,"a":1,"b":2,"c":{"d":1,"e":1}})",
       ""},
      {"a part was ignored then",
       {.left_out = {"/c/e"}},
       {},
       R"({"id":1,"a":1,"b":1,"c":{"d":1,"e":2}})",
       ""},
      {"a part is ignored now",
       {},
       {.left_out = {"/c/e"}},
       R"({"id":1,"a":1,"b":1,"c":{"d":1,"e":2}})",
       ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    PolledStream stream(one.before);
    stream.poll({kBefore});
    stream.edit(one.after);
    const PageOutcome outcome = stream.poll({one.record});
    CHECK(changes_of(outcome) == one.changes);
    CHECK(kinds_of(outcome) == (*one.changes == '\0' ? "" : "changed 1 n2"));
    CHECK(stream.poll({one.record}).rows.empty());
  }
}

TEST_CASE(
    "UPG-03 a row of an unknown rule or of another hash version is renewed without an event") {
  PolledStream stream({.watch = {"/a"}, .remember = Remember::fingerprint});
  stream.poll({kBefore});
  Seen& row = stream.seen["1"];
  SUBCASE("a rule that nobody knows any more") { row.rule = 77; }
  SUBCASE("hashes of another version") {
    row.rule = 77;
    row.fingerprint = 1;
    row.remembered = R"({"h0":{"/a":"0123456789abcdef"}})";
    stream.rules.earlier_watch[77] = {"/a"};
  }
  CHECK(stream.poll({R"({"id":1,"a":2})"}).detections.empty());
  CHECK(kinds_of(stream.poll({R"({"id":1,"a":3})"})) == "changed 1 n2");
}
