// Everything one running sandbox holds, behind one mutex: the world, its life, tokens, limits and
// faults. Api and Control work on it; nobody else does. Lock `mutex` around every use except of
// `clock` and `log`, which lock themselves.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "clock.h"
#include "faults.h"
#include "life.h"
#include "random.h"
#include "rate_limit.h"
#include "seed.h"
#include "tokens.h"
#include "truth_log.h"
#include "world.h"

namespace triggerd::sandbox {

struct Settings {
  std::uint64_t seed = 1;
  std::size_t contacts = 60;
  double speed = 1;
  double pace = 0;              // changes per sandbox minute
  Millis quiet = 90 * kSecond;  // sandbox time without changes at the start
  Millis search_lag = 0;
  bool limits = true;
  int absent = 404;  // status of a record that is gone, where the documents allow several
  std::optional<Millis> start = {};  // of the sandbox clock; nothing: real time
};

struct State {
  State(const Settings& wanted, TruthLog::Sink sink)
      : settings(wanted),
        clock(wanted.start.value_or(real_wall_time()), wanted.speed),
        log(clock, std::move(sink)),
        world(clock, log, wanted.search_lag),
        life(world, wanted.seed, wanted.contacts),
        tokens(seed_from(wanted.seed, "tokens")),
        random(seed_from(wanted.seed, "answers")),
        next_change(clock.start() + wanted.quiet) {}

  const Settings settings;
  SandboxClock clock;
  TruthLog log;
  std::mutex mutex;
  World world;
  Life life;
  Tokens tokens;
  RateLimit limits;
  Faults faults;
  Random random;
  std::string base_url = "http://127.0.0.1:0";
  Millis next_change;
  bool paused = false;
  std::atomic<bool> stop_wanted = false;
  std::atomic<std::uint64_t> faults_cleared = 0;  // counts up, so that hanging answers notice
  std::uint64_t requests = 0;
  std::map<std::string, std::uint64_t> requests_by_operation;
};

}  // namespace triggerd::sandbox
