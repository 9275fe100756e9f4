// triggerd as it is shipped, with a connector and a configuration that point it at the upstream,
// in a folder of its own. Used by figures.cpp; knows the program by its command line and files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "measured_process.h"
#include "upstream.h"

namespace triggerd::bench {

struct World {
  std::string operation = "same";  // list_... of the bench's connector: its path at the upstream
  std::int64_t first = 0;          // number of the first stream
  std::int64_t streams = 1;
  bool acts = false;  // each event is posted to the sink
  int speed = 1;      // above 1: by `--sandbox`, where a minute lasts so much shorter
};

class Daemon {
 public:
  Daemon(const std::string& folder, const Upstream& upstream, const World& world);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  const World& world() const { return world_; }
  std::string database() const {
    return folder_ + (world_.speed > 1 ? "/state-sandbox" : "/state") + "/triggerd.db";
  }
  std::unique_ptr<MeasuredProcess> start(const std::string& command) const;
  // Polls each stream once, as fast as it goes: the baseline. Throws unless all went well.
  void poll_once() const;
  // By number of the stream, when its next poll is promised; milliseconds since 1970.
  std::unordered_map<std::int64_t, std::int64_t> promises() const;
  std::int64_t count(const std::string& sql) const;

 private:
  void write_connector() const;
  void write_triggers() const;

  const std::string folder_;
  const std::string url_;  // of the upstream
  const World world_;
};

}  // namespace triggerd::bench
