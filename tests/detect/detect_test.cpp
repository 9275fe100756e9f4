#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;
using nlohmann::json;

TEST_CASE("DET-01 P3 a baseline makes rows and no detections, page by page") {
  PolledStream stream;
  constexpr int kPages = 50, kPerPage = 100;
  for (int page = 0; page < kPages; ++page) {
    std::vector<std::string> records;
    for (int i = 0; i < kPerPage; ++i) {
      records.push_back(R"({"id":)" + std::to_string(page * kPerPage + i) + R"(,"created":5})");
    }
    const PageOutcome outcome = stream.baseline(records);
    CHECK(outcome.detections.empty());
    CHECK(outcome.rows.size() == kPerPage);
  }
  CHECK(stream.seen.size() == kPages * kPerPage);
  CHECK(stream.seen.at("4999").n == 0);
}

TEST_CASE("DET-02 what was created after the first baseline answer is an event") {
  struct Case {
    const char* what;
    const char* record;
    const char* yields;
  };
  const Case cases[] = {
      {"before", R"({"id":"a","created":999})", ""},
      {"in the very second of the answer", R"({"id":"a","created":1000})", ""},
      {"one second later", R"({"id":"a","created":1001})", "created a n1"},
      {"without a stamp", R"({"id":"a"})", ""},
      {"far in the future, which is a mistake", R"({"id":"a","created":900000})", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    PolledStream stream;
    stream.mode.mode = PollMode::baseline;
    stream.mode.t0 = second(1000);
    stream.mode.server_time = second(1060);
    CHECK(kinds_of(stream.poll({one.record})) == one.yields);
    CHECK(stream.seen.at("a").n == (*one.yields == '\0' ? 0 : 1));
  }
}

TEST_CASE("a record that changes while the baseline is read stays known without an event") {
  PolledStream stream;
  stream.baseline({R"({"id":"a","v":1})"});
  CHECK(kinds_of(stream.baseline({R"({"id":"a","v":2})"})).empty());
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":2})"})).empty());
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":3})"})) == "changed a n1");
}

TEST_CASE("P9 a record that had events is taken as known again when its stream begins anew") {
  PolledStream stream;
  stream.baseline({R"({"id":"a","v":1})"});
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":2})"})) == "changed a n1");
  // What a new beginning leaves of it: its number, and that it is no longer known.
  stream.seen.at("a").gone = WallTime{};
  stream.mode.t0 = second(1000);
  CHECK(kinds_of(stream.baseline({R"({"id":"a","v":3})"})).empty());
  CHECK(kinds_of(stream.baseline({R"({"id":"a","v":4})"})).empty());
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":5})"})) == "changed a n2");
}

TEST_CASE("P1 a page that is read again yields nothing") {
  PolledStream stream;
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":1})", R"({"id":"b","v":1})"})) ==
        "created a n1, created b n1");
  const PageOutcome again = stream.poll({R"({"id":"a","v":1})", R"({"id":"b","v":1})"});
  CHECK(again.detections.empty());
  CHECK(again.rows.empty());
  CHECK(again.unchanged == 2);
}

