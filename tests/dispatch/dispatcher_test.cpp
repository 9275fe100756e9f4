// The life of one run: steps in order, attempts, answers, dead letters.
#include "triggerd/dispatch/dispatcher.h"

#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"
#include "fakes/log_recorder.h"
#include "triggerd/dispatch/signature.h"

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

TEST_CASE("a run walks its steps in order and ends as done") {
  World world({hook("https://a.example/1"), hook("https://a.example/2")});
  const std::int64_t run = world.add_event("r1");
  const Send first = world.prepare_one();
  CHECK(http_of(first).url == "https://a.example/1");
  CHECK(world.prepare().empty());  // the second waits for the first
  world.take(first, succeeded());
  const Send second = world.prepare_one();
  CHECK(http_of(second).url == "https://a.example/2");
  world.take(second, succeeded());
  CHECK(world.run(run).state == "done");
  CHECK(world.prepare().empty());
  CHECK(world.dispatcher->in_flight() == 0);
}

TEST_CASE("an attempt is in the database, with its bytes, before it can be sent (P7)") {
  World world({hook()});
  const std::int64_t run = world.add_event("r1", {{"id", 7}});
  const Send send = world.prepare_one();
  const StepRow row = world.step(run);
  CHECK(row.state == StepState::sending);
  CHECK(row.attempts == 1);
  CHECK(send.attempt.number == 1);
  CHECK(json::parse(row.request)["body"] == http_of(send).body);
  CHECK(world.dispatcher->busy_runs() == std::vector<std::int64_t>{run});
}

TEST_CASE("an answer is what later steps see as .steps.<id>") {
  Step first = hook();
  first.id = "lead";
  World world({first, make_step("log", {{"message", "made ${{ .steps.lead.id }}"}})});
  const std::int64_t run = world.add_event("r1");
  const Send send = world.prepare_one();
  world.take(send, world.dispatcher->read_answer(send, answered(201, R"({"id":"d9"})")));
  const Send line = world.prepare_one();
  CHECK(std::get<LogSend>(line.what).message == "made d9");
  CHECK(std::get<LogSend>(line.what).trigger == "hot");
  world.take(line, succeeded("{}"));
  CHECK(world.run(run).state == "done");
  CHECK(world.step(run, 1).answer == R"({"message":"made d9"})");
}

TEST_CASE(
    "what fails for a moment is sent again with the same key and bytes, later (DSP-03, DSP-04)") {
  World world({hook()});
  const std::int64_t run = world.add_event("r1", {{"id", 7}});
  const Send first = world.prepare_one();
  world.take(first, send_end(SendClass::transient, 500));
  CHECK(world.step(run).state == StepState::waiting);
  CHECK(world.prepare().empty());
  const auto due = world.dispatcher->next_due(*world.database, world.wall);
  REQUIRE(due.has_value());
  world.pass(*due - world.wall - Millis{1});
  CHECK(world.prepare().empty());
  world.pass(Millis{1});
  const Send second = world.prepare_one();
  CHECK(second.attempt.number == 2);
  CHECK(second.attempt.key == first.attempt.key);
  CHECK(http_of(second).body == http_of(first).body);
}

