// Writes that do harm twice and cannot be asked about: after a lost answer they are not sent again
// unless the user says so.
#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"
#include "triggerd/store/outbox.h"

namespace triggerd {
namespace {

using nlohmann::json;
using testing::answered;
using testing::asked_note;
using testing::make_step;
using testing::World;

Step note() { return make_step("crm.add_note", {{"contactId", "c1"}, {"body", "called"}}); }

Step repeated_note() {
  Step step = note();
  step.retry.when_unsure = true;
  return step;
}

HttpReply failed(HttpFailure failure) {
  HttpReply reply;
  reply.failure = failure;
  return reply;
}

HttpReply page_for_people() {
  return answered(200, "<html>Log in</html>", {{"Content-Type", "text/html", false}});
}

// What became of a step after this answer.
struct After {
  After(Step step, const HttpReply& reply) : world({std::move(step)}) {
    run = world.add_event("r1", {{"id", "c1"}});
    const Send send = world.prepare_one();
    world.take(send, world.dispatcher->read_answer(send, reply));
  }
  std::string state() { return world.run(run).state; }
  std::string error() { return world.step(run).error; }
  World world;
  std::int64_t run = 0;
};

TEST_CASE("DSP-03: a write that does harm twice is not sent again when its answer is lost") {
  for (const HttpReply& lost :
       {failed(HttpFailure::timeout), failed(HttpFailure::cut_short), failed(HttpFailure::broken),
        failed(HttpFailure::too_large), answered(408), answered(502), answered(504), answered(524),
        page_for_people()}) {
    After after(note(), lost);
    INFO(lost.status, " ", to_text(lost.failure), " ", after.error());
    CHECK(after.state() == "dead");
    CHECK(after.error().starts_with("it may have happened: "));
    // The user has it repeated.
    CHECK(After(repeated_note(), lost).state() == "waiting");
    // Or a repeat is harmless, or the app is asked.
    CHECK(After(asked_note(), lost).state() == "waiting");
  }
}

TEST_CASE("what never left, or what the app itself says has failed, is sent again") {
  for (const HttpReply& reply :
       {failed(HttpFailure::resolve), failed(HttpFailure::connect), failed(HttpFailure::tls),
        answered(500), answered(503), answered(425), answered(429)}) {
    After after(note(), reply);
    INFO(reply.status, " ", to_text(reply.failure), " ", after.error());
    CHECK(after.state() == "waiting");
    CHECK_FALSE(after.error().starts_with("it may have happened"));
  }
}

TEST_CASE("a write with a key of the app, or one that repeats safely, is sent again when lost") {
  for (const bool again : {false, true}) {
    CAPTURE(again);
    After after(make_step("crm.upsert_deal", {{"name", "n"}, {"again", again}}),
                failed(HttpFailure::timeout));
    CHECK(after.state() == "waiting");
  }
}

TEST_CASE("DSP-01: nor is it sent again when a crash took the answer, but for the user's word") {
  World world({note()});
  const std::int64_t run = world.add_event("r1", {{"id", "c1"}});
  world.prepare_one();
  world.crash();
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "dead");
  CHECK(world.step(run).error == "it may have happened: its answer was lost");
  world.crash();
  CHECK(world.prepare().empty());

  world.database->begin();
  CHECK(retry_dead(*world.database, "all", false, {}, world.wall) == 1);
  world.database->commit();
  const Send again = world.prepare_one();
  CHECK(again.attempt.number == 2);
  // A second crash takes the answer of what the operator had sent.
  world.crash();
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "dead");

  World allowed({repeated_note()});
  allowed.add_event("r1", {{"id", "c1"}});
  allowed.prepare_one();
  allowed.crash();
  CHECK(allowed.prepare_one().attempt.number == 2);
}

TEST_CASE("DSP-01: an end whose transaction failed counts as lost") {
  World world({note()});
  const std::int64_t run = world.add_event("r1", {{"id", "c1"}});
  const Send send = world.prepare_one();
  world.database->begin();
  world.dispatcher->take(*world.database, send, testing::succeeded(), world.wall);
  world.database->rollback();
  CHECK(world.prepare().empty());
  CHECK(world.run(run).state == "dead");
}

TEST_CASE("`on_error: continue` goes on behind a step that may have happened") {
  Step first = note();
  first.continue_on_error = true;
  World world({first, make_step("log", {{"message", "next"}})});
  world.add_event("r1", {{"id", "c1"}});
  world.prepare_one();
  world.crash();
  CHECK(std::get<LogSend>(world.prepare_one().what).message == "next");
}

TEST_CASE("`when_unsure` outlives the way through the database") {
  CHECK(step_from_json(step_to_json(repeated_note())).retry.when_unsure);
  CHECK_FALSE(step_from_json(step_to_json(note())).retry.when_unsure);
  CHECK_FALSE(step_to_json(note())["retry"].contains("when_unsure"));
}

}  // namespace
}  // namespace triggerd
