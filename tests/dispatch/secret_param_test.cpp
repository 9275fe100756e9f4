// Parameters of operations that are secrets: what is kept of a step names them, what is sent has
// them.
#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"

namespace triggerd {
namespace {

using testing::answered;
using testing::http_of;
using testing::make_step;
using testing::World;

TEST_CASE("S-05: a parameter that is a secret is read at send time and never stored") {
  const auto note = [](const char* pin) {
    return make_step("crm.add_note", {{"contactId", "c"}, {"body", "b"}, {"pin", pin}});
  };
  World world({note("${env:PIN}")});
  const std::int64_t run = world.add_event("r1");
  CHECK(std::get<NotReady>(world.prepare_one().what).reason ==
        "with.pin: the environment variable PIN is not set");
  world.set_variable("PIN", "s3cr3t-pin");
  World later({note("${env:PIN}")});
  later.set_variable("PIN", "s3cr3t-pin");
  const std::int64_t sent = later.add_event("r1");
  const Send send = later.prepare_one();
  CHECK(http_of(send).body == R"({"body":"b","pin":"s3cr3t-pin"})");
  for (const std::string& kept : {world.step(run).request, later.step(sent).request}) {
    CHECK(kept.find("s3cr3t") == std::string::npos);
    CHECK(kept.find("${env:PIN}") != std::string::npos);
  }
  const SendEnd end = later.dispatcher->read_answer(send, answered(400, "bad pin s3cr3t-pin"));
  CHECK(end.reason.find("s3cr3t") == std::string::npos);

  World plain({note("written-out")});
  const std::int64_t written = plain.add_event("r1");
  CHECK(http_of(plain.prepare_one()).body == R"({"body":"b","pin":"written-out"})");
  CHECK(plain.step(written).request.find("written-out") == std::string::npos);
}

}  // namespace
}  // namespace triggerd