TEST_CASE(
    "DET-03 DET-04 a state that appears below the watermark is detected and its lateness told") {
  PolledStream stream;
  stream.baseline({R"({"id":"a","updated":100,"v":1})"});
  stream.watermark = second(1000);
  const PageOutcome outcome =
      stream.poll({R"({"id":"b","updated":940,"v":1})", R"({"id":"c","updated":400,"v":1})",
                   R"({"id":"d","updated":1500,"v":1})"});
  CHECK(kinds_of(outcome) == "created b n1, created c n1, created d n1");
  CHECK(outcome.lateness == Millis{600'000});
}

TEST_CASE("DET-03 what is known or in time has no lateness") {
  PolledStream stream;
  stream.baseline({R"({"id":"a","updated":100})"});
  stream.watermark = second(1000);
  CHECK_FALSE(stream.poll({R"({"id":"a","updated":100})", R"({"id":"b","updated":1000})"})
                  .lateness.has_value());
  stream.mode.mode = PollMode::backfill;
  CHECK_FALSE(stream.poll({R"({"id":"c","updated":100})"}).lateness.has_value());
}

TEST_CASE("DET-05 P4 an older version than the known one is ignored and counted") {
  PolledStream stream;
  stream.poll({R"({"id":"a","updated":100,"v":1})"});
  stream.poll({R"({"id":"a","updated":200,"v":2})"});
  const PageOutcome stale = stream.poll({R"({"id":"a","updated":100,"v":1})"});
  CHECK(stale.detections.empty());
  CHECK(stale.rows.empty());
  CHECK(stale.stale == 1);
  CHECK(kinds_of(stream.poll({R"({"id":"a","updated":200,"v":2})"})).empty());
  CHECK(kinds_of(stream.poll({R"({"id":"a","updated":201,"v":3})"})) == "changed a n3");
}

TEST_CASE("DET-05 a stale read of a missing record still shows that it is there") {
  PolledStream stream;
  stream.poll({R"({"id":"a","updated":200,"v":2})"});
  stream.seen["a"].missing = 1;
  CHECK(stream.poll({R"({"id":"a","updated":100,"v":1})"}).stale == 1);
  CHECK(stream.seen["a"].missing == 0);
  CHECK(stream.seen["a"].updated == second(200));
}

TEST_CASE("PAR-09 a version stamp from the future does not make all later versions look old") {
  PolledStream stream;
  stream.mode.server_time = second(1000);
  stream.poll({R"({"id":"a","updated":9000000,"v":1})"});
  CHECK(kinds_of(stream.poll({R"({"id":"a","updated":1000,"v":2})"})) == "changed a n2");
}

TEST_CASE("PAR-09 the newest stamp never passes the server's time") {
  PolledStream stream;
  stream.mode.server_time = second(1000);
  CHECK(
      stream.poll({R"({"id":"a","updated":900})", R"({"id":"b","updated":9000})", R"({"id":"c"})"})
          .newest == second(1000));
  CHECK(stream.poll({R"({"id":"a","updated":900})", R"({"id":"d","updated":700})"}).newest ==
        second(900));
  CHECK_FALSE(stream.poll({R"({"id":"c"})"}).newest.has_value());
}

TEST_CASE("DET-06 DET-07 each state that was seen counts, also one that was there before") {
  PolledStream stream;
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":"A"})"})) == "created a n1");
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":"B"})"})) == "changed a n2");
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":"A"})"})) == "changed a n3");
  CHECK(kinds_of(stream.poll({R"({"id":"a","v":"A"})"})).empty());
}

TEST_CASE("DET-07 a record that stands twice on a page is read in order") {
  PolledStream stream;
  const PageOutcome outcome = stream.poll(
      {R"({"id":"a","v":1})", R"({"id":"a","v":1})", R"({"id":"a","v":2})", R"({"id":"b"})"});
  CHECK(kinds_of(outcome) == "created a n1, changed a n2, created b n1");
  CHECK(changes_of(outcome) == "/v: ? -> 2");
  REQUIRE(outcome.rows.size() == 2);
  CHECK(outcome.rows[0].n == 2);
}

TEST_CASE("DET-08 two versions with one stamp are two states") {
  PolledStream stream;
  stream.poll({R"({"id":"a","updated":100,"v":1})"});
  CHECK(kinds_of(stream.poll({R"({"id":"a","updated":100,"v":2})"})) == "changed a n2");
}