TEST_CASE("each try is signed anew over the same bytes, with the secret of its time (DSP-15, P6)") {
  Step step = hook();
  step.with["secret"] = "${env:HOOK}";
  World world({step});
  world.add_event("r1");
  const Send first = world.prepare_one();
  const HttpRequest before = http_of(first);
  CHECK(header_of(before, "webhook-signature") ==
        webhook_signature(first.attempt.key, world.wall, before.body,
                          Secret(world.variables["HOOK"])));
  world.take(first, send_end(SendClass::transient, 500));
  world.set_variable("HOOK", "the-secret-after-its-rotation");
  world.pass(Millis{60'000});
  const Send second = world.prepare_one();
  const HttpRequest& after = http_of(second);
  CHECK(after.body == before.body);
  CHECK(header_of(after, "webhook-id") == header_of(before, "webhook-id"));
  CHECK(header_of(after, "webhook-timestamp") != header_of(before, "webhook-timestamp"));
  CHECK(header_of(after, "webhook-signature") ==
        webhook_signature(second.attempt.key, world.wall, after.body,
                          Secret("the-secret-after-its-rotation")));
  CHECK(world.step(1).request.find("whsec_") == std::string::npos);
}

TEST_CASE("an edit of the steps does not touch a run that is under way (P6)") {
  World world({hook("https://a.example/old")});
  const std::int64_t run = world.add_event("r1");
  world.steps = {hook("https://a.example/new")};
  world.steps_hash = "steps-2";
  world.dispatcher->use_config(testing::test_config());
  CHECK(http_of(world.prepare_one()).url == "https://a.example/old");
  CHECK(world.run(run).steps_hash == "steps-1");
}

TEST_CASE("a write is not repeated with the values that make repeating it unsafe") {
  for (const bool again : {false, true}) {
    CAPTURE(again);
    Step step = make_step("crm.upsert_deal", {{"name", "n"}, {"again", again}});
    step.account = "dental";
    World world({step});
    const std::int64_t run = world.add_event("r1");
    const Send send = world.prepare_one();
    HttpReply reply = answered(200);
    reply.failure = HttpFailure::too_large;  // it may have been done
    const SendEnd unclear = world.dispatcher->read_answer(send, reply);
    CHECK(unclear.end == (again ? SendClass::permanent : SendClass::transient));
    world.take(send, send_end(SendClass::permanent, 422));
    CHECK(world.run(run).state == (again ? "dead" : "waiting"));
  }
}

TEST_CASE("a later step sees the part of an answer that the operation names, else the whole") {
  for (const char* body : {R"({"note":{"id":"d9"},"traceId":"t"})", R"({"id":"d9"})"}) {
    CAPTURE(body);
    Step first = make_step("crm.add_note", {{"contactId", "c"}, {"body", "b"}});
    first.account = "dental";
    first.id = "lead";
    World world({first, make_step("log", {{"message", "made ${{ .steps.lead.id }}"}})});
    world.add_event("r1");
    const Send send = world.prepare_one();
    world.take(send, world.dispatcher->read_answer(send, answered(201, body)));
    CHECK(std::get<LogSend>(world.prepare_one().what).message == "made d9");
  }
}

TEST_CASE(
    "a refused step is tried three times and then lies in the dead letters (DSP-07, DSP-13)") {
  World world({hook(), hook("https://h.example/never")});
  const std::int64_t run = world.add_event("r1");
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const Send send = world.prepare_one();
    CHECK(send.attempt.number == attempt);
    world.take(send, send_end(SendClass::permanent, 422));
    world.pass(Millis{3'600'000});
  }
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "dead");
  CHECK(world.step(run).state == StepState::dead);
  CHECK(world.step(run).error == "HTTP 422");
  CHECK(world.step(run, 1).state == StepState::waiting);  // never reached
  CHECK_FALSE(world.dispatcher->next_due(*world.database, world.wall).has_value());
}

TEST_CASE(
    "what fails for 72 hours is tried until then, and then lies in the dead letters (DSP-10)") {
  World world({hook()});
  const std::int64_t run = world.add_event("r1");
  const WallTime start = world.wall;
  world.take(world.prepare_one(), send_end(SendClass::transient, 503));
  world.pass(kRetryHorizon - Millis{1});
  world.take(world.prepare_one(), send_end(SendClass::transient, 503));
  CHECK(world.run(run).state == "waiting");
  world.pass_until_due();
  CHECK(world.wall > start + kRetryHorizon);
  world.take(world.prepare_one(), send_end(SendClass::transient, 503));
  CHECK(world.run(run).state == "dead");
  CHECK(world.step(run).attempts == 3);
}

TEST_CASE("a dead letter that is retried keeps its key, and its attempts count on (DSP-13)") {
  World world({hook()});
  const std::int64_t run = world.add_event("r1");
  const Send first = world.prepare_one();
  world.take(first, send_end(SendClass::gone, 410));
  REQUIRE(world.run(run).state == "dead");
  world.database->begin();
  CHECK(retry_dead(*world.database, "all", false, {}, world.wall) == 1);
  world.database->commit();
  world.dispatcher->use_config(world.config);  // the endpoint's rest ends
  const Send again = world.prepare_one();
  CHECK(again.attempt.key == first.attempt.key);
  CHECK(again.attempt.number == 2);
}

TEST_CASE("a template error sends nothing and gives its reason (DSP-20)") {
  Step step = hook();
  step.with["body"] = {{"n", "${{ .record.name + 1 }}"}};
  World world({step});
  const std::int64_t run = world.add_event("r1", {{"name", "Ann"}});
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "dead");
  CHECK(world.step(run).error.starts_with("with.body.n: "));
  CHECK(world.step(run).attempts == 0);
}

