#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;

namespace {

// A record that was seen at second 100 with v = 1 and found removed at second 1000.
PolledStream stream_without_a(const Watching& watching = {}) {
  PolledStream stream(watching);
  stream.poll({R"({"id":"a","created":50,"v":1})"});
  stream.remove("a", second(1000));
  stream.mode.now = second(2000);
  return stream;
}

}  // namespace

TEST_CASE("DET-12 a record that comes back unchanged is revived without an event") {
  PolledStream stream = stream_without_a();
  const PageOutcome back = stream.poll({R"({"id":"a","created":50,"v":1})"});
  CHECK(back.detections.empty());
  CHECK(back.rows.size() == 1);
  CHECK_FALSE(stream.seen["a"].gone.has_value());
  CHECK(stream.seen["a"].missing == 0);
  CHECK(stream.seen["a"].n == 2);
  CHECK(kinds_of(stream.poll({R"({"id":"a","created":50,"v":2})"})) == "changed a n3");
}

TEST_CASE("DET-12 a record that comes back in another state has changed") {
  PolledStream stream = stream_without_a();
  const PageOutcome back = stream.poll({R"({"id":"a","created":50,"v":2})"});
  CHECK(kinds_of(back) == "changed a n3");
  CHECK(changes_of(back) == "/v: ? -> 2");
  CHECK_FALSE(stream.seen["a"].gone.has_value());
}

TEST_CASE("DET-12 the tombstone holds for thirty days and no longer") {
  PolledStream stream = stream_without_a();
  stream.mode.now = second(1000) + kTombstoneLife;
  CHECK(stream.poll({R"({"id":"a","created":50,"v":1})"}).detections.empty());
  stream.remove("a", second(1000));
  stream.mode.now += Millis{1};
  CHECK(kinds_of(stream.poll({R"({"id":"a","created":50,"v":1})"})) == "created a n4");
}

TEST_CASE("DET-11 another record under a removed record's id is new") {
  struct Case {
    const char* what;
    const char* record;
    const char* yields;
  };
  const Case cases[] = {
      {"made after the removal", R"({"id":"a","created":1001,"v":1})", "created a n3"},
      {"made between removal and its discovery", R"({"id":"a","created":600,"v":1})",
       "created a n3"},
      {"the old one", R"({"id":"a","created":50,"v":1})", ""},
      {"without a stamp", R"({"id":"a","v":1})", "changed a n3"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    PolledStream stream = stream_without_a();
    CHECK(kinds_of(stream.poll({one.record})) == one.yields);
  }
}

TEST_CASE("DET-11 another record under the same id begins its own time") {
  PolledStream stream = stream_without_a();
  stream.poll({R"({"id":"a","created":1500,"v":9})"});
  CHECK(stream.seen["a"].first_seen == second(2000));
  CHECK(stream.seen["a"].created == second(1500));
}

TEST_CASE("what is no list comes back as new, whatever its state") {
  for (const Shape shape : {Shape::object, Shape::map, Shape::value, Shape::text, Shape::binary}) {
    PolledStream stream = stream_without_a({.shape = shape});
    CHECK(kinds_of(stream.poll({R"({"id":"a","created":50,"v":1})"})) == "created a n3");
  }
}

TEST_CASE("a removed record tells what is remembered and leaves a tombstone") {
  PolledStream stream({.watch = {"/v"}, .remembered = {"/name", "/who/email"}});
  stream.poll({R"({"id":"a","updated":7,"v":1,"name":"Ann","who":{"email":"a@b.c","x":1}})"});
  stream.seen["a"].missing = 1;
  const auto [detection, row] = removed_detection(stream.seen["a"], stream.rules, second(9));
  CHECK(detection.kind == DetectionKind::removed);
  CHECK(detection.n == 2);
  CHECK(detection.key == "a");
  CHECK(detection.fingerprint == stream.seen["a"].fingerprint);
  CHECK(compact_json(detection.record) == R"({"name":"Ann","v":1,"who":{"email":"a@b.c"}})");
  CHECK(detection.previous == detection.record);
  CHECK(row.gone == second(9));
  CHECK(row.n == 2);
  CHECK(row.missing == 0);
}

TEST_CASE("the record of a removal is never null") {
  PolledStream stream({.remember = Remember::fingerprint});
  stream.poll({R"({"id":"a","v":1})"});
  const auto [detection, row] = removed_detection(stream.seen["a"], stream.rules, second(9));
  CHECK(detection.record == nlohmann::json::object());
  CHECK(detection.previous.is_null());
}
