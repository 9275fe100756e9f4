#include "end_to_end/quiet.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>

#include "checker/database_rules.h"
#include "checker/deliveries.h"
#include "checker/state_reader.h"
#include "end_to_end/comparison.h"
#include "end_to_end/plain_config.h"

namespace triggerd::end_to_end {

using namespace checker;

namespace {

// Polls of each stream in the quiet phase: two sweeps that lack a record, a confirming read, and
// one to spare.
constexpr std::int64_t kQuietPolls = 6;
constexpr Wait kStopMax{60'000};

std::string emails_of(const Sandbox& sandbox) {
  std::string emails;
  for (const json& user : sandbox.records("users")) {
    emails += (emails.empty() ? "" : ",") + user.at("email").get<std::string>();
  }
  return emails;
}

}  // namespace

LivingScene::LivingScene(const SandboxOptions& options, Wait life_most)
    : sandbox_(folder_, options), daemon_(folder_, sandbox_, options.speed), most_(life_most) {
  sandbox_.post("/control/pause", json::object());
  PlainConfig config;
  config.emails = emails_of(sandbox_);
  daemon_.configure(plain_yaml(config));
  running_.emplace(daemon_.start("run"));
}

void LivingScene::wait_for_baselines() {
  const bool done = wait_until(most_, [&] {
    const auto rows =
        query_state(daemon_.database(),
                    "SELECT count(*) AS streams, count(DISTINCT trigger) AS triggers, "
                    "sum(state = 'active') AS active FROM streams");
    return !rows.empty() && rows.front().at("triggers") == 55 &&
           rows.front().at("active") == rows.front().at("streams");
  });
  REQUIRE_MESSAGE(done, "no baseline of all streams: " << what_waits(0) << "\n"
                                                       << daemon_.output());
  sandbox_.post("/control/resume", json::object());
}

std::int64_t LivingScene::changes() const {
  std::ifstream file(sandbox_.truth());
  std::int64_t count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.find("\"type\":\"mutation\"") != std::string::npos) ++count;
  }
  return count;
}

void LivingScene::wait_for_changes(std::int64_t wanted) {
  const bool done = wait_until(most_, [&] { return changes() >= wanted; });
  REQUIRE_MESSAGE(done, "the world changed only " << changes() << " times");
}

void LivingScene::kill_and_restart() {
  running_->kill_hard();
  running_.reset();
  running_.emplace(daemon_.start("run"));
}

std::string LivingScene::what_waits(std::int64_t polls_wanted) const {
  const std::string slowest =
      query_text(daemon_.database(),
                 "SELECT group_concat(t) FROM (SELECT trigger || ' ' || item || ' ' || state || ' "
                 "' || polls || ' ' "
                 "|| last_error AS t FROM streams WHERE ended_at IS NULL ORDER BY polls LIMIT 5)");
  return "fewest polls of " + std::to_string(polls_wanted) + ": " + slowest + "; runs that wait: " +
         std::to_string(query_number(daemon_.database(), "SELECT count(*) FROM pending_runs"));
}

void LivingScene::become_quiet() {
  sandbox_.clear_faults();
  sandbox_.post("/control/pause", json::object());
  wait_for_quiet();
  // One object with two states: on a busy machine no poll may have met the other one.
  constexpr const char* kSlugs =
      "SELECT coalesce(sum(created + changed + removed), 1) FROM streams "
      "WHERE trigger = 'check_blog_url_slug'";
  if (query_number(daemon_.database(), kSlugs) > 0) return;
  sandbox_.post("/control/mutate",
                {{"location", kLocation}, {"op", "auto"}, {"kind", "slug_flip"}});
  wait_for_quiet();
}

void LivingScene::wait_for_quiet() const {
  std::map<std::int64_t, std::int64_t> wanted;
  for (const json& row : query_state(daemon_.database(), "SELECT id, polls FROM streams")) {
    wanted[row.at("id").get<std::int64_t>()] = row.at("polls").get<std::int64_t>() + kQuietPolls;
  }
  const bool done = wait_until(most_, [&] {
    const auto rows =
        query_state(daemon_.database(), "SELECT id, polls FROM streams WHERE ended_at IS NULL");
    for (const json& row : rows) {
      const auto polls = wanted.find(row.at("id").get<std::int64_t>());
      const std::int64_t least = polls == wanted.end() ? kQuietPolls : polls->second;
      if (row.at("polls").get<std::int64_t>() < least) return false;
    }
    return query_number(daemon_.database(), "SELECT count(*) FROM pending_runs") == 0;
  });
  REQUIRE_MESSAGE(done, "it does not become quiet: " << what_waits(kQuietPolls));
}

int LivingScene::stop() {
  running_->signal(SIGTERM);
  const std::optional<int> code = running_->wait(kStopMax);
  REQUIRE_MESSAGE(code.has_value(), "it does not stop");
  return *code;
}

void LivingScene::check_everything() const {
  const Truth truth = read_truth(sandbox_.truth());
  const Comparison comparison =
      compare_detections(truth, daemon_.database(), sandbox_.get("/control/operations"));
  CHECK_MESSAGE(comparison.problems.empty(), joined(comparison.problems));
  const auto sends = check_deliveries(truth.arrivals, daemon_.database());
  CHECK_MESSAGE(sends.empty(), joined(sends));
  const auto at_rest = check_database(daemon_.database());
  CHECK_MESSAGE(at_rest.empty(), joined(at_rest));
  for (const PlainTrigger& trigger : plain_triggers()) {
    const auto count = comparison.confirmed.find(trigger.operation);
    const bool fired = count != comparison.confirmed.end() && count->second > 0;
    CHECK_MESSAGE(fired, trigger.operation << " has no detection that the truth log bears out");
  }
}

}  // namespace triggerd::end_to_end
