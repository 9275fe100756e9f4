// SEAM: programs started by `exec` steps: no shell, record data on stdin, own process group, a
// deadline. Implementations: os/posix_spawner.h and tests/fakes/fake_spawner.h. Loop thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace triggerd {

struct SpawnRequest {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::vector<std::pair<std::string, std::string>>
      environment;                             // the whole environment of the child
  std::string input;                           // written to its stdin, then closed
  std::chrono::milliseconds deadline{60'000};  // TERM then, KILL after 5 s more; real time
};

struct SpawnEnd {
  enum class Kind { exited, signalled, timed_out, not_started };
  Kind kind = Kind::not_started;
  int code = 0;         // exit code, or signal number
  std::string output;   // first 64 KiB of stdout
  std::string errors;   // first 4 KiB of stderr
  std::string reason;   // for not_started
  bool passes = false;  // for not_started: for want of memory, processes or descriptors
};

using SpawnTicket = std::uint64_t;

class Spawner {
 public:
  virtual ~Spawner() = default;
  virtual SpawnTicket start(SpawnRequest request) = 0;
  // Collects what has ended; never waits.
  virtual std::vector<std::pair<SpawnTicket, SpawnEnd>> ended() = 0;
  // Kills the process group of what still runs.
  virtual void stop_all() = 0;
};

}  // namespace triggerd
