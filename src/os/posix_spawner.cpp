#include "os/posix_spawner.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "os/child_process.h"

namespace triggerd {
namespace {

constexpr std::size_t kOutputBytesMax = 64 * 1024;
constexpr std::size_t kErrorBytesMax = 4 * 1024;
constexpr int kReadsPerTurnMax = 16;  // of 64 KiB, so that a flood does not hold the loop

// Keeps what comes first and lets the rest go, so that the program is never held up by a full pipe.
void drain(Descriptor& from, std::string& kept, std::size_t bytes_max) {
  std::array<char, 64 * 1024> buffer;
  for (int i = 0; i < kReadsPerTurnMax && from.open(); ++i) {
    const ssize_t length = read(from.get(), buffer.data(), buffer.size());
    if (length > 0) {
      kept.append(buffer.data(),
                  std::min(static_cast<std::size_t>(length), bytes_max - kept.size()));
    } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
      from.close();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

void feed(Descriptor& to, std::string& unsent) {
  while (to.open() && !unsent.empty()) {
    const ssize_t written = write(to.get(), unsent.data(), unsent.size());
    if (written > 0) {
      unsent.erase(0, static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      unsent.clear();  // it does not read on; that is its right
    }
  }
  to.close();
}

bool expired(const Descriptor& timer) {
  std::uint64_t times = 0;
  return read(timer.get(), &times, sizeof times) == static_cast<ssize_t>(sizeof times);
}

}  // namespace

PosixSpawner::PosixSpawner(std::chrono::milliseconds grace)
    : grace_(grace),
      events_(Descriptor::checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      bell_(Descriptor::checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
  watch(bell_.get(), EPOLLIN, 0);
  signal(SIGPIPE, SIG_IGN);  // a program may close its stdin early
}

PosixSpawner::~PosixSpawner() {
  stop_all();
  for (auto& [ticket, child] : children_) {
    waitpid(child.pid, nullptr, 0);
  }
}

SpawnTicket PosixSpawner::start(SpawnRequest request) {
  const SpawnTicket ticket = ++last_ticket_;
  auto started = start_child(request);
  if (!started) {
    end_unstarted(ticket, started.error().why, started.error().passes);
    return ticket;
  }
  Child& child = children_[ticket];
  child.pid = started->pid;
  child.input = std::move(started->input);
  child.output = std::move(started->output);
  child.errors = std::move(started->errors);
  child.unsent = std::move(request.input);
  try {
    supervise(child, ticket, request.deadline);
  } catch (const std::system_error& failure) {
    // A program that cannot be watched must not go on, or nobody would ever end it.
    kill(-child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    children_.erase(ticket);
    end_unstarted(ticket, failure.what(), true);
  }
  return ticket;
}

void PosixSpawner::supervise(Child& child, SpawnTicket ticket, std::chrono::milliseconds deadline) {
  child.process =
      Descriptor::checked(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)), "pidfd_open");
  child.timer = Descriptor::checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
                                    "timerfd_create");
  set_timer(child, deadline);
  feed(child.input, child.unsent);
  for (const Descriptor* readable : {&child.process, &child.timer, &child.output, &child.errors}) {
    watch(readable->get(), EPOLLIN, ticket);
  }
  if (child.input.open()) {
    watch(child.input.get(), EPOLLOUT, ticket);
  }
}

void PosixSpawner::end_unstarted(SpawnTicket ticket, std::string reason, bool passes) {
  SpawnEnd end;
  end.reason = std::move(reason);
  end.passes = passes;
  ended_.emplace_back(ticket, std::move(end));
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(bell_.get(), &one, sizeof one);
}

std::vector<std::pair<SpawnTicket, SpawnEnd>> PosixSpawner::ended() {
  std::array<epoll_event, 64> ready{};
  const int count = epoll_wait(events_.get(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    const auto found = children_.find(ready[static_cast<std::size_t>(i)].data.u64);
    if (found != children_.end() && advance(found->second)) {
      ended_.emplace_back(found->first, std::move(found->second.end));
      children_.erase(found);
    }
  }
  std::uint64_t rung = 0;
  [[maybe_unused]] const ssize_t length = read(bell_.get(), &rung, sizeof rung);
  return std::exchange(ended_, {});
}

void PosixSpawner::stop_all() {
  for (const auto& [ticket, child] : children_) {
    kill(-child.pid, SIGKILL);
  }
}

void PosixSpawner::watch(int descriptor, std::uint32_t events, SpawnTicket ticket) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = ticket;
  if (epoll_ctl(events_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void PosixSpawner::set_timer(const Child& child, std::chrono::milliseconds after) const {
  // A time of zero would switch the timer off.
  const auto wait = std::max(after, std::chrono::milliseconds{1});
  itimerspec setting{};
  setting.it_value.tv_sec = static_cast<time_t>(wait.count() / 1000);
  setting.it_value.tv_nsec = static_cast<long>(wait.count() % 1000) * 1'000'000;
  timerfd_settime(child.timer.get(), 0, &setting, nullptr);
}

// Does what there is to do for a child; true when it has ended.
bool PosixSpawner::advance(Child& child) {
  feed(child.input, child.unsent);
  drain(child.output, child.end.output, kOutputBytesMax);
  drain(child.errors, child.end.errors, kErrorBytesMax);
  siginfo_t seen{};
  if (waitid(P_PID, static_cast<id_t>(child.pid), &seen, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      seen.si_pid == child.pid) {
    finish(child);
    return true;
  }
  if (expired(child.timer)) {
    kill(-child.pid, child.told_to_stop ? SIGKILL : SIGTERM);
    child.told_to_stop = true;
    set_timer(child, grace_);
  }
  return false;
}

// The program has ended but is not collected yet, so that its number cannot be another's when its
// group is killed: what it left behind must not hold on.
void PosixSpawner::finish(Child& child) const {
  kill(-child.pid, SIGKILL);
  drain(child.output, child.end.output, kOutputBytesMax);
  drain(child.errors, child.end.errors, kErrorBytesMax);
  int status = 0;
  waitpid(child.pid, &status, 0);
  child.end.kind = WIFSIGNALED(status) ? SpawnEnd::Kind::signalled : SpawnEnd::Kind::exited;
  child.end.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  if (child.told_to_stop) {
    child.end.kind = SpawnEnd::Kind::timed_out;
  }
}

}  // namespace triggerd
