#include <doctest/doctest.h>

#include "polled_stream.h"

using namespace triggerd;

TEST_CASE("FET-16 a sweep that lacks most of what is known is suspicious") {
  struct Case {
    std::int64_t known, present;
    bool suspicious;
  };
  const Case cases[] = {{0, 0, false},     {1, 0, false},      {9, 0, false},      {10, 0, true},
                        {10, 4, true},     {10, 5, false},     {11, 5, true},      {11, 6, false},
                        {1000, 499, true}, {1000, 500, false}, {1000, 1000, false}};
  for (const Case& one : cases) {
    CAPTURE(one.known);
    CAPTURE(one.present);
    CHECK(sweep_is_suspicious({one.known, one.present}) == one.suspicious);
  }
}

TEST_CASE("FET-16 a record is removed only after two sweeps in a row that lack it") {
  const DetectRules rules = rules_for({});
  Seen row = row_of("a");
  CHECK(judge_missing(row, rules, std::nullopt) == MissingStep::wait);
  row.missing = 1;
  CHECK(judge_missing(row, rules, std::nullopt) == MissingStep::confirm);
}

TEST_CASE("FET-16 one sweep that has it again starts the count anew") {
  PolledStream stream;
  stream.poll({R"({"id":"a"})"});
  stream.seen["a"].missing = 1;
  const PageOutcome outcome = stream.poll({R"({"id":"a"})"});
  CHECK(outcome.unchanged == 1);
  CHECK(stream.seen["a"].missing == 0);
  CHECK(judge_missing(stream.seen["a"], stream.rules, std::nullopt) == MissingStep::wait);
}

TEST_CASE("FET-16 a record that the app still knows is asked about again, but not soon") {
  Seen row = known_elsewhere(row_of("a"));
  int sweeps = 0;
  while (judge_missing(row, rules_for({}), std::nullopt) == MissingStep::wait) {
    ++row.missing;
    ++sweeps;
  }
  CHECK(sweeps == kSweepsUntilAskedAgain);
  PolledStream stream;
  stream.poll({R"({"id":"a"})"});
  stream.seen["a"] = known_elsewhere(stream.seen["a"]);
  stream.poll({R"({"id":"a"})"});
  CHECK(stream.seen["a"].missing == 0);
}

TEST_CASE("DET-15 what left the window by time is forgotten, not removed") {
  struct Case {
    const char* what;
    std::optional<WallTime> at;
    MissingStep step;
  };
  const Case cases[] = {
      {"before the window", second(99), MissingStep::expired},
      {"at its start", second(100), MissingStep::confirm},
      {"inside", second(150), MissingStep::confirm},
      {"at its end", second(200), MissingStep::confirm},
      {"behind it, as the window became shorter", second(201), MissingStep::expired},
      {"at no known time", std::nullopt, MissingStep::confirm},
  };
  const auto window = std::pair{second(100), second(200)};
  for (const Case& one : cases) {
    CAPTURE(one.what);
    Seen row = row_of("a");
    row.at = one.at;
    row.missing = 1;
    CHECK(judge_missing(row, rules_for({}), window) == one.step);
  }
}
