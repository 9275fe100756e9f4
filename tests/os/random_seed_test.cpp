#include "os/random_seed.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("randomness differs from call to call") {
  CHECK(random_seed() != random_seed());
  CHECK(random_bytes(32).size() == 32);
  CHECK(random_bytes(32) != random_bytes(32));
}