TEST_CASE("DET-09 content that changes without its stamp is a change") {
  PolledStream stream({.watch = {"/tags"}});
  stream.baseline({R"({"id":"a","updated":100,"tags":["x"]})"});
  stream.watermark = second(500);
  const PageOutcome outcome = stream.poll({R"({"id":"a","updated":100,"tags":["x","y"]})"});
  CHECK(kinds_of(outcome) == "changed a n1");
  CHECK(changes_of(outcome) == R"(/tags: ["x"] -> ["x","y"])");
}

TEST_CASE("DET-10 a newer stamp without a watched change renews the row and nothing else") {
  PolledStream stream({.watch = {"/v"}, .remembered = {"/name"}});
  stream.mode.now = second(50);
  stream.poll({R"({"id":"a","updated":100,"v":1,"name":"Ann"})"});
  stream.mode.now = second(60);
  const PageOutcome outcome = stream.poll({R"({"id":"a","updated":200,"v":1,"name":"Bea"})"});
  CHECK(outcome.detections.empty());
  CHECK(outcome.unchanged == 1);
  CHECK(stream.seen["a"].updated == second(200));
  CHECK(stream.seen["a"].first_seen == second(50));
  CHECK(stream.seen["a"].n == 1);
  CHECK(remembered_value(stream.seen["a"], "/name") == "Bea");
  CHECK(stream.poll({R"({"id":"a","updated":200,"v":1,"name":"Bea"})"}).rows.empty());
}

TEST_CASE("PAR-10 PAR-12 PAR-13 keys in another order, nulls and shuffled tags are no change") {
  PolledStream stream({.unordered = {"/tags"}});
  stream.poll({R"({"id":"a","v":1,"tags":["x","y"]})"});
  CHECK(stream.poll({R"({"tags":["y","x"],"v":1.0,"id":"a","gone":null})"}).detections.empty());
  CHECK(changes_of(stream.poll({R"({"id":"a","v":1,"tags":["y"]})"})) == R"(/tags: ? -> ["y"])");
}

TEST_CASE("PAR-08 a value that becomes another type is a change") {
  PolledStream stream({.watch = {"/v"}});
  stream.poll({R"({"id":"a","v":"1"})"});
  CHECK(changes_of(stream.poll({R"({"id":"a","v":1})"})) == R"(/v: "1" -> 1)");
  CHECK(changes_of(stream.poll({R"({"id":"a","v":[1]})"})) == "/v: 1 -> [1]");
  CHECK(changes_of(stream.poll({R"({"id":"a"})"})) == "/v: [1] -> null");
}

TEST_CASE("PAR-05 PAR-14 one bad record is set aside and the others are read") {
  PolledStream stream;
  std::vector<std::string> records;
  for (int i = 0; i < 99; ++i) {
    records.push_back(R"({"id":)" + std::to_string(i) + "}");
  }
  const std::string filler(kOddRawBytesMax, 'x');
  records.insert(records.begin() + 50, R"({"id":"bad","v":1,"v":2,"long":")" + filler + "\"}");
  const PageOutcome outcome = stream.poll(records);
  CHECK(outcome.created == 99);
  CHECK_FALSE(outcome.page_broken);
  REQUIRE(outcome.odd.size() == 1);
  CHECK(outcome.odd[0].key == "bad");
  CHECK(outcome.odd[0].reason == "duplicate key in an object");
  CHECK(outcome.odd[0].raw.size() == kOddRawBytesMax);
  CHECK(stream.seen.count("bad") == 0);
}

TEST_CASE("PAR-05 a bad record leaves its row and the newest stamp alone") {
  PolledStream stream;
  stream.poll({R"({"id":"a","updated":100,"v":1})"});
  const PageOutcome outcome = stream.poll({R"({"id":"a","updated":200,"v":1,"v":2})"});
  CHECK(outcome.rows.empty());
  CHECK_FALSE(outcome.newest.has_value());
}

