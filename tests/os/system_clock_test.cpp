#include "os/system_clock.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("the clock goes forward, and faster with a speed") {
  const SystemClock plain;
  const SteadyTime steady = plain.steady();
  CHECK(plain.steady() >= steady);
  CHECK(std::chrono::abs(plain.wall() - std::chrono::system_clock::now()) <
        std::chrono::seconds{5});
  CHECK(plain.real(Millis{1500}) == std::chrono::microseconds{1'500'000});

  const SystemClock fast(60);
  CHECK(fast.real(Millis{60'000}) == std::chrono::seconds{1});
  CHECK(fast.real(Millis{0}).count() == 0);
  CHECK(fast.real(Millis{1}).count() > 0);
  const auto real_start = std::chrono::steady_clock::now();
  const SteadyTime start = fast.steady();
  const WallTime wall_start = fast.wall();
  while (std::chrono::steady_clock::now() - real_start < std::chrono::milliseconds{20}) {
  }
  CHECK(fast.steady() - start >= Millis{1100});
  CHECK(fast.wall() - wall_start >= Millis{1100});
}

TEST_CASE("a clock that was set goes on from there") {
  SystemClock clock;
  const WallTime then = clock.wall() + std::chrono::hours{5};
  clock.set_wall(then);
  CHECK(clock.wall() >= then);
  CHECK(clock.wall() < then + std::chrono::minutes{1});
}