TEST_CASE("with `on_error: continue` a dead step lets the run go on to the next") {
  Step broken = hook();
  broken.with["body"] = "${{ .record.name + 1 }}";
  broken.continue_on_error = true;
  Step refused = hook("https://a.example/refused");
  refused.continue_on_error = true;
  refused.retry.attempts = 1;
  World world({broken, refused, hook("https://a.example/last")});
  const std::int64_t run = world.add_event("r1", {{"name", "Ann"}});
  const Send second = world.prepare_one();
  CHECK(http_of(second).url == "https://a.example/refused");
  world.take(second, send_end(SendClass::permanent, 400));
  const Send third = world.prepare_one();
  CHECK(http_of(third).url == "https://a.example/last");
  world.take(third, succeeded());
  CHECK(world.step(run, 0).state == StepState::dead);
  CHECK(world.step(run, 1).state == StepState::dead);
  CHECK(world.step(run, 2).state == StepState::succeeded);
  CHECK(world.run(run).state == "dead");  // where an operator sees what failed
}

TEST_CASE("`when` false, null or nothing skips a step; an error or two values bury it") {
  const auto state_with = [](const std::string& when) {
    Step step = hook();
    step.when = when;
    World world({step});
    const std::int64_t run = world.add_event("r1", {{"hot", true}});
    const bool sent = !world.prepare().empty();
    const StepRow row = world.step(run);
    CHECK(sent == (row.state == StepState::sending));
    return std::pair(row.state, row.error);
  };
  CHECK(state_with(".record.hot").first == StepState::sending);
  CHECK(state_with(".record.hot | not").first == StepState::skipped);
  CHECK(state_with(".record.none").first == StepState::skipped);
  CHECK(state_with("empty").first == StepState::skipped);
  CHECK(state_with("0").first == StepState::sending);
  CHECK(state_with("true, false") ==
        std::pair(StepState::dead, std::string("when: gives several values")));
  CHECK(state_with(".record.hot | error").first == StepState::dead);
}

TEST_CASE("a run whose steps are all skipped is done") {
  Step step = hook();
  step.when = "false";
  World world({step});
  const std::int64_t run = world.add_event("r1");
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "done");
}

TEST_CASE("`each` runs a step once per value, with a key and attempts of its own") {
  Step each =
      make_step("webhook", {{"url", "https://h.example/in"}, {"body", {{"v", "${{ .each.v }}"}}}});
  each.id = "items";
  each.each = ".record.list";
  World world({each, make_step("log", {{"message", "${{ .steps.items | map(.ok) | tojson }}"}})});
  const std::int64_t run = world.add_event("r1", {{"list", json::array({{{"v", 1}}, {{"v", 2}}})}});
  const Send first = world.prepare_one();
  CHECK(http_of(first).body == R"({"v":1})");
  world.take(first, send_end(SendClass::transient, 500));
  world.pass_until_due();
  const Send again = world.prepare_one();
  CHECK(again.attempt.number == 2);
  world.take(again, succeeded(R"({"ok":"a"})"));
  const Send second = world.prepare_one();
  CHECK(http_of(second).body == R"({"v":2})");
  CHECK(second.attempt.number == 1);
  CHECK(second.attempt.key != first.attempt.key);
  world.take(second, succeeded(R"({"ok":"b"})"));
  const Send line = world.prepare_one();
  CHECK(std::get<LogSend>(line.what).message == R"(["a","b"])");
  world.take(line, succeeded());
  CHECK(world.run(run).state == "done");
}

TEST_CASE("`each` over nothing skips the step; over no list, or too long a one, it is dead") {
  const auto run_with = [](const std::string& each, const json& record) {
    Step step = hook();
    step.each = each;
    World world({step});
    const std::int64_t run = world.add_event("r1", record);
    CHECK(world.prepare().empty());
    return std::pair(world.run(run).state, world.step(run).error);
  };
  CHECK(run_with(".record.list", {{"list", json::array()}}).first == "done");
  CHECK(run_with(".record.list", {{"list", 5}}).second == "each: must give one list");
  CHECK(run_with(".record.none", json::object()).second == "each: must give one list");
  CHECK(run_with("[range(1001)]", json::object()).second == "each: the list is above 1000 values");
}

