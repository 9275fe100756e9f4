#include <doctest/doctest.h>

#include "polled_stream.h"
#include "triggerd/detect/event.h"

using namespace triggerd;
using nlohmann::json;

namespace {

Decision decide_on(const Trigger& trigger, const Detection& detection, const ExpressionPool& pool) {
  EventPlace place;
  return decide(trigger, detection, event_object(place, trigger, detection), pool);
}

Verdict verdict_on(const Trigger& trigger, const Detection& detection) {
  const ExpressionPool pool;
  return decide_on(trigger, detection, pool).verdict;
}

Detection of_kind(DetectionKind kind) {
  Detection one;
  one.kind = kind;
  one.record = {{"id", "a"}};
  return one;
}

// What the detections of a record's versions come to, one word each; a version that is no detection
// has "-".
std::string verdicts(Trigger trigger, const std::vector<std::string>& versions) {
  PolledStream stream;
  stream.rules = detect_rules(trigger);
  std::string text;
  for (const std::string& version : versions) {
    const PageOutcome outcome = stream.poll({version});
    text += text.empty() ? "" : ", ";
    text += outcome.detections.empty() ? "-" : to_text(verdict_on(trigger, outcome.detections[0]));
  }
  return text;
}

Trigger with_transition(std::optional<json> from, std::optional<json> to) {
  Trigger trigger;
  trigger.transition = Transition{"/deal/status", std::move(from), std::move(to)};
  return trigger;
}

std::string status(const char* value) {
  return std::string(R"({"id":"a","deal":{"status":)") + value + "}}";
}

}  // namespace

TEST_CASE("a kind that the trigger does not name does not fire") {
  Trigger trigger;
  CHECK(verdict_on(trigger, of_kind(DetectionKind::created)) == Verdict::fired);
  CHECK(verdict_on(trigger, of_kind(DetectionKind::changed)) == Verdict::fired);
  CHECK(verdict_on(trigger, of_kind(DetectionKind::removed)) == Verdict::kind_off);
  trigger.detect_new = false;
  trigger.detect_changed = false;
  trigger.detect_removed = true;
  CHECK(verdict_on(trigger, of_kind(DetectionKind::created)) == Verdict::kind_off);
  CHECK(verdict_on(trigger, of_kind(DetectionKind::changed)) == Verdict::kind_off);
  CHECK(verdict_on(trigger, of_kind(DetectionKind::removed)) == Verdict::fired);
}

TEST_CASE("a transition fires only when the last seen value was the one it comes from") {
  const std::vector<std::string> deal = {
      status("\"open\""), status("\"won\""),  status("\"lost\""),
      status("\"won\""),  status("\"open\""), R"({"id":"a","deal":{"status":"open"},"x":1})"};
  CHECK(verdicts(with_transition("open", "won"), deal) ==
        "no transition, fired, no transition, no transition, no transition, no transition");
  CHECK(verdicts(with_transition(std::nullopt, "won"), deal) ==
        "no transition, fired, no transition, fired, no transition, no transition");
  CHECK(verdicts(with_transition("won", std::nullopt), deal) ==
        "no transition, no transition, fired, no transition, fired, no transition");
  CHECK(verdicts(with_transition(std::nullopt, std::nullopt), deal) ==
        "fired, fired, fired, fired, fired, no transition");
}

TEST_CASE("a new record makes a transition only when that comes from anywhere") {
  CHECK(verdicts(with_transition("open", "won"), {status("\"won\"")}) == "no transition");
  CHECK(verdicts(with_transition(nullptr, "won"), {status("\"won\"")}) == "no transition");
  CHECK(verdicts(with_transition(std::nullopt, "won"), {status("\"won\"")}) == "fired");
  CHECK(verdicts(with_transition(std::nullopt, std::nullopt), {R"({"id":"a"})"}) ==
        "no transition");
}

TEST_CASE("a transition from or to null means a missing value") {
  CHECK(verdicts(with_transition(nullptr, "won"), {R"({"id":"a"})", status("\"won\"")}) ==
        "no transition, fired");
  CHECK(verdicts(with_transition("won", nullptr), {status("\"won\""), R"({"id":"a"})"}) ==
        "no transition, fired");
}

TEST_CASE("a transition is seen whatever is watched and remembered") {
  for (const Remember remember : {Remember::fingerprint, Remember::fields, Remember::record}) {
    for (const auto& watch : {std::vector<std::string>{}, std::vector<std::string>{"/other"}}) {
      Trigger trigger = with_transition("open", "won");
      trigger.remember = remember;
      trigger.watch = watch;
      CHECK(verdicts(trigger, {status("\"open\""), status("\"won\"")}) == "no transition, fired");
      CHECK(verdicts(trigger, {status("\"lost\""), status("\"won\"")}) ==
            "no transition, no transition");
    }
  }
}

TEST_CASE("a removal is no transition") {
  Trigger trigger = with_transition("open", std::nullopt);
  trigger.detect_removed = true;
  CHECK(verdict_on(trigger, of_kind(DetectionKind::removed)) == Verdict::no_transition);
}

TEST_CASE("DET-17 a filter must give exactly one value; an error is kept with its reason") {
  struct Case {
    const char* when;
    Verdict verdict;
    const char* reason;  // a part of it
  };
  const Case cases[] = {
      {".record.v == 1", Verdict::fired, ""},
      {".record.v", Verdict::fired, ""},
      {"0", Verdict::fired, ""},
      {"\"\"", Verdict::fired, ""},
      {".record.v == 2", Verdict::filtered, ""},
      {".record.missing", Verdict::filtered, ""},
      {"empty", Verdict::filtered, ""},
      {".record.tags[]", Verdict::filter_error, "gave 2 values"},
      {".record.v | length | error(\"odd\")", Verdict::filter_error, "odd"},
      {".record.v.deeper", Verdict::filter_error, "number"},
      {".record.tags | index(\"hot\")", Verdict::fired, ""},
      {".previous.v", Verdict::filtered, ""},
      {".event.kind == \"new\"", Verdict::fired, ""},
  };
  ExpressionPool pool;
  std::vector<ExpressionId> ids;
  for (const Case& one : cases) {
    ids.push_back(pool.add(one.when));
  }
  REQUIRE(pool.compile().empty());
  Detection detection = of_kind(DetectionKind::created);
  detection.record = {{"id", "a"}, {"v", 1}, {"tags", {"cold", "hot"}}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    CAPTURE(cases[i].when);
    Trigger trigger;
    trigger.when = ids[i];
    const Decision decision = decide_on(trigger, detection, pool);
    CHECK(to_text(decision.verdict) == to_text(cases[i].verdict));
    CHECK(decision.reason.find(cases[i].reason) != std::string::npos);
    CHECK(decision.reason.empty() == (decision.verdict != Verdict::filter_error));
  }
}

TEST_CASE("kind and transition are judged before the filter runs") {
  ExpressionPool pool;
  Trigger trigger = with_transition("open", "won");
  trigger.when = pool.add("error(\"must not run\")");
  REQUIRE(pool.compile().empty());
  CHECK(decide_on(trigger, of_kind(DetectionKind::created), pool).verdict ==
        Verdict::no_transition);
  trigger.detect_new = false;
  CHECK(decide_on(trigger, of_kind(DetectionKind::created), pool).verdict == Verdict::kind_off);
}
