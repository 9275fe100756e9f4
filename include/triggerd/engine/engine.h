// The loop: start due polls -> wait -> take finished answers -> commit -> send -> housekeeping.
// Holds the living parts and calls the stages in order; each rule has its home in a folder to the
// left. Made and driven by cli/ (run, once, test) and by tests. One thread. Throws StoreFailure
// only where the state cannot be used at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "triggerd/clock.h"
#include "triggerd/config/config.h"
#include "triggerd/config/load.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"
#include "triggerd/spawner.h"
#include "triggerd/store/database.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

struct EngineSeams {
  Clock& clock;
  HttpClient& http;
  Spawner& spawner;
};

struct EngineOptions {
  std::string file = "triggers.yaml";  // as problems name it
  std::string sandbox_url;             // webhooks and sinks go there; empty: nothing is redirected
  std::uint64_t seed = 0;              // of jitter
  bool dispatch = true;           // false: events are stored, no step is sent (`triggerd test`)
  bool once = false;              // every stream is due now, each polls one whole cycle
  std::vector<std::string> only;  // triggers to poll; empty: all
  std::string tokens;             // directory of stored tokens; empty: none can be kept
  SecretSources secrets;
};

class Engine {
 public:
  Engine(EngineSeams seams, Database database, EngineOptions options);
  ~Engine();

  // Applies a configuration by difference, the first one likewise. Problems: it was refused and
  // nothing changed.
  std::vector<Problem> apply(std::shared_ptr<const Config> config);

  // One turn; waits at most `at_most` (on the engine's clock) for something to happen.
  void turn(Millis at_most);

  // No new polls and no new attempts; what is in flight may end. For SIGTERM.
  void drain();
  bool drained() const;
  // With `once`: every stream has had its cycle and no run is due now.
  bool finished();
  // Writes what polls only noted in memory (it is written once a second anyway); before the program
  // ends.
  void save();

  // An operator's command as it comes over the control socket, as JSON: {"command": "pause",
  // "trigger": ...}. Always answers {"ok": bool, "message": ...}.
  nlohmann::json operate(const nlohmann::json& command);

  // Whether an app has refused an account's credentials since the last call: it is time to read the
  // secrets again, which apply() does with the same configuration.
  bool take_refused_credentials();

  // The page of figures for monitoring, made anew: some milliseconds.
  std::string metrics();

  Database& database();
  std::size_t stream_count() const;
  // Polling stands still because the disk or the outbox is full; empty: it does not.
  std::string stopped_because() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace triggerd
