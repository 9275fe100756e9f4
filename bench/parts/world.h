// What the benchmarks of parts work on: a configuration that polls the pages of the bench,
// and an engine over it on a set clock, whose app answers at once and always the same. Used
// by the files of parts/ only; one thread. Throws when the engine cannot be made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "triggerd/config/config.h"
#include "triggerd/engine/engine.h"
#include "triggerd/engine/scripted_http.h"
#include "triggerd/engine/set_clock.h"
#include "triggerd/poll/record.h"

namespace triggerd::bench {

// `streams` fixed values of as few triggers as may have them, each polled once a minute.
std::shared_ptr<const Config> config_of(std::int64_t streams);

// The page that a body is cut into by the operation of config_of().
Page page_of(std::string body, const Config& config);

// A state directory, removed with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class NoSpawner : public Spawner {
 public:
  SpawnTicket start(SpawnRequest) override { return 1; }
  std::vector<std::pair<SpawnTicket, SpawnEnd>> ended() override { return {}; }
  void stop_all() override {}
};

// All streams have their baseline and have been polled since.
class RunningEngine {
 public:
  explicit RunningEngine(std::int64_t streams);
  Engine& engine() { return *engine_; }
  // Lets time pass and takes all polls that are due by then; how many.
  std::int64_t pass(Millis time);

 private:
  Folder folder_;
  SetClock clock_;
  std::int64_t answered_ = 0;
  std::string body_;
  ScriptedHttp http_;
  NoSpawner spawner_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace triggerd::bench
