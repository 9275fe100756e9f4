#include "expression_deadline.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mutex>
#include <system_error>
#include <thread>

#include "triggerd/expression.h"

namespace triggerd {
namespace {

constexpr int kTickMs = 20;
// One more than the whole ticks: the first may come at once after the start.
constexpr int kTicksMax = kExpressionMillisMax / kTickMs + 1;
constexpr int kIdleTicksMax = 50;  // then it sleeps until the next start

}  // namespace

struct ExpressionDeadline::Parts {
  Parts() : bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (bell < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  ~Parts() {
    if (watcher.joinable()) {
      {
        const std::lock_guard guard(lock);
        leaving = true;
      }
      ring();
      watcher.join();
    }
    close(bell);
  }

  void ring() const {
    const std::uint64_t one = 1;
    // A full counter means that the bell rings already.
    [[maybe_unused]] const ssize_t written = write(bell, &one, sizeof one);
  }

  void watch() {
    for (;;) {
      const int wait_ms = tick();
      if (wait_ms == 0) {
        return;
      }
      pollfd readable{bell, POLLIN, 0};
      if (poll(&readable, 1, wait_ms) > 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = read(bell, &count, sizeof count);
      }
    }
  }

  // Milliseconds until the next look; -1 for until the bell rings, 0 to leave.
  int tick() {
    const std::lock_guard guard(lock);
    if (leaving) {
      return 0;
    }
    if (subject == nullptr) {
      asleep = ++idle_ticks > kIdleTicksMax;
      return asleep ? -1 : kTickMs;
    }
    idle_ticks = 0;
    if (++ticks > kTicksMax) {
      stop(subject);
      subject = nullptr;
    }
    return kTickMs;
  }

  const int bell;
  std::thread watcher;

  // Guarded by `lock`.
  std::mutex lock;
  void (*stop)(void*) = nullptr;
  void* subject = nullptr;
  int ticks = 0;
  int idle_ticks = 0;
  bool asleep = false;
  bool leaving = false;
};

ExpressionDeadline::ExpressionDeadline() : parts_(std::make_unique<Parts>()) {}

ExpressionDeadline::~ExpressionDeadline() = default;

void ExpressionDeadline::begin(void (*stop)(void*), void* subject) {
  if (!parts_->watcher.joinable()) {
    // Started with all signals blocked, so that each one reaches the loop thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    parts_->watcher = std::thread([parts = parts_.get()] { parts->watch(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  bool asleep = false;
  {
    const std::lock_guard guard(parts_->lock);
    parts_->stop = stop;
    parts_->subject = subject;
    parts_->ticks = 0;
    asleep = std::exchange(parts_->asleep, false);
  }
  if (asleep) {
    parts_->ring();
  }
}

void ExpressionDeadline::end() {
  const std::lock_guard guard(parts_->lock);
  parts_->subject = nullptr;
}

}  // namespace triggerd
