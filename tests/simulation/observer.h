// What each stream was shown and which of it a commit took in, written down while the simulation
// runs; and what can be judged at once: walks are walked to their end, cursors come from the app,
// bounds lie below what was seen, stated waits are kept. Asked by judge. Times: `at` is the app's
// clock, `wall` triggerd's, both in ms.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/app.h"
#include "triggerd/time.h"

namespace triggerd::simulation {

// One thing that a stream learnt.
struct Learnt {
  enum class Kind { page, sweep_end, direct_read, forgotten };
  Kind kind = Kind::page;
  std::int64_t at = 0, wall = 0;
  bool certain = true;  // false: the program died in the turn that took it
  bool baseline = false;
  int rule = 0;
  std::optional<std::int64_t> t0, server;
  std::vector<std::pair<std::string, json>> shown;
  std::string key;            // of a direct read
  std::set<std::string> met;  // by the sweep
  bool counts = false;        // the sweep shows what is missing
  bool odd = false;           // but for a record in it that has no key
};

struct StreamLog {
  std::vector<Learnt> learnt;
  bool active = false;  // its first walk is over
  std::optional<std::int64_t> t0;
  std::set<std::int64_t> t0_candidates;
  std::optional<std::int64_t> watermark;
  int sweeps = 0;  // complete ones since the quiet phase began
  int walks = 0;   // begun since then

  // The walk in progress.
  std::set<std::string> met, cursors_given, cursors_done, pages;
  std::string next;
  std::optional<std::int64_t> newest;
  std::optional<std::size_t> pending_end;  // index in `learnt`: it ended there unless it goes on
  bool pending_clean = false;
  bool unsure = false;  // a baseline that was cut off may have been at its end
  bool open = false;    // its last page named another one
  bool sweep = false, clean = false, odd = false, excused = false;
};

class Observer {
 public:
  // A request arrived at the app and was answered; whether the answer gets back is not known yet.
  void served(const Answer& answer);
  void poll_left(SteadyTime now);
  // An answer that asks for a wait was given to the engine, which lived on.
  void told_to_wait(Millis wait, SteadyTime now);
  // An answer was given to the engine in a turn that came to its end, or did not.
  void taken(const Answer& answer, std::int64_t wall, int rule, bool certain);
  // The program started again on this database.
  void restarted(const std::string& database, std::int64_t at, SteadyTime died);
  // It could not write: what it was given is lost, what it was told is not.
  void disk_full(const std::string& database, std::int64_t at);
  // It took another configuration: walks may have been given up.
  void interrupted(const std::string& database, std::int64_t at);
  // Walks may be given up and waits be forgotten: the configuration or the clock was changed.
  void excuse();
  // The operator asked that a trigger begin anew, and whether it does stands in the database; what
  // was asked for before is of no use then.
  void asked_anew(const std::string& trigger) { asked_anew_ = trigger; }
  void look_for_new_beginnings(const std::string& database, std::int64_t at);
  void begin_quiet();
  void end();

  const std::map<std::string, StreamLog>& streams() const { return streams_; }
  std::vector<std::string>& problems() { return problems_; }

 private:
  void settle_end(StreamLog& stream);
  void begin_walk(StreamLog& stream, const Answer& answer);
  // Whether the database says that a stream is over its baseline.
  bool stands_active(const std::string& name) const;
  void go_on(StreamLog& stream, const Answer& answer);
  void take_page(StreamLog& stream, const Answer& answer, Learnt learnt);
  void begin_anew(StreamLog& stream, std::int64_t at);
  void check_watermark(const std::string& name, const json& row);

  std::map<std::string, StreamLog> streams_;
  std::vector<std::string> problems_;
  std::deque<SteadyTime> polls_;
  std::optional<SteadyTime> wait_until_;
  SteadyTime wait_noted_{};
  std::map<std::string, std::int64_t> stored_watermarks_, generations_;
  std::string asked_anew_, database_;
  std::set<std::string> came_back_;  // streams of cards, since the last look
};

}  // namespace triggerd::simulation
