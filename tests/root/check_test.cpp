#include "triggerd/check.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace {

struct Ending {
  int signal = 0;
  std::string said;
};

// Runs the check in a child, since a violated one ends the process.
Ending check_in_child(bool holds) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    // The test framework reports signals by itself; the bare program does not.
    std::signal(SIGABRT, SIG_DFL);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    TRIGGERD_CHECK(holds);
    _exit(0);
  }
  close(ends[1]);
  Ending ending;
  std::array<char, 500> buffer{};
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    ending.said.append(buffer.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return ending;
}

}  // namespace

TEST_CASE("a violated check names place and text and aborts") {
  const Ending ending = check_in_child(false);
  CHECK(ending.signal == SIGABRT);
  CHECK(ending.said.find("broken invariant at ") != std::string::npos);
  CHECK(ending.said.find("check_test.cpp") != std::string::npos);
  CHECK(ending.said.find(": holds\n") != std::string::npos);
}

TEST_CASE("a check that holds does nothing") {
  const Ending ending = check_in_child(true);
  CHECK(ending.signal == 0);
  CHECK(ending.said.empty());
}
