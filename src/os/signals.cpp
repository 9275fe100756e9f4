#include "os/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <initializer_list>

namespace triggerd {

Signals::Signals() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    sigaddset(&watched, number);
  }
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  signals_ = Descriptor::checked(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

SignalsSeen Signals::take() {
  SignalsSeen seen;
  signalfd_siginfo one{};
  while (read(signals_.get(), &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
    seen.stop += one.ssi_signo == SIGTERM || one.ssi_signo == SIGINT ? 1 : 0;
    seen.reload = seen.reload || one.ssi_signo == SIGHUP;
    seen.child_ended = seen.child_ended || one.ssi_signo == SIGCHLD;
  }
  return seen;
}

}  // namespace triggerd
