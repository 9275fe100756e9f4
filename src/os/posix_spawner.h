// PosixSpawner: programs of `exec` steps. Each runs in its own process group with a clean
// environment, no descriptors but its three, no new privileges, in `/`, and dies with us. All
// descriptors it waits on stand behind one, `descriptor()`. Made by cli/ for the engine. Loop
// thread only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "os/descriptor.h"
#include "triggerd/spawner.h"

namespace triggerd {

class PosixSpawner : public Spawner {
 public:
  // `grace`: real time between TERM and KILL.
  explicit PosixSpawner(std::chrono::milliseconds grace = std::chrono::milliseconds{5000});
  ~PosixSpawner() override;  // kills what still runs

  // Readable when `ended` has something to do.
  int descriptor() const { return events_.get(); }

  SpawnTicket start(SpawnRequest request) override;
  std::vector<std::pair<SpawnTicket, SpawnEnd>> ended() override;
  void stop_all() override;

 private:
  struct Child {
    pid_t pid = -1;
    Descriptor process;  // becomes readable when the program has ended
    Descriptor timer;    // deadline, then the end of the grace
    Descriptor input;
    Descriptor output;
    Descriptor errors;
    std::string unsent;
    SpawnEnd end;
    bool told_to_stop = false;
  };

  void supervise(Child& child, SpawnTicket ticket, std::chrono::milliseconds deadline);
  void end_unstarted(SpawnTicket ticket, std::string reason, bool passes);
  void watch(int descriptor, std::uint32_t events, SpawnTicket ticket) const;
  void set_timer(const Child& child, std::chrono::milliseconds after) const;
  bool advance(Child& child);
  void finish(Child& child) const;

  const std::chrono::milliseconds grace_;
  Descriptor events_;
  Descriptor bell_;  // rung for a program that never started
  SpawnTicket last_ticket_ = 0;
  std::map<SpawnTicket, Child> children_;
  std::vector<std::pair<SpawnTicket, SpawnEnd>> ended_;
};

}  // namespace triggerd
