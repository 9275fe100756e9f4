#include "triggerd/detect/event.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "polled_stream.h"

using namespace triggerd;
using nlohmann::json;

namespace {

EventPlace place() {
  EventPlace at;
  at.instance = "i1";
  at.trigger = "hot-leads";
  at.account = "dental";
  at.account_view = {{"name", "dental"}, {"connector", "highlevel"}};
  at.item = json::object();
  at.stream_name = "hot-leads/dental/{}";
  at.now = wall_from_ms(1'772'357'400'000);
  return at;
}

Detection detection() {
  Detection one;
  one.key = "c1";
  one.n = 3;
  one.kind = DetectionKind::changed;
  one.fingerprint = 77;
  one.record = {{"id", "c1"}, {"v", 2}};
  one.previous = {{"v", 1}};
  one.changes = {{"/v", 1, 2, true, {}}, {"/w", json(json::value_t::discarded), 3, false, "0"}};
  return one;
}

}  // namespace

TEST_CASE("P6 the same detection has the same id whenever it is computed") {
  EventPlace later = place();
  later.now += Millis{5'000};
  later.account_view = {{"name", "renamed"}};
  CHECK(event_id(later, detection()) == event_id(place(), detection()));
  CHECK(event_id(place(), detection()).size() == 30);
  CHECK(event_id(place(), detection()).substr(0, 4) == "evt_");
  CHECK(event_id(place(), detection()).find_first_not_of("abcdefghijklmnopqrstuvwxyz234567_") ==
        std::string::npos);
}

TEST_CASE("P1 whatever makes a detection another one gives another id") {
  std::set<std::string> ids{event_id(place(), detection())};
  const auto add = [&](const std::function<void(EventPlace&, Detection&)>& edit) {
    EventPlace at = place();
    Detection one = detection();
    edit(at, one);
    CHECK(ids.insert(event_id(at, one)).second);
  };
  add([](EventPlace& at, Detection&) { at.instance = "i2"; });
  add([](EventPlace& at, Detection&) { at.stream_name = "hot-leads/other/{}"; });
  add([](EventPlace&, Detection& one) { one.key = "c2"; });
  add([](EventPlace&, Detection& one) { one.n = 4; });
  add([](EventPlace&, Detection& one) { one.fingerprint = 78; });
  add([](EventPlace& at, Detection& one) {
    at.stream_name += "c";
    one.key = "1";
  });
}

TEST_CASE("the event's object is what filters and steps read") {
  Operation operation;
  operation.full_name = "highlevel.search_contacts";
  Trigger trigger;
  trigger.operation = &operation;
  const json object = event_object(place(), trigger, detection());
  CHECK(object == json::parse(R"({
    "record": {"id": "c1", "v": 2},
    "previous": {"v": 1},
    "changes": [{"field": "/v", "from": 1, "to": 2}, {"field": "/w", "to": 3}],
    "event": {"id": ")" + event_id(place(), detection()) +
                              R"(", "key": "c1", "kind": "changed", "n": 3,
              "detected_at": "2026-03-01T09:30:00.000Z"},
    "trigger": {"id": "hot-leads", "operation": "highlevel.search_contacts"},
    "account": {"name": "dental", "connector": "highlevel"},
    "item": {}, "steps": {}})"));
}

TEST_CASE("kinds have the names that users write") {
  Detection one = detection();
  for (const auto& [kind, name] :
       {std::pair{DetectionKind::created, "new"}, std::pair{DetectionKind::changed, "changed"},
        std::pair{DetectionKind::removed, "removed"}}) {
    one.kind = kind;
    CHECK(event_object(place(), Trigger{}, one)["event"]["kind"] == name);
  }
}
