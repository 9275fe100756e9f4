// A sandbox and a daemon in which each case of a write has a trigger and an account of its own, so
// that the cases do not wait for each other; and what became of each. Used by
// every_action_test.cpp.
#pragma once

#include <optional>

#include "end_to_end/action_cases.h"
#include "end_to_end/truth.h"

namespace triggerd::end_to_end {

// A case with its place in the configuration, and its references replaced.
struct Placed {
  const ActionCase* one = nullptr;
  std::string trigger;  // its account has the same name
  int wave = 0;         // cases that the sandbox serves by one route go one after the other
  ActionCase filled;
};

// Objects may have more members than are asked for; null stands for none.
bool fits(const json& value, const json& wanted);

// Names of the records whose coming makes the events. To those that end in kUnclear only the cases
// listen that must not be repeated.
std::string wave_name(int wave);
inline constexpr const char* kUnclear = " unclear";

std::string accounts_yaml(const std::vector<Placed>& all);
// A trigger `name` whose step `it` is the case's, with these values; each step is one line.
std::string trigger_yaml(const Placed& entry, const std::string& name, const json& with);

class ActionScene {
 public:
  ActionScene(const std::vector<ActionCase>& cases, double speed);  // ends at rest, baselines made

  const std::vector<Placed>& all() const { return all_; }
  // For the next answer to the case's operation.
  void fault(const Placed& entry, json options) const;
  // An event for each of the cases, until their runs are over; then nothing is faulty any more.
  void fire(const std::vector<const Placed*>& cases, const std::string& record);

  // The case's latest run: id, run (its state), next_at, and state, attempts, error of one step.
  json run_of(const Placed& entry, const std::string& step = "it") const;
  std::vector<json> attempts_of(const json& run) const;
  // Of the last fire(): requests, what they changed, what the step after `it` was given of it.
  std::vector<Answer> requests_of(const Placed& entry) const;
  std::vector<Mutation> effects_of(const Placed& entry) const;
  json webhook_of(const Placed& entry) const;

  void stop();  // SIGTERM, and the database must be sound

 private:
  std::vector<Answer> requests_of(const Placed& entry, std::int64_t since) const;
  std::int64_t count_of(const std::string& sql) const;
  std::string what_waits() const;

  const Folder folder_;
  const Sandbox sandbox_;
  Triggerd daemon_;
  const std::vector<Placed> all_;
  std::optional<Process> running_;
  std::int64_t since_ = 0;  // the log's length before the last fire()
  Truth truth_;
};

}  // namespace triggerd::end_to_end