TEST_CASE("what is missing at send time alone is a try that failed, and names no value") {
  Step step = hook();
  step.with["headers"] = {{"Authorization", "Bearer ${env:GONE}"}};
  World world({step});
  const std::int64_t run = world.add_event("r1");
  const std::vector<Send> sends = world.prepare();
  REQUIRE(sends.size() == 1);
  CHECK(sends[0].attempt.number == 1);
  CHECK(std::get<NotReady>(sends[0].what).reason ==
        "with.headers.Authorization: the environment variable GONE is not set");
  CHECK(world.run(run).state != "dead");
}

TEST_CASE("a secret in a header is read at send time, marked, and never stored") {
  Step step = hook();
  step.with["headers"] = {{"Authorization", "Bearer ${env:TOKEN}"}};
  World world({step});
  world.set_variable("TOKEN", "s3cr3t-token");
  const std::int64_t run = world.add_event("r1");
  const Send send = world.prepare_one();
  for (const HttpHeader& header : http_of(send).headers) {
    if (header.name != "Authorization") continue;
    CHECK(header.value == "Bearer s3cr3t-token");
    CHECK(header.secret);
  }
  CHECK(world.step(run).request.find("s3cr3t") == std::string::npos);
  const SendEnd end = world.dispatcher->read_answer(send, answered(400, "no: Bearer s3cr3t-token"));
  CHECK(end.reason.find("s3cr3t") == std::string::npos);
}

TEST_CASE("headers of a webhook name key, attempt and event") {
  World world({hook()});
  world.add_event("r1");
  const Send send = world.prepare_one();
  const HttpRequest& request = http_of(send);
  CHECK(header_of(request, "Idempotency-Key") == send.attempt.key);
  CHECK(header_of(request, "X-Triggerd-Event") == "evt_r11");
  CHECK(header_of(request, "X-Triggerd-Attempt") == "1");
  CHECK(header_of(request, "Content-Type") == "application/json");
  CHECK(header_of(request, "webhook-signature") == "absent");
  CHECK(request.limits.total == std::chrono::milliseconds(30'000));
}

TEST_CASE(
    "an exec step gets key, attempt, event, trigger and record, and little else (S-23, DSP-16)") {
  World world({make_step("exec", {{"command", json::array({"/bin/run", "-x"})},
                                  {"env", {{"TOKEN", "${env:HOOK}"}}}})});
  const std::int64_t run = world.add_event("r1", {{"name", "; rm -rf /"}});
  const Send send = world.prepare_one();
  const auto& program = std::get<SpawnRequest>(send.what);
  CHECK(program.argv == std::vector<std::string>{"/bin/run", "-x"});
  const std::map<std::string, std::string> variables(program.environment.begin(),
                                                     program.environment.end());
  CHECK(variables.size() == 8);
  CHECK(variables.at("TRIGGERD_KEY") == send.attempt.key);
  CHECK(variables.at("TRIGGERD_ATTEMPT") == "1");
  CHECK(variables.at("TRIGGERD_EVENT") == "evt_r11");
  CHECK(variables.at("TRIGGERD_TRIGGER") == "hot");
  CHECK(variables.at("TRIGGERD_RECORD") == "r1");
  CHECK(variables.at("TOKEN") == world.variables["HOOK"]);
  CHECK(json::parse(program.input)["record"]["name"] == "; rm -rf /");
  SpawnEnd end;
  end.kind = SpawnEnd::Kind::exited;
  end.code = 64;
  world.take(send, world.dispatcher->read_exit(send, end));
  CHECK(world.step(run).error == "exit code 64");
}

TEST_CASE("a file step knows its key and whether it is a repeat (DSP-18)") {
  World world({make_step("file", {{"path", "out/lines.jsonl"}})});
  world.add_event("r1");
  const Send first = world.prepare_one();
  CHECK(std::get<FileSend>(first.what).key == first.attempt.key);
  CHECK_FALSE(std::get<FileSend>(first.what).repeat);
  world.take(first, send_end(SendClass::transient));
  world.pass_until_due();
  CHECK(std::get<FileSend>(world.prepare_one().what).repeat);
}

TEST_CASE("with a sandbox a webhook goes to its sink and nowhere else") {
  DispatchSettings settings;
  settings.sandbox_url = "http://127.0.0.1:9000";
  World world({hook("https://h.example:8443/in?a=b")}, settings);
  world.add_event("r1");
  const Send send = world.prepare_one();
  CHECK(http_of(send).url == "http://127.0.0.1:9000/sink/h.example/in?a=b");
  CHECK(send.endpoint == "https://h.example:8443");
}

}  // namespace
}  // namespace triggerd
