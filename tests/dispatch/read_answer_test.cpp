#include "dispatch/read_answer.h"

#include <doctest/doctest.h>

#include "dispatch/dispatch_config.h"

namespace triggerd {
namespace {

using testing::answered;

HttpReply failed(HttpFailure failure, int status = 0) {
  HttpReply reply;
  reply.failure = failure;
  reply.status = status;
  return reply;
}

// What an answer means under `success_when: TEXT`; for a webhook unless an operation is named.
struct Reader {
  explicit Reader(const std::string& operation = {}, const std::string& success_when = {}) {
    if (!operation.empty()) {
      rules.operation = config->catalog->operation(operation);
      rules.connector = config->catalog->connector("crm");
    }
    if (!success_when.empty()) step.success_when = config->expressions->add(success_when);
    REQUIRE(config->expressions->compile().empty());
    rules.step = &step;
    rules.expressions = config->expressions.get();
    rules.secrets = &secrets;
  }
  SendEnd operator()(const HttpReply& reply) const { return read_http_end(reply, rules); }
  SendEnd operator()(const SpawnEnd& end) const { return read_spawn_end(end, rules); }

  std::shared_ptr<Config> config = testing::test_config();
  CompiledStep step;
  std::vector<Secret> secrets;
  AnswerRules rules;
};

TEST_CASE("every 2xx of a webhook is a success, whatever its body says (DSP-05)") {
  const Reader read;
  for (const int status : {200, 201, 202, 204, 207}) {
    CHECK(read(answered(status, R"({"error":"no"})")).end == SendClass::succeeded);
  }
  CHECK(read(answered(200, R"({"b":1, "a":[2]})")).answer == R"({"a":[2],"b":1})");
  CHECK(read(answered(200, "ok")).answer == R"("ok")");
  CHECK(read(answered(204)).answer == "null");
}

TEST_CASE("a redirect is a failure and is not followed (DSP-06)") {
  const Reader read;
  for (const int status : {301, 302, 303, 307, 308, 304}) {
    CHECK(read(answered(status)).end == SendClass::permanent);
  }
}

TEST_CASE(
    "refusals are permanent, troubles transient, 429 is throttled, 410 is gone (DSP-07, DSP-08)") {
  const Reader read;
  for (const int status : {400, 401, 403, 404, 405, 409, 413, 422}) {
    INFO(status);
    CHECK(read(answered(status)).end == SendClass::permanent);
  }
  for (const int status : {408, 425, 500, 502, 503, 504}) {
    INFO(status);
    CHECK(read(answered(status)).end == SendClass::transient);
  }
  CHECK(read(answered(429)).end == SendClass::throttled);
  CHECK(read(answered(410)).end == SendClass::gone);
}

TEST_CASE("Retry-After of 429 and 503 is the wait (DSP-09)") {
  const Reader read;
  const std::vector<HttpHeader> headers = {{"Retry-After", "30", false}};
  CHECK(read(answered(429, "", headers)).wait == Millis{30'000});
  CHECK(read(answered(503, "", headers)).wait == Millis{30'000});
  CHECK_FALSE(read(answered(400, "", headers)).wait.has_value());
}

TEST_CASE("no answer, half an answer and a late one are transient (DSP-03, DSP-04)") {
  const Reader read;
  for (const HttpFailure failure :
       {HttpFailure::resolve, HttpFailure::connect, HttpFailure::tls, HttpFailure::timeout,
        HttpFailure::cut_short, HttpFailure::broken}) {
    INFO(to_text(failure));
    CHECK(read(failed(failure, 200)).end == SendClass::transient);
  }
  CHECK(read(failed(HttpFailure::refused_url)).end == SendClass::permanent);
  CHECK(read(failed(HttpFailure::too_large, 200)).end == SendClass::succeeded);
  CHECK(read(failed(HttpFailure::too_large, 500)).end == SendClass::transient);
}

TEST_CASE("success_when decides over status, body and headers (DSP-05)") {
  const Reader by_body("", ".body.ok");
  CHECK(by_body(answered(200, R"({"ok":true})")).end == SendClass::succeeded);
  CHECK(by_body(answered(200, R"({"ok":false})")).end == SendClass::transient);
  CHECK(by_body(answered(200, "{}")).reason == "success_when says no (200)");
  CHECK(by_body(answered(400, "{}")).end == SendClass::permanent);
  const Reader by_status("", ".status == 409 or .headers[\"x-done\"] == \"yes\"");
  CHECK(by_status(answered(409)).end == SendClass::succeeded);
  CHECK(by_status(answered(500, "", {{"X-Done", "yes", false}})).end == SendClass::succeeded);
  CHECK(by_status(answered(500)).end == SendClass::transient);
  CHECK(by_status(failed(HttpFailure::timeout)).end == SendClass::transient);
}

TEST_CASE("a success_when that fails does not call anything a success") {
  const Reader read("", ".body | error(\"broken\")");
  const SendEnd end = read(answered(200, "{}"));
  CHECK(end.end == SendClass::permanent);
  CHECK(end.reason.starts_with("success_when: "));
}

TEST_CASE("an operation's answer follows the connector's rules and its sign of success") {
  const Reader deal("crm.upsert_deal");
  CHECK(deal(answered(200, R"({"ok":true,"id":"d1"})")).answer == R"({"id":"d1","ok":true})");
  CHECK(deal(answered(200, R"({"ok":false})")).end == SendClass::permanent);
  CHECK(deal(answered(200, R"({"id":"d1"})")).end == SendClass::permanent);
  CHECK(deal(answered(401)).end == SendClass::auth);
  CHECK(deal(answered(429)).end == SendClass::throttled);
  CHECK(deal(answered(422)).end == SendClass::permanent);
  CHECK(deal(answered(503)).end == SendClass::transient);
  const Reader note("crm.add_note");
  CHECK(note(answered(204)).end == SendClass::succeeded);
  CHECK(note(answered(201)).answer == "null");
}

TEST_CASE("secrets that come back in an answer are cut out of reason and answer") {
  Reader read;
  read.secrets = {Secret("s3cr3t-token")};
  const SendEnd refused = read(answered(400, "bad header: Bearer s3cr3t-token\r\nsecond line"));
  CHECK(refused.reason == "HTTP 400: bad header: Bearer ***  second line");
  CHECK(read(answered(200, R"({"echo":"s3cr3t-token"})")).answer == R"({"echo":"***"})");
}

TEST_CASE("a long answer gives a short reason that ends between two characters") {
  const Reader read;
  std::string body;
  for (int i = 0; i < 300; ++i) body += "\xC3\xA4";
  const std::string reason = read(answered(500, body)).reason;
  CHECK(reason.size() < 230);
  CHECK(reason.ends_with("\xC3\xA4..."));
  CHECK(read(answered(500, "bad \xFF byte")).reason == "HTTP 500: bad \xEF\xBF\xBD byte");
}

TEST_CASE("an answer above a MiB is a success whose body is left out") {
  const Reader read;
  const SendEnd end = read(answered(200, std::string(1024 * 1024 + 1, 'x')));
  CHECK(end.end == SendClass::succeeded);
  CHECK(end.answer == R"({"bytes":1048579,"left_out":true})");
}

// ---- programs

SpawnEnd exited(int code, std::string output = {}, std::string errors = {}) {
  SpawnEnd end;
  end.kind = SpawnEnd::Kind::exited;
  end.code = code;
  end.output = std::move(output);
  end.errors = std::move(errors);
  return end;
}

TEST_CASE("exit codes: 0 done, 75 may pass, 64 to 78 will not, others are tried again (DSP-16)") {
  const Reader read;
  CHECK(read(exited(0, "", "a warning")).end == SendClass::succeeded);
  CHECK(read(exited(75)).end == SendClass::transient);
  for (const int code : {64, 65, 74, 76, 77, 78})
    CHECK(read(exited(code)).end == SendClass::permanent);
  for (const int code : {1, 2, 63, 79, 127, 255})
    CHECK(read(exited(code)).end == SendClass::transient);
  SpawnEnd end = exited(9);
  end.kind = SpawnEnd::Kind::signalled;
  CHECK(read(end).reason == "ended by signal 9");
  CHECK(read(end).end == SendClass::transient);
  end.kind = SpawnEnd::Kind::timed_out;
  CHECK(read(end).end == SendClass::transient);
  end.kind = SpawnEnd::Kind::not_started;
  end.reason = "Permission denied";
  CHECK(read(end).reason == "not started: Permission denied");
  CHECK(read(end).end == SendClass::permanent);
  end.passes = true;
  CHECK(read(end).end == SendClass::transient);
}

TEST_CASE("a program's output is its answer: JSON where it is JSON, else text (DSP-16)") {
  const Reader read;
  CHECK(read(exited(0, "{\"id\": 7}\n")).answer == R"({"code":0,"output":{"id":7}})");
  CHECK(read(exited(0, "done\n")).answer == R"({"code":0,"output":"done\n"})");
  CHECK(read(exited(1, "", "no such lead\n")).reason == "exit code 1: no such lead");
  const Reader accepting("", ".status == 3");
  CHECK(accepting(exited(3)).end == SendClass::succeeded);
}

TEST_CASE("a write for which a missing record is no failure is done, and shows null") {
  Reader read("crm.add_note");
  const HttpReply missing = answered(404, R"({"message":"not found"})");
  CHECK(read(missing).end == SendClass::permanent);
  Operation removes = *read.rules.operation;
  removes.errors.push_back({{404}, "", {}, {}, ErrorClass::absent});
  read.rules.operation = &removes;
  const SendEnd end = read(missing);
  CHECK(end.end == SendClass::succeeded);
  CHECK(end.reason.empty());
  CHECK(end.answer == "null");
  CHECK(read(answered(400)).end == SendClass::permanent);
}

TEST_CASE("the first place that holds something is what later steps see") {
  Reader read("crm.add_note");
  Operation finds = *read.rules.operation;
  finds.write->result = {"/item", "/items/0"};
  read.rules.operation = &finds;
  CHECK(read(answered(200, R"({"item":{"id":1},"items":[{"id":2}]})")).answer == R"({"id":1})");
  CHECK(read(answered(200, R"({"item":null,"items":[{"id":2}]})")).answer == R"({"id":2})");
  CHECK(read(answered(200, R"({"items":[]})")).answer == R"({"items":[]})");
}

}  // namespace
}  // namespace triggerd
