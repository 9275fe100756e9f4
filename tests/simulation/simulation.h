// One run from one seed: the real engine on a set clock, a changing app behind a network that
// fails, a disk that loses power, an operator who edits the configuration; then a quiet phase in
// which everything must drain, and the verdict. Called by the tests and by the program's own
// command line.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes/fake_spawner.h"
#include "fakes/scratch_database.h"
#include "simulation/crash_vfs.h"
#include "simulation/observer.h"
#include "simulation/transport.h"
#include "triggerd/engine/engine.h"

namespace triggerd::simulation {

struct Outcome {
  std::vector<std::string> problems;
  std::map<std::string, std::int64_t> counts;  // what happened, for the summary
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, std::int64_t steps);
  ~Simulation();
  Outcome run();
  bool lying_disk = false;  // syncs do nothing: the checker must notice

 private:
  // What the configuration says now.
  struct Setup {
    bool wide = false;   // the wider watch list of `items`
    int every = 1;       // minutes, of `members`
    bool orders = true;  // that trigger is there
  };
  std::string configuration() const;
  bool load();

  void start();
  void recover();
  bool turn();  // false: the program died in it, and was started again
  bool survives(const std::function<void()>& act);
  void pass_until(SteadyTime moment);
  void step();
  void disturb();
  void edit();
  void restart_gently();
  bool cannot_write() const;
  // The engine was given this; `certain`: in a turn that came to its end.
  void hand_over(const HandedOver& one, bool certain);
  // Judges what a crash at the last image would have left.
  void examine_image();
  void begin_anew();
  void quiet();
  void live();
  void count(const std::string& what, std::int64_t times = 1) { outcome_.counts[what] += times; }
  std::string database() const { return directory_.file("triggerd.db"); }

  const std::uint64_t seed_;
  const std::int64_t steps_;
  const bool crowded_;  // many records, of which many change at once
  Chance chance_;
  CrashVfs disk_{"crash"};
  ScratchDirectory directory_;
  VirtualClock clock_;
  World world_;
  App app_;
  Receiver receiver_;
  Transport transport_;
  FakeSpawner spawner_;
  Observer observer_;
  std::shared_ptr<const Catalog> catalog_;
  std::unique_ptr<Engine> engine_;
  Setup setup_;
  Loss loss_ = Loss::unsynced;
  bool calm_ = false, recovered_ = false;
  std::optional<std::size_t> image_;    // not examined yet: arrivals when it was made
  std::vector<std::size_t> unwritten_;  // arrivals whose ends wait for the disk
  Outcome outcome_;
};

// What to type to see a run again.
std::string command_of(std::uint64_t seed, std::int64_t steps);

}  // namespace triggerd::simulation
