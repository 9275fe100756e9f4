#include "os/signals.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>

using namespace triggerd;

namespace {

bool readable(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return poll(&ready, 1, 0) == 1;
}

}  // namespace

TEST_CASE("REL-08 signals are read as values, a storm of one as one") {
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  {
    Signals signals;
    CHECK_FALSE(readable(signals.descriptor()));
    CHECK(signals.take().stop == 0);
    for (int i = 0; i < 1000; ++i) {
      raise(SIGHUP);
    }
    CHECK(readable(signals.descriptor()));
    const SignalsSeen hup = signals.take();
    CHECK(hup.reload);
    CHECK(hup.stop == 0);
    raise(SIGTERM);
    raise(SIGINT);
    const SignalsSeen stop = signals.take();
    CHECK(stop.stop == 2);
    CHECK_FALSE(stop.reload);
    CHECK_FALSE(readable(signals.descriptor()));
    raise(SIGPIPE);
    raise(SIGXFSZ);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
