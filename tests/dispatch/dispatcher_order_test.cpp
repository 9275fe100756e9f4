// Several runs at once: order of a record, endpoints, budgets, operations.
#include <doctest/doctest.h>

#include <set>

#include "dispatch/dispatch_world.h"
#include "fakes/log_recorder.h"
#include "triggerd/dispatch/dispatcher.h"

namespace triggerd {
namespace {

using nlohmann::json;
using testing::answered;
using testing::header_of;
using testing::hook;
using testing::http_of;
using testing::make_step;
using testing::send_end;
using testing::succeeded;
using testing::World;

TEST_CASE("the run of n is over before the run of n+1 starts (DSP-21, P8)") {
  World world({hook()});
  const std::int64_t first = world.add_event("r1", {{"v", 1}}, 1);
  const std::int64_t second = world.add_event("r1", {{"v", 2}}, 2);
  Send send = world.prepare_one();
  CHECK(send.attempt.run == first);
  world.take(send, send_end(SendClass::transient, 500));
  world.pass_until_due();
  send = world.prepare_one();
  CHECK(send.attempt.run == first);
  world.take(send, succeeded());
  CHECK(world.prepare_one().attempt.run == second);
}

TEST_CASE("a poison record blocks itself until it is dead, and nobody else (DSP-12)") {
  World world({hook()});
  const std::int64_t poison = world.add_event("bad", {}, 1);
  const std::int64_t behind = world.add_event("bad", {}, 2);
  const std::int64_t other = world.add_event("good");
  std::set<std::int64_t> sent;
  for (const Send& send : world.prepare()) {
    sent.insert(send.attempt.run);
    world.take(send,
               send.attempt.run == poison ? send_end(SendClass::permanent, 422) : succeeded());
  }
  CHECK(sent == std::set<std::int64_t>{poison, other});
  CHECK(world.run(other).state == "done");
  for (int attempt = 2; attempt <= 3; ++attempt) {
    world.pass(Millis{3'600'000});
    const Send send = world.prepare_one();
    CHECK(send.attempt.run == poison);
    world.take(send, send_end(SendClass::permanent, 422));
  }
  CHECK(world.prepare_one().attempt.run == behind);
}

TEST_CASE("two steps with the same URL are two deliveries with two keys (DSP-22)") {
  World world({hook(), hook()});
  world.add_event("r1");
  const Send first = world.prepare_one();
  world.take(first, succeeded());
  const Send second = world.prepare_one();
  CHECK(http_of(second).url == http_of(first).url);
  CHECK(second.attempt.key != first.attempt.key);
}

TEST_CASE("an endpoint's 410 ends that event at once and lets the others wait (DSP-08)") {
  recorded_log().clear();
  World world({make_step("webhook", {{"url", "https://gone.example/${{ .record.id }}"}})});
  const std::int64_t first = world.add_event("r1", {{"id", 1}});
  world.take(world.prepare_one(), send_end(SendClass::gone, 410));
  CHECK(world.run(first).state == "dead");
  CHECK(recorded_log().back().fact == "an endpoint is gone (410); its events wait");
  const std::int64_t second = world.add_event("r2", {{"id", 2}});
  CHECK(world.prepare().empty());
  CHECK(world.run(second).state == "waiting");
  world.pass(Millis{3'700'000});
  CHECK(world.prepare_one().attempt.run == second);
}

TEST_CASE("a stated wait holds that endpoint's events and no other's (DSP-09)") {
  World world({hook("https://slow.example/in")});
  world.add_event("r1");
  world.take(world.prepare_one(), send_end(SendClass::throttled, 429, Millis{30'000}));
  world.add_event("r2");
  world.steps = {hook("https://fine.example/in")};
  world.steps_hash = "steps-fine";
  world.add_event("r3");
  CHECK(http_of(world.prepare_one()).url == "https://fine.example/in");
  world.pass(Millis{29'999});
  CHECK(world.prepare().empty());
  world.pass(Millis{1'000});
  CHECK_FALSE(world.prepare().empty());
}

TEST_CASE("a slow endpoint does not fill the workers: a healthy one's events go at once (DSP-09)") {
  World world({hook("https://slow.example/in")});
  for (int i = 0; i < 200; ++i) world.add_event("slow" + std::to_string(i));
  CHECK(world.prepare().size() == kSendsPerEndpointMax);
  world.steps = {hook("https://fine.example/in")};
  world.steps_hash = "steps-fine";
  world.add_event("fine");
  world.pass(Millis{1});
  const auto sends = world.prepare();
  REQUIRE(sends.size() == 1);
  CHECK(sends.front().endpoint == "https://fine.example");
}

TEST_CASE("all events of a queue are delivered, with at most eight at once (DSP-10)") {
  World world({hook()});
  for (int i = 0; i < 60; ++i) world.add_event("r" + std::to_string(i));
  std::set<std::int64_t> done;
  for (int turn = 0; turn < 200 && done.size() < 60; ++turn) {
    const auto sends = world.prepare();
    CHECK(sends.size() <= kSendsPerEndpointMax);
    world.pass(Millis{5});
    for (const Send& send : sends) {
      CHECK(send.attempt.number == 1);
      world.take(send, succeeded());
      done.insert(send.attempt.run);
    }
    if (done.size() < 60) world.pass_until_due();
  }
  CHECK(done.size() == 60);
}

TEST_CASE("the workers are never more than sixty-four, over all endpoints") {
  World world({});
  for (int i = 0; i < 100; ++i) {
    world.steps = {hook("https://h" + std::to_string(i) + ".example/in")};
    world.steps_hash = "steps-" + std::to_string(i);
    world.add_event("r" + std::to_string(i));
  }
  CHECK(world.prepare().size() == kSendsInFlightMax);
  CHECK(world.prepare().empty());
  CHECK(world.dispatcher->in_flight() == kSendsInFlightMax);
}

TEST_CASE("when most endpoints fail, retries stay within their budget (DSP-23)") {
  World world({});
  constexpr int kRuns = 300;
  for (int i = 0; i < kRuns; ++i) {
    world.steps = {hook("https://h" + std::to_string(i) + ".example/in")};
    world.steps_hash = "steps-" + std::to_string(i);
    world.add_event("r" + std::to_string(i));
  }
  const auto fail_all = [&] {
    int sent = 0;
    for (auto sends = world.prepare(); !sends.empty(); sends = world.prepare()) {
      for (const Send& send : sends) world.take(send, send_end(SendClass::transient, 500));
      sent += static_cast<int>(sends.size());
    }
    return sent;
  };
  CHECK(fail_all() == kRuns);
  world.pass(Millis{5'000});  // every first retry is due by now
  const int retries = fail_all();
  CHECK(retries > 0);
  CHECK(retries <= 50 + 5 * 5);  // what was saved up, and five a second since
  world.pass(Millis{1'000});
  CHECK(fail_all() <= 5);
}

// ---- operations

Step note() {
  return make_step("crm.add_note", {{"contactId", "${{ .record.id }}"}, {"body", "hi"}});
}
Step deal() { return make_step("crm.upsert_deal", {{"name", "${{ .record.id }}"}}); }

TEST_CASE("an operation goes to its account with its credentials, and with no header of ours") {
  World world({deal()});
  const std::int64_t run = world.add_event("r1", {{"id", "c1"}});
  const Send send = world.prepare_one();
  const HttpRequest& request = http_of(send);
  CHECK(request.url == "https://crm.example/deals");
  CHECK(header_of(request, "Authorization") == "Bearer token-of-dental");
  CHECK(header_of(request, "Version") == "2021-07-28");
  CHECK(header_of(request, "X-Idempotency") == send.attempt.key);
  CHECK(json::parse(request.body) == json{{"name", "c1"}, {"locationId", "loc-dental"}});
  CHECK(request.pool == "pool-dental");
  CHECK(send.account == "dental");
  for (const HttpHeader& header : request.headers) {
    CHECK_FALSE(header.name.starts_with("X-Triggerd"));
    CHECK_FALSE(header.name.starts_with("webhook-"));
  }
  CHECK(world.step(run).request.find("token-of") == std::string::npos);
}

TEST_CASE("an operation without a key header gets none") {
  World world({note()});
  world.add_event("r1", {{"id", "c1"}});
  const Send send = world.prepare_one();
  CHECK(header_of(http_of(send), "Idempotency-Key") == "absent");
  CHECK(http_of(send).url == "https://crm.example/contacts/c1/notes");
}

TEST_CASE(
    "a write that may not be repeated is dead at its first refusal; a repeatable one tries on "
    "(DSP-07)") {
  World world({note()});
  const std::int64_t once = world.add_event("r1", {{"id", "c1"}});
  world.take(world.prepare_one(), send_end(SendClass::permanent, 422));
  CHECK(world.run(once).state == "dead");
  world.steps = {deal()};
  world.steps_hash = "steps-deal";
  const std::int64_t again = world.add_event("r2", {{"id", "c2"}});
  world.take(world.prepare_one(), send_end(SendClass::permanent, 422));
  CHECK(world.run(again).state == "waiting");
}

TEST_CASE("base URL and credentials are today's, the bytes are those of the first try (P6)") {
  World world({deal()});
  world.add_event("r1", {{"id", "c1"}});
  const Send first = world.prepare_one();
  world.take(first, send_end(SendClass::transient, 500));
  auto edited = testing::test_config();
  Account& account = edited->accounts.find("dental")->second;
  account.base_url = "https://new.example";
  account.keys["location_id"] = "loc-moved";
  account.secrets["token"] = Secret("token-renewed");
  world.dispatcher->use_config(edited);
  world.pass(Millis{60'000});
  const Send second = world.prepare_one();
  CHECK(http_of(second).url == "https://new.example/deals");
  CHECK(header_of(http_of(second), "Authorization") == "Bearer token-renewed");
  CHECK(http_of(second).body == http_of(first).body);
}

TEST_CASE("an account that was removed buries its steps with the reason") {
  World world({deal()});
  const std::int64_t run = world.add_event("r1", {{"id", "c1"}});
  auto edited = testing::test_config();
  edited->accounts.erase("dental");
  world.dispatcher->use_config(edited);
  CHECK(world.prepare().empty());
  CHECK(world.step(run).error == "with.account: there is no account dental any more");
}

TEST_CASE("an account's budget is shared: what it does not allow now waits for it (DSP-19)") {
  World world({deal()});
  RateLimit limit;
  limit.requests = 3;
  limit.per = Millis{10'000};
  world.gates.emplace("dental", RateGate({limit}, {}, 8));
  for (int i = 0; i < 5; ++i) world.add_event("r" + std::to_string(i), {{"id", i}});
  const auto sends = world.prepare();
  CHECK(sends.size() == 3);  // counted within one call, although nobody has told the gate yet
  for (const Send& send : sends) {
    world.gates.at(send.account).started(Claim::action, world.wall, world.steady);
    world.gates.at(send.account).finished(answered(200), world.wall, world.steady);
    world.take(send, succeeded());
  }
  world.pass(Millis{9'999});
  CHECK(world.prepare().empty());
  world.pass(Millis{1'000});
  CHECK(world.prepare().size() == 2);
}

TEST_CASE("an answer of the app decides: its sign of success, its refusal, its words") {
  World world({deal()});
  world.add_event("r1", {{"id", "c1"}});
  const Send send = world.prepare_one();
  const auto read = [&](int status, const std::string& body) {
    return world.dispatcher->read_answer(send, answered(status, body));
  };
  CHECK(read(200, R"({"ok":true})").end == SendClass::succeeded);
  CHECK(read(200, R"({"ok":false})").end == SendClass::permanent);
  CHECK(read(401, "{}").end == SendClass::auth);
  const SendEnd echo = read(422, R"({"message":"bad token-of-dental"})");
  CHECK(echo.end == SendClass::permanent);
  CHECK(echo.reason.find("token-of-dental") == std::string::npos);
}

}  // namespace
}  // namespace triggerd
