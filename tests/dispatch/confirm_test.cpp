// confirm: an attempt whose end is not known is not repeated before the app was asked.
#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"
#include "store/connection.h"
#include "triggerd/store/listings.h"

namespace triggerd {
namespace {

using nlohmann::json;
using testing::answered;
using testing::asked_note;
using testing::http_of;
using testing::make_step;
using testing::ScratchState;
using testing::send_end;
using testing::succeeded;
using testing::World;

constexpr const char* kUrl = "https://crm.example/contacts/c1/notes?skip=0";
const std::string kHasNote = R"({"notes":[{"id":"n1","body":"called Ada"}]})";
const std::string kHasNone = R"({"notes":[{"id":"n0","body":"another"}]})";

std::string outcome(World& world, const std::string& event, std::size_t attempt) {
  const json found = *describe_event(*world.database, event);
  return found["steps"][0]["attempts"][attempt].value("outcome", "none");
}

struct NoteWorld : World {
  explicit NoteWorld(std::vector<Step> with = {asked_note()}) : World(std::move(with)) {
    run_id = add_event("r1", {{"id", "c1"}, {"name", "Ada"}});
    first = prepare_one();
    REQUIRE(first.attempt.number == 1);
    REQUIRE(!first.asks);
  }
  void reply(const Send& send, const HttpReply& reply) {
    take(send, dispatcher->read_answer(send, reply));
  }
  void lose() {
    HttpReply lost;
    lost.failure = HttpFailure::timeout;
    reply(first, lost);
  }
  // An endpoint that fails is left alone for a while, so the first look may give nothing.
  Send next_send() {
    std::vector<Send> sends;
    for (int i = 0; i < 50 && sends.empty(); ++i) {
      INFO("state " << run(run_id).state << ": " << step(run_id).error);
      pass_until_due();
      sends = prepare();
    }
    REQUIRE(sends.size() == 1);
    return std::move(sends.front());
  }
  Send question() {
    Send send = next_send();
    CHECK(send.asks);
    CHECK(http_of(send).method == "GET");
    CHECK(http_of(send).url == kUrl);
    return send;
  }
  std::int64_t run_id = 0;
  Send first;
};

TEST_CASE("DSP-03: a lost answer is asked about, and a yes is the step's success and its answer") {
  NoteWorld world;
  world.lose();
  CHECK(world.step(world.run_id).unsure == world.wall);
  world.pass(Millis{9'000});
  CHECK(world.prepare().empty());  // the app may show it late
  world.pass(Millis{1'000});
  world.reply(world.question(), answered(200, kHasNote));
  CHECK(world.run(world.run_id).state == "done");
  CHECK(world.step(world.run_id).answer == R"({"body":"called Ada","id":"n1"})");
  CHECK(!world.step(world.run_id).unsure);
  CHECK(outcome(world, "evt_r11", 0) == "confirmed");
}

TEST_CASE("DSP-03: a no sends attempt 2 with the key of the first") {
  NoteWorld world;
  world.lose();
  world.reply(world.question(), answered(200, kHasNone));
  const Send again = world.prepare_one();
  CHECK(!again.asks);
  CHECK(again.attempt.number == 2);
  CHECK(again.attempt.key == world.first.attempt.key);
  // The next end is known, so nothing is asked.
  world.reply(again, answered(429));
  CHECK(!world.next_send().asks);
}

TEST_CASE("DSP-01: an attempt that a crash cut off is asked about, over any number of crashes") {
  NoteWorld world;
  world.crash();
  world.pass(Millis{10'000});
  world.question();
  world.crash();
  const Send send = world.question();
  world.reply(send, answered(200, kHasNote));
  CHECK(world.run(world.run_id).state == "done");
  CHECK(world.step(world.run_id).attempts == 1);
}

TEST_CASE(
    "which ends are unknown: 5xx and half answers are, refusals and what never left are not") {
  const auto unsure_after = [](const HttpReply& reply) {
    NoteWorld world;
    world.reply(world.first, reply);
    return world.step(world.run_id).unsure.has_value();
  };
  for (const int status : {500, 502, 503, 504, 408}) {
    CAPTURE(status);
    CHECK(unsure_after(answered(status)));
  }
  for (const int status : {400, 401, 403, 404, 422, 425, 429}) {
    CAPTURE(status);
    CHECK(!unsure_after(answered(status)));
  }
  for (const HttpFailure failure : {HttpFailure::timeout, HttpFailure::cut_short,
                                    HttpFailure::broken, HttpFailure::too_large}) {
    HttpReply reply;
    reply.failure = failure;
    CHECK(unsure_after(reply));
  }
  for (const HttpFailure failure :
       {HttpFailure::resolve, HttpFailure::connect, HttpFailure::tls, HttpFailure::refused_url}) {
    HttpReply reply;
    reply.failure = failure;
    CHECK(!unsure_after(reply));
  }
}

TEST_CASE("a question that fails is asked again, ever later, and no attempt is made meanwhile") {
  NoteWorld world;
  world.lose();
  for (int i = 0; i < 6; ++i) {
    world.reply(world.question(), answered(i % 2 == 0 ? 503 : 429));
    CHECK(world.step(world.run_id).error.starts_with("confirm: "));
    CHECK(world.step(world.run_id).attempts == 1);
  }
  CHECK(*world.run(world.run_id).next_at - world.wall > Millis{30'000});
  world.reply(world.question(), answered(200, kHasNone));
  CHECK(world.next_send().attempt.number == 2);
}

TEST_CASE("nobody knows for three days: the step is a dead letter, and its retry asks first") {
  NoteWorld world;
  world.lose();
  for (int i = 0; i < 400 && world.run(world.run_id).state != "dead"; ++i) {
    world.reply(world.question(), answered(503));
  }
  CHECK(world.run(world.run_id).state == "dead");
  CHECK(world.step(world.run_id).error.find("not known whether") != std::string::npos);
  world.database->begin();
  CHECK(retry_dead(*world.database, "all", false, {}, world.wall) == 1);
  world.database->commit();
  world.reply(world.question(), answered(200, kHasNote));
  CHECK(world.run(world.run_id).state == "done");
}

TEST_CASE("an app that says there is no such record answers the question with null") {
  Step step = asked_note();
  step.confirm->when = ".answer != null";
  NoteWorld world({step});
  world.lose();
  world.reply(world.question(), answered(404, R"({"message":"not found"})"));
  CHECK(world.step(world.run_id).state == StepState::dead);
}

TEST_CASE("a refused question, and a test that fails, go to the dead letters with the reason") {
  SUBCASE("refused") {
    NoteWorld world;
    world.lose();
    world.reply(world.question(), answered(400, R"({"message":"bad id"})"));
    CHECK(world.run(world.run_id).state == "dead");
    CHECK(world.step(world.run_id).error.find("bad id") != std::string::npos);
  }
  SUBCASE("a test that fails") {
    Step step = asked_note();
    step.confirm->when = ".answer.notes.body";
    NoteWorld world({step});
    world.lose();
    world.reply(world.question(), answered(200, kHasNote));
    CHECK(world.step(world.run_id).error.find("confirm.when: ") != std::string::npos);
  }
}

TEST_CASE("the last attempt is asked about as well before the step is given up") {
  Step step = asked_note();
  step.retry.attempts = 1;
  SUBCASE("it was carried out") {
    NoteWorld world({step});
    world.lose();
    world.reply(world.question(), answered(200, kHasNote));
    CHECK(world.run(world.run_id).state == "done");
  }
  SUBCASE("it was not") {
    NoteWorld world({step});
    world.lose();
    world.reply(world.question(), answered(200, kHasNone));
    CHECK(world.run(world.run_id).state == "dead");
    CHECK(world.step(world.run_id).error == "timeout");
  }
}

TEST_CASE("an app that fails at each attempt is tried ever later and given up after three days") {
  NoteWorld world;
  Send attempt = world.first;
  const WallTime start = world.wall;
  int asked = 0;
  while (world.run(world.run_id).state != "dead" && asked < 500) {
    world.reply(attempt, answered(500));
    world.reply(world.question(), answered(200, kHasNone));
    ++asked;
    if (world.run(world.run_id).state != "dead") attempt = world.next_send();
  }
  CHECK(asked < 60);
  CHECK(world.wall - start > kRetryHorizon);
  CHECK(world.run(world.run_id).state == "dead");
}

TEST_CASE("true gives the read's answer to later steps") {
  Step step = asked_note();
  step.confirm->when = "true";
  Step hook = testing::hook();
  hook.with["body"] = "${{ .steps.add_note.notes[0].id }}";
  NoteWorld world({step, hook});
  world.lose();
  world.reply(world.question(), answered(200, kHasNote));
  CHECK(http_of(world.prepare_one()).body == "n1");
}

TEST_CASE("without `confirm` nothing is asked: what the app says has failed is repeated") {
  Step step = asked_note();
  step.confirm.reset();
  NoteWorld world({step});
  world.reply(world.first, answered(500));
  const Send again = world.next_send();
  CHECK(!again.asks);
  CHECK(again.attempt.number == 2);
}

}  // namespace
}  // namespace triggerd
