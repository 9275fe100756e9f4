#include "os/fatal_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>

namespace triggerd {

namespace {

constexpr int kFatal[] = {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// Calls only what may be called wherever the program happens to be. The default is in force again
// when this runs: raising the signal once more ends the process.
void say_and_die(int number) {
  const auto say = [](const char* text) {
    // A pipe that nobody reads must not keep what is dead from being started again.
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 0) != 1) return;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
  };
  say("triggerd: ended by SIG");
  say(::sigabbrev_np(number));
  say("; what was committed is safe: start it again\n");
  ::raise(number);
}

}  // namespace

void die_quietly_of_signals() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  // A stack that ran over has no room for the line.
  static char stack[16 * 1024];
  stack_t aside{};
  aside.ss_sp = stack;
  aside.ss_size = sizeof stack;
  for (const int number : kFatal) {
    struct sigaction found {};
    if (::sigaction(number, nullptr, &found) != 0 || found.sa_handler != SIG_DFL) continue;
    ::sigaltstack(&aside, nullptr);
    struct sigaction action {};
    action.sa_handler = &say_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace triggerd
