// A sandbox that lives and one state directory on which daemons live and die, one after the other:
// each goes on from what the last one left. At the end of each story stands the quiet phase and the
// whole check. Used by the stories in this folder; knows triggerd by its command line and files.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "checker/deliveries.h"
#include "end_to_end/processes.h"
#include "proof/proof_line.h"

namespace triggerd::fire {

using end_to_end::Folder;
using end_to_end::json;
using end_to_end::Process;
using end_to_end::Sandbox;
using end_to_end::Wait;
using proof::count;
using proof::note_limit;
using proof::note_not_run;
using proof::note_seeds;

// TRIGGERD_SEED and TRIGGERD_KILLS; without them, the short form.
std::uint32_t first_seed();
int kills_wanted(int otherwise);

// Whether the programs have sanitizers: they are slower then, hold more memory, and report some
// signals themselves.
bool sanitized();
// "LD_PRELOAD=...", for env: puts failpoint.cpp between the program and the system.
std::string preload();

struct Fire {
  std::uint32_t seed = first_seed();
  double speed = sanitized() ? 120 : 240;
  double pace = 60;  // changes per sandbox minute
};

// One failpoint; read failpoint.cpp for the words.
struct Failpoint {
  std::string call = "any", deed;
  int at = 1;
  std::string during = {};  // a file
};

class FireScene {
 public:
  explicit FireScene(const Fire& fire);

  // Words that stand before the program: "env A=b".
  void start(const std::vector<std::string>& before = {});
  void start(const Failpoint& point);
  // A shell's commands first, such as "ulimit -n 32".
  void start_with(const std::string& shell);
  Process& daemon();
  // SIGKILL, now.
  void kill();
  // Waits for the daemon's end by itself.
  std::optional<int> ended(Wait most);

  // REQUIREs; what the daemon said stands in the message. The world stands still until the
  // baselines are there: a change in the midst of a first walk may be silent.
  void wait_for_baselines();
  void wait_for_polls(std::int64_t more);
  std::int64_t polls() const;
  // The world stands still and faults are off: until each stream was polled some times more, has
  // been swept, doubts no sweep and misses no record, and nothing waits. Starts a daemon where none
  // runs.
  void become_quiet();
  int stop();  // SIGTERM; its exit code
  // Counts the failpoints that were reached, and forgets them.
  void count_report();
  // Quiet, stopped, all checked.
  void finish();
  // Answers from here on may be dropped, since they cannot be written: a state that is replaced
  // before the next poll is then not promised.
  void doubt_answers();
  void trust_answers();
  void let_the_sink_fail(int round);

  // A command beside the daemon: its exit code and what it printed.
  struct Said {
    int code = -1;
    std::string text;
  };
  Said say(const std::string& command, const std::vector<std::string>& more = {}) const;
  // The same with a failpoint.
  Said say_under(const Failpoint& point, const std::string& command,
                 const std::vector<std::string>& more = {}) const;
  // What the daemons said since the last start.
  std::string log() const;

  const Folder& folder() const { return folder_; }
  const Sandbox& sandbox() const { return sandbox_; }
  std::string state() const { return work_ + "/state"; }
  std::string work() const { return work_; }
  std::string database() const { return state() + "/triggerd.db"; }
  std::string report() const { return folder_.at("report"); }

 private:
  void have_baselines();
  void check() const;
  std::vector<std::string> under(const Failpoint& point) const;
  Said run_beside(std::vector<std::string> line, const std::string& command,
                  const std::vector<std::string>& more) const;
  std::vector<checker::Arrival> in_files() const;

  const Folder folder_;
  const std::string work_;  // what the daemon may write: failpoints count here alone
  const Fire fire_;
  const Sandbox sandbox_;
  std::optional<Process> running_;
  std::size_t log_from_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> doubts_;  // lines of the truth log
  std::int64_t log_lines() const;
};

}  // namespace triggerd::fire
