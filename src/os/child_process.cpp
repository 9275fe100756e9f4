#include "os/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>
#include <vector>

namespace triggerd {
namespace {

struct Pipe {
  Descriptor to_read;
  Descriptor to_write;
};

bool make_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pipe = {Descriptor(ends[0]), Descriptor(ends[1])};
  return true;
}

Failure<NotStarted> not_started(const std::string& what, int error) {
  const bool passes =
      error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ETXTBSY;
  return Failure<NotStarted>(NotStarted{what + ": " + std::strerror(error), passes});
}

// Pointers into the request, in the form that execve wants. Made before the fork: after it, in a
// process that had several threads, memory must not be allocated.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) {
    list.push_back(const_cast<char*>(text.c_str()));  // execve does not write to them
  }
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_of(const SpawnRequest& request) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : request.environment) {
    lines.push_back(name + "=" + value);
  }
  return lines;
}

struct ChildSide {
  int input;
  int output;
  int errors;
  int report;  // errno goes here when the program does not start
  pid_t parent;
};

// Calls only what may be called after a fork of a process with threads.
[[noreturn]] void become(char* const* argv, char* const* environment, const ChildSide& side) {
  const auto give_up = [&] {
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(side.report, &error, sizeof error);
    _exit(127);
  };
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != side.parent) {
    _exit(127);  // the parent went before we could ask to go with it
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  setpgid(0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  umask(077);
  for (int number = 1; number < NSIG; ++number) {
    signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // None of the three is below 3: 0 to 2 are always open in the daemon.
  if (dup2(side.input, 0) < 0 || dup2(side.output, 1) < 0 || dup2(side.errors, 2) < 0 ||
      chdir("/") != 0) {
    give_up();
  }
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  execve(argv[0], argv, environment);
  give_up();
  _exit(127);
}

bool set_nonblocking(const Descriptor& descriptor) {
  return fcntl(descriptor.get(), F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

Result<ChildProcess, NotStarted> start_child(const SpawnRequest& request) {
  const auto refused = [](std::string why) {
    return Failure<NotStarted>(NotStarted{std::move(why), false});
  };
  if (request.argv.empty() || request.argv.front().rfind('/', 0) != 0) {
    return refused("the program is not given by an absolute path");
  }
  const std::vector<std::string> lines = environment_of(request);
  const std::vector<char*> argv = pointers(request.argv);
  const std::vector<char*> environment = pointers(lines);
  Pipe input;
  Pipe output;
  Pipe errors;
  Pipe report;
  if (!make_pipe(input) || !make_pipe(output) || !make_pipe(errors) || !make_pipe(report)) {
    return not_started("pipe", errno);
  }
  const ChildSide side{input.to_read.get(), output.to_write.get(), errors.to_write.get(),
                       report.to_write.get(), getpid()};
  const pid_t pid = fork();
  if (pid < 0) {
    return not_started("fork", errno);
  }
  if (pid == 0) {
    become(argv.data(), environment.data(), side);
  }
  report.to_write.close();
  int error = 0;
  // Ends at once: the other end closes by itself when the program starts.
  ssize_t length = 0;
  do {
    length = read(report.to_read.get(), &error, sizeof error);
  } while (length < 0 && errno == EINTR);
  if (length != 0) {
    waitpid(pid, nullptr, 0);
    return not_started(request.argv.front(), error);
  }
  if (!set_nonblocking(input.to_write) || !set_nonblocking(output.to_read) ||
      !set_nonblocking(errors.to_read)) {
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return refused("its pipes cannot be set up");
  }
  return ChildProcess{pid, std::move(input.to_write), std::move(output.to_read),
                      std::move(errors.to_read)};
}

}  // namespace triggerd