TEST_CASE("P3 a page with a record that is no JSON yields nothing at all") {
  PolledStream stream;
  const PageOutcome outcome = stream.poll({R"({"id":"b","updated":5})", R"({"id":"1", "v": nul})"});
  CHECK(outcome.page_broken);
  CHECK(outcome.detections.empty());
  CHECK(outcome.rows.empty());
  CHECK_FALSE(outcome.newest.has_value());
  CHECK(stream.seen.empty());
}

TEST_CASE("a backfill makes an event of each record that never had one") {
  PolledStream stream;
  stream.baseline({R"({"id":"a","v":1})"});
  stream.poll({R"({"id":"b","v":1})"});
  stream.mode.mode = PollMode::backfill;
  const std::vector<std::string> all = {R"({"id":"a","v":1})", R"({"id":"b","v":1})",
                                        R"({"id":"c","v":1})"};
  CHECK(kinds_of(stream.poll(all)) == "created a n1, created c n1");
  CHECK(kinds_of(stream.poll(all)).empty());
}

TEST_CASE("what comes into view because the window moved is known without an event") {
  struct Case {
    const char* what;
    const char* record;
    const char* yields;
  };
  const Case cases[] = {
      {"it was in the last window", R"({"id":"a","at":999})", "created a n1"},
      {"it lay at the last window's end", R"({"id":"a","at":1000})", ""},
      {"it was made before the last walk", R"({"id":"a","at":1010,"created":499})", ""},
      {"it was made since", R"({"id":"a","at":1010,"created":500})", "created a n1"},
      {"it does not say when it happens", R"({"id":"a"})", "created a n1"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    PolledStream stream;
    stream.mode.previous_window_end = second(1000);
    stream.mode.previous_walk = second(500);
    CHECK(kinds_of(stream.poll({one.record})) == one.yields);
    CHECK(stream.seen.count("a") == 1);
  }
}

TEST_CASE("P3 P4 in random histories each detection is a state that was on the page, in order") {
  std::uint64_t random = 20;
  const auto below = [&](std::uint64_t limit) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random >> 33) % limit;
  };
  PolledStream stream;
  std::map<std::string, std::vector<std::string>> history;  // versions by key, oldest first
  std::map<std::string, std::int64_t> last_n, last_stamp;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const std::string key = std::to_string(below(20));
    auto& versions = history[key];
    if (versions.empty() || below(2) == 0) {
      versions.push_back(R"({"id":")" + key + R"(","updated":)" + std::to_string(round) +
                         R"(,"v":)" + std::to_string(below(3)) + "}");
    }
    const bool replica_lags = below(4) == 0;
    const std::string& sent = replica_lags ? versions[below(versions.size())] : versions.back();
    for (const Detection& detection : stream.poll({sent}).detections) {
      CHECK(detection.record == json::parse(sent));
      CHECK(detection.n == ++last_n[key]);
      CHECK(epoch_ms(*detection.updated) >= last_stamp[key]);
      last_stamp[key] = epoch_ms(*detection.updated);
    }
  }
  CHECK(stream.seen.size() == 20);
}

TEST_CASE("a stamp that is no version may go back: the record is as it is, not as it was") {
  for (const bool versioned : {true, false}) {
    CAPTURE(versioned);
    PolledStream stream;
    stream.rules.versioned = versioned;
    stream.mode.server_time = second(1000);
    stream.baseline({R"({"id":"a","v":1,"updated":900})"});
    CHECK(kinds_of(stream.poll({R"({"id":"a","v":2,"updated":800})"})) ==
          (versioned ? "" : "changed a n1"));
  }
}

TEST_CASE("whether a stamp is a version comes from the operation and is no new rule") {
  Operation operation;
  operation.read.emplace();
  Trigger trigger;
  trigger.operation = &operation;
  const DetectRules rising = detect_rules(trigger);
  operation.read->updated.version = false;
  const DetectRules falling = detect_rules(trigger);
  CHECK(rising.versioned);
  CHECK_FALSE(falling.versioned);
  CHECK(rising.rule == falling.rule);
}
