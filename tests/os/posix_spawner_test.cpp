#include "os/posix_spawner.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

using namespace triggerd;
using std::chrono::milliseconds;

namespace {

SpawnRequest shell(const std::string& script, const std::string& input = "") {
  SpawnRequest request;
  request.argv = {"/bin/sh", "-c", script};
  request.environment = {{"PATH", "/usr/bin:/bin"}};
  request.input = input;
  request.deadline = milliseconds{20'000};
  return request;
}

SpawnEnd wait_for(PosixSpawner& spawner, SpawnTicket ticket) {
  for (int turn = 0; turn < 10'000; ++turn) {
    pollfd ready{spawner.descriptor(), POLLIN, 0};
    REQUIRE(poll(&ready, 1, 20'000) > 0);
    for (auto& [ended, end] : spawner.ended()) {
      REQUIRE(ended == ticket);
      return end;
    }
  }
  FAIL("the program did not end");
  return {};
}

SpawnEnd run(SpawnRequest request, milliseconds grace = milliseconds{5000}) {
  PosixSpawner spawner(grace);
  const SpawnTicket ticket = spawner.start(std::move(request));
  return wait_for(spawner, ticket);
}

// A process that is no child of ours: the kernel tells of its end by a descriptor.
bool ends_soon(pid_t pid) {
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) {
    return errno == ESRCH;
  }
  pollfd ended{process, POLLIN, 0};
  const bool in_time = poll(&ended, 1, 10'000) == 1;
  close(process);
  return in_time;
}

}  // namespace

TEST_CASE("DSP-16 a program gets its input and gives output, errors and exit code") {
  const SpawnEnd end = run(shell("cat; echo oops >&2; exit 75", "the event"));
  CHECK(end.kind == SpawnEnd::Kind::exited);
  CHECK(end.code == 75);
  CHECK(end.output == "the event");
  CHECK(end.errors == "oops\n");
  CHECK(run(shell("exit 0")).code == 0);
  CHECK(run(shell("echo warned >&2")).code == 0);
}

TEST_CASE("DSP-16 a program that ends by a signal says which") {
  const SpawnEnd end = run(shell("kill -9 $$"));
  CHECK(end.kind == SpawnEnd::Kind::signalled);
  CHECK(end.code == SIGKILL);
}

TEST_CASE("DSP-16 a hanging program is told to stop at its deadline") {
  SpawnRequest request = shell("echo begun; exec tail -f /dev/null");
  request.deadline = milliseconds{100};
  const SpawnEnd end = run(std::move(request));
  CHECK(end.kind == SpawnEnd::Kind::timed_out);
  CHECK(end.code == SIGTERM);
  CHECK(end.output == "begun\n");
}

TEST_CASE("DSP-16 a program that ignores TERM is killed after the grace") {
  SpawnRequest request = shell("trap '' TERM; tail -f /dev/null; tail -f /dev/null");
  request.deadline = milliseconds{50};
  const SpawnEnd end = run(std::move(request), milliseconds{50});
  CHECK(end.kind == SpawnEnd::Kind::timed_out);
  CHECK(end.code == SIGKILL);
}

TEST_CASE("DSP-16 a flood of output is cut and does not hold the program up") {
  const SpawnEnd end = run(shell("head -c 20000000 /dev/zero; head -c 100000 /dev/zero >&2"));
  CHECK(end.kind == SpawnEnd::Kind::exited);
  CHECK(end.code == 0);
  CHECK(end.output.size() == 64 * 1024);
  CHECK(end.errors.size() == 4 * 1024);
}

TEST_CASE("DSP-16 a program that does not read its input is no trouble") {
  const std::string large(4'000'000, 'x');
  CHECK(run(shell("exec 0<&-; exit 3", large)).code == 3);
  CHECK(run(shell("wc -c", large)).output == "4000000\n");
}

TEST_CASE("DSP-16 what a program leaves behind is killed with it") {
  // The child of the program holds its output open and would go on for ever.
  const SpawnEnd end = run(shell("tail -f /dev/null & echo $!"));
  CHECK(end.kind == SpawnEnd::Kind::exited);
  CHECK(ends_soon(static_cast<pid_t>(std::stol(end.output))));
}

TEST_CASE("DSP-16 a program that cannot start says why") {
  SpawnRequest request;
  request.argv = {"/nowhere/at/all"};
  SpawnEnd end = run(request);
  CHECK(end.kind == SpawnEnd::Kind::not_started);
  CHECK(end.reason == "/nowhere/at/all: No such file or directory");
  request.argv = {"/etc/passwd"};
  CHECK(run(request).reason == "/etc/passwd: Permission denied");
  request.argv = {"sh", "-c", "exit 0"};
  CHECK(run(request).reason == "the program is not given by an absolute path");
  request.argv = {};
  CHECK(run(request).kind == SpawnEnd::Kind::not_started);
}

TEST_CASE("S-24 a program starts clean: environment, descriptors, group, folder, signals") {
  setenv("CANARY_OF_THE_DAEMON", "secret", 1);
  const int leaked = open("/dev/null", 0);  // not marked to be closed
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  SpawnRequest request;
  request.argv = {"/usr/bin/env"};
  request.environment = {{"TRIGGERD_KEY", "a b=c"}};
  CHECK(run(request).output == "TRIGGERD_KEY=a b=c\n");
  CHECK(run(shell("ls /proc/self/fd | wc -l")).output == "4\n");  // the fourth is that of ls
  CHECK(run(shell("pwd; umask")).output == "/\n0077\n");
  CHECK(run(shell("test $(ps -o pgid= -p $$) = $$ && echo own")).output == "own\n");
  CHECK(run(shell("grep -E 'SigBlk|SigIgn|NoNewPrivs' /proc/self/status | tr -d '\\t'")).output ==
        "SigBlk:0000000000000000\nSigIgn:0000000000000000\nNoNewPrivs:1\n");
  sigprocmask(SIG_SETMASK, &before, nullptr);
  close(leaked);
  unsetenv("CANARY_OF_THE_DAEMON");
}

TEST_CASE("S-23 arguments reach the program as they are") {
  SpawnRequest request;
  request.argv = {"/usr/bin/printf", "%s|", "; rm -rf /", "$(id)", "`id`", "a\nb", "-rf"};
  CHECK(run(request).output == "; rm -rf /|$(id)|`id`|a\nb|-rf|");
}

TEST_CASE("stop_all ends what runs") {
  PosixSpawner spawner;
  const SpawnTicket ticket = spawner.start(shell("exec tail -f /dev/null"));
  spawner.stop_all();
  const SpawnEnd end = wait_for(spawner, ticket);
  CHECK(end.kind == SpawnEnd::Kind::signalled);
  CHECK(end.code == SIGKILL);
}

TEST_CASE("many programs at once are told apart") {
  PosixSpawner spawner;
  std::map<SpawnTicket, int> expected;
  for (int i = 0; i < 20; ++i) {
    expected[spawner.start(shell("exit " + std::to_string(i)))] = i;
  }
  while (!expected.empty()) {
    pollfd ready{spawner.descriptor(), POLLIN, 0};
    REQUIRE(poll(&ready, 1, 20'000) > 0);
    for (const auto& [ticket, end] : spawner.ended()) {
      CHECK(end.code == expected.at(ticket));
      expected.erase(ticket);
    }
  }
}

TEST_CASE("DSP-17 a program dies with the process that started it") {
  // The program writes into a pipe of ours through /proc, which ends when it is dead.
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const std::string pipe_path =
      "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(ends[1]);
  const pid_t daemon = fork();
  if (daemon == 0) {
    signal(SIGTERM, SIG_DFL);
    close(ends[1]);
    PosixSpawner spawner;
    spawner.start(shell("exec >" + pipe_path + "; echo begun; exec tail -f /dev/null"));
    pause();
    _exit(0);
  }
  std::array<char, 16> told{};
  REQUIRE(read(ends[0], told.data(), 6) == 6);
  close(ends[1]);
  kill(daemon, SIGKILL);
  waitpid(daemon, nullptr, 0);
  pollfd closed{ends[0], POLLIN, 0};
  CHECK(poll(&closed, 1, 5'000) == 1);
  CHECK(read(ends[0], told.data(), 1) == 0);
  close(ends[0]);
}
