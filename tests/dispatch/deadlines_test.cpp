// How long a step may take: what its request is given along.
#include <doctest/doctest.h>

#include "dispatch/dispatch_world.h"

namespace triggerd {
namespace {

using testing::hook;
using testing::http_of;
using testing::succeeded;
using testing::World;

TEST_CASE("DSP-11 a request to an endpoint that hangs ends by its deadline, 30 s by default") {
  Step quick = hook("https://a.example/2");
  quick.timeout = Millis{5'000};
  World world({hook("https://a.example/1"), quick});
  world.add_event("r1");
  const Send first = world.prepare_one();
  CHECK(http_of(first).limits.total == Millis{30'000});
  CHECK(http_of(first).limits.connect == Millis{10'000});
  world.take(first, succeeded());
  const Send second = world.prepare_one();
  CHECK(http_of(second).limits.total == Millis{5'000});
  CHECK(http_of(second).limits.connect == Millis{5'000});
}

}  // namespace
}  // namespace triggerd
