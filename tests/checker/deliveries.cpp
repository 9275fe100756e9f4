#include "checker/deliveries.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "checker/state_reader.h"

namespace triggerd::checker {

namespace {

using nlohmann::json;

struct StoredStep {
  std::string event, run_state, step_state, stream_record, body;
  std::int64_t run = 0;
  std::int64_t attempts = 0;
  std::int64_t n = 0;
};

// What was to be sent, where it is a request with a body.
std::string body_of(const std::string& request) {
  const json parsed = json::parse(request, nullptr, false);
  return parsed.is_object() && parsed.contains("body") && parsed.at("body").is_string()
             ? parsed.at("body").get<std::string>()
             : std::string();
}

std::map<std::string, StoredStep> stored_steps(const std::string& database) {
  std::map<std::string, StoredStep> steps;
  for (const json& row : query_state(
           database,
           "SELECT p.key, e.event_id, r.state AS run_state, p.state AS step_state, p.attempts, "
           "e.n, e.stream_id || ' ' || e.key AS record, p.request FROM steps p JOIN runs r ON r.id "
           "= p.run "
           "JOIN events e ON e.id = r.id ORDER BY e.id")) {
    steps[row.at("key").get<std::string>()] = {
        row.at("event_id").get<std::string>(),         row.at("run_state").get<std::string>(),
        row.at("step_state").get<std::string>(),       row.at("record").get<std::string>(),
        body_of(row.at("request").get<std::string>()), 0,
        row.at("attempts").get<std::int64_t>(),        row.at("n").get<std::int64_t>()};
  }
  return steps;
}

struct Arrived {
  std::string body;
  std::set<std::int64_t> attempts;
  std::int64_t first_seq = 0, accepted_seq = 0, last_attempt = 0;
  bool last_was_final = false;
};

void take_arrival(std::vector<std::string>& problems, const Arrival& arrival, Arrived& so_far) {
  if (so_far.attempts.empty()) {
    so_far.body = arrival.body;
    so_far.first_seq = arrival.seq;
  }
  if (arrival.body != so_far.body) problems.push_back(arrival.key + ": another body (I10)");
  if (!so_far.attempts.insert(arrival.attempt).second) {
    problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                       " twice (I13)");
  }
  if (so_far.last_was_final) {
    problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                       " came after one whose success was noted (I14)");
  }
  so_far.last_was_final = arrival.accepted() && !arrival.may_be_repeated;
  if (arrival.attempt < so_far.last_attempt && !arrival.may_be_overtaken)
    problems.push_back(arrival.key + ": attempts fall (I13)");
  so_far.last_attempt = std::max(so_far.last_attempt, arrival.attempt);
  if (arrival.accepted() && so_far.accepted_seq == 0) so_far.accepted_seq = arrival.seq;
}

// I12: of one record, n arrives before n+1 is tried.
void check_order(std::vector<std::string>& problems, const std::map<std::string, StoredStep>& steps,
                 const std::map<std::string, Arrived>& arrived) {
  std::map<std::string, std::map<std::int64_t, const Arrived*>> by_record;
  for (const auto& [key, step] : steps) {
    const auto found = arrived.find(key);
    if (found != arrived.end()) by_record[step.stream_record][step.n] = &found->second;
  }
  for (const auto& [record, runs] : by_record) {
    const Arrived* before = nullptr;
    for (const auto& [n, one] : runs) {
      if (before != nullptr && before->accepted_seq > one->first_seq) {
        problems.push_back(record + ": run " + std::to_string(n) + " began too early (I12)");
      }
      before = one;
    }
  }
}

}  // namespace

std::vector<std::string> check_deliveries(const std::vector<Arrival>& arrivals,
                                          const std::string& database) {
  std::vector<std::string> problems;
  const std::map<std::string, StoredStep> steps = stored_steps(database);
  std::map<std::string, Arrived> arrived;
  for (const Arrival& arrival : arrivals) {
    const auto step = steps.find(arrival.key);
    if (step == steps.end()) {
      problems.push_back(arrival.key + " arrived and is not known (I10)");
      continue;
    }
    if (arrival.attempt < 1 || arrival.attempt > step->second.attempts) {
      problems.push_back(arrival.key + ": attempt " + std::to_string(arrival.attempt) +
                         " is not recorded (I13)");
    }
    if (!step->second.body.empty() && arrival.body != step->second.body) {
      problems.push_back(arrival.key + ": another body than the one that is stored (I10)");
    }
    take_arrival(problems, arrival, arrived[arrival.key]);
  }
  for (const auto& [key, step] : steps) {
    if (step.run_state == "held" || step.run_state == "dead") continue;
    const auto found = arrived.find(key);
    if (step.run_state != "done" || found == arrived.end() || found->second.accepted_seq == 0) {
      problems.push_back(step.event + " did not arrive; its run is " + step.run_state + " (I11)");
    }
  }
  check_order(problems, steps, arrived);
  return problems;
}

}  // namespace triggerd::checker
