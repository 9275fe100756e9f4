#include "kill/fire.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "checker/database_rules.h"
#include "checker/state_reader.h"
#include "end_to_end/comparison.h"
#include "end_to_end/plain_config.h"
#include "proof/run_listener.h"

namespace triggerd::proof {

std::string part_name() { return "kill"; }

std::string repeat_command() {
  return "TRIGGERD_SEED=" + std::to_string(fire::first_seed()) +
         " TRIGGERD_KILLS=" + std::to_string(fire::kills_wanted(20)) + " tests_kill";
}

}  // namespace triggerd::proof

namespace triggerd::fire {

std::uint32_t first_seed() {
  return static_cast<std::uint32_t>(proof::setting("TRIGGERD_SEED", 1));
}

int kills_wanted(int otherwise) {
  return static_cast<int>(proof::setting("TRIGGERD_KILLS", otherwise));
}

using namespace checker;
using namespace end_to_end;

namespace {

// Polls of each stream in the quiet phase: two sweeps that lack a record, a confirming read, and
// one to spare.
constexpr std::int64_t kQuietPolls = 6;
constexpr Wait kMost{120'000};
constexpr Wait kStopMax{60'000};
// Shorter than a start: the truth log has a line where its answer ends, and a repeat after a
// restart must not overtake what it repeats.
constexpr int kDelayMs = 50;

// Families that differ in how they are read: searched by stamp, swept page by page, one object
// each, fanned out from others, answered with an ETag, there or not there.
const std::vector<std::string>& operations() {
  static const std::vector<std::string> all = {
      "search_contacts",      "get_contact",
      "search_conversations", "get_messages_by_conversation",
      "search_opportunities", "list_businesses_by_location",
      "list_workflows",       "get_duplicate_contact"};
  return all;
}

// Two triggers write files instead of calling a webhook: one a line, one a file for each event.
constexpr const char* kLines = "search_opportunities";
constexpr const char* kFiles = "list_businesses_by_location";

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE_MESSAGE(at != std::string::npos, what);
  text.replace(at, what.size(), with);
}

std::string webhook_of(const std::string& operation) {
  return "      - action: webhook\n        with: {url: https://hooks.example.com/" + operation +
         "}\n";
}

std::string yaml_of_scene() {
  PlainConfig config;
  config.operations = operations();
  config.small_pages = true;
  std::string yaml = plain_yaml(config);
  // Its pages and its polls for news ask alike; the comparison tells them apart by there being one
  // page.
  replace(yaml, "    params: {limit: 3}\n", "");
  replace(yaml, webhook_of(kLines),
          "      - action: file\n        with: {path: ./work/events/lines.jsonl, mode: append}\n");
  replace(yaml, webhook_of(kFiles),
          "      - action: file\n        with: {path: \"./work/events/${{ .event.id }}.json\", "
          "mode: per_event}\n");
  return yaml;
}

SandboxOptions options_of(const Fire& fire) {
  SandboxOptions options;
  options.speed = fire.speed;
  options.pace = fire.pace;
  options.contacts = 6;
  options.seed = static_cast<int>(fire.seed);
  return options;
}

std::string made_below(const Folder& folder) {
  std::filesystem::create_directory(folder.at("work"));
  return folder.at("work");
}

// Which of the contract's three questions a problem answers.
void count_problem(const std::string& problem) {
  const auto says = [&problem](const char* part) {
    return problem.find(part) != std::string::npos;
  };
  if (says("(I11)") || says("does not follow from what was shown")) count("lost");
  if (says("(I10)") || says("more or other than what was shown")) count("invented");
  if (says("(I13)") || says("(I14)")) count("unlabelled");
}

void check_all(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) count_problem(problem);
  CHECK_MESSAGE(problems.empty(), joined(problems));
}

}  // namespace

bool sanitized() { return PROGRAMS_SANITIZED != 0; }
std::string preload() { return "LD_PRELOAD=" FAILPOINT_PRELOAD; }

FireScene::FireScene(const Fire& fire)
    : work_(made_below(folder_)), fire_(fire), sandbox_(folder_, options_of(fire)) {
  count("scenes");
  sandbox_.post("/control/pause", json::object());
  folder_.write("triggers.yaml", yaml_of_scene());
}

void FireScene::start(const std::vector<std::string>& before) {
  REQUIRE_FALSE(running_.has_value());
  count("lives");
  std::ostringstream speed;
  speed << fire_.speed;
  std::vector<std::string> line = before;
  for (const std::string& word :
       {std::string(TRIGGERD_PROGRAM), std::string("run"), std::string("-c"),
        folder_.at("triggers.yaml"), std::string("--sandbox"), sandbox_.url(),
        std::string("--speed"), speed.str(), std::string("--state"), state()}) {
    line.push_back(word);
  }
  log_from_ = read_text(folder_.at("triggerd.log")).size();
  running_.emplace(line, folder_.at(""), folder_.at("triggerd.log"));
}

void FireScene::start(const Failpoint& point) { start(under(point)); }

std::vector<std::string> FireScene::under(const Failpoint& point) const {
  std::vector<std::string> before{"/usr/bin/env",
                                  preload(),
                                  "FAILPOINT_DIR=" + work_,
                                  "FAILPOINT_CALL=" + point.call,
                                  "FAILPOINT_AT=" + std::to_string(point.at),
                                  "FAILPOINT_DO=" + point.deed,
                                  "FAILPOINT_REPORT=" + report()};
  if (!point.during.empty()) before.push_back("FAILPOINT_WHILE=" + point.during);
  return before;
}

void FireScene::start_with(const std::string& shell) {
  start({"/bin/sh", "-c", shell + "; exec \"$@\"", "sh"});
}

Process& FireScene::daemon() {
  REQUIRE(running_.has_value());
  return *running_;
}

void FireScene::kill() {
  daemon().kill_hard();
  running_.reset();
}

std::optional<int> FireScene::ended(Wait most) {
  const std::optional<int> code = daemon().wait(most);
  if (code) running_.reset();
  return code;
}

std::string FireScene::log() const {
  return read_text(folder_.at("triggerd.log")).substr(log_from_);
}

void FireScene::wait_for_baselines() {
  have_baselines();
  sandbox_.post("/control/resume", json::object());
}

void FireScene::have_baselines() {
  const bool done = wait_until(kMost, [&] {
    const auto rows = query_state(
        database(),
        "SELECT count(*) AS streams, count(DISTINCT trigger) AS triggers, "
        "coalesce(sum(state = 'active'), 0) AS active FROM streams WHERE ended_at IS NULL");
    return !rows.empty() && rows.front().at("triggers") == static_cast<int>(operations().size()) &&
           rows.front().at("active") == rows.front().at("streams");
  });
  REQUIRE_MESSAGE(done, "no baseline of all streams; triggerd said:\n" << log());
}

std::int64_t FireScene::log_lines() const {
  return sandbox_.get("/control/state").at("log_lines").get<std::int64_t>();
}

void FireScene::doubt_answers() { doubts_.emplace_back(log_lines(), INT64_MAX); }

void FireScene::trust_answers() { doubts_.back().second = log_lines(); }

std::int64_t FireScene::polls() const {
  return query_number(database(), "SELECT coalesce(sum(polls), 0) FROM streams");
}

void FireScene::wait_for_polls(std::int64_t more) {
  const std::int64_t before = polls();
  const bool done = wait_until(kMost, [&] { return polls() >= before + more; });
  REQUIRE_MESSAGE(done, "it does not poll; triggerd said:\n" << log());
}

void FireScene::let_the_sink_fail(int round) {
  static const std::vector<json> kFaults = {{{"kind", "status"}, {"status", 500}},
                                            {{"kind", "reset"}},
                                            {{"kind", "throttle"}, {"retry_after", "1"}},
                                            {{"kind", "lost_after_effect"}},
                                            {{"kind", "delay"}, {"milliseconds", kDelayMs}}};
  json fault = kFaults[static_cast<std::size_t>(round) % kFaults.size()];
  fault["operation"] = "sink";
  fault["count"] = 3;
  sandbox_.post("/control/faults", fault);
}

void FireScene::become_quiet() {
  if (!running_) start();
  sandbox_.clear_faults();
  sandbox_.post("/control/pause", json::object());
  have_baselines();
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> before;
  const auto streams = [this] {
    return query_state(database(),
                       "SELECT id, polls, coalesce(last_sweep, 0) AS sweep, suspicious FROM "
                       "streams WHERE ended_at IS NULL");
  };
  const auto number = [](const json& row, const char* name) {
    return row.at(name).get<std::int64_t>();
  };
  for (const json& row : streams()) {
    before[number(row, "id")] = {number(row, "polls"), number(row, "sweep")};
  }
  const auto settled = [&](const json& row) {
    const auto& [polls, sweep] = before[number(row, "id")];
    const bool swept = sweep == 0 || number(row, "sweep") > sweep;
    return swept && number(row, "suspicious") == 0 && number(row, "polls") >= polls + kQuietPolls;
  };
  const std::string waiting =
      "SELECT (SELECT count(*) FROM pending_runs) + (SELECT count(*) FROM seen n JOIN streams s ON "
      "s.id = n.stream_id WHERE n.missing > 0 AND n.gone IS NULL AND s.ended_at IS NULL)";
  const bool done = wait_until(kMost, [&] {
    const auto rows = streams();
    return std::all_of(rows.begin(), rows.end(), settled) && query_number(database(), waiting) == 0;
  });
  std::string slow;
  for (const json& row : streams()) {
    if (!settled(row)) slow += row.dump() + "\n";
  }
  REQUIRE_MESSAGE(done, "it does not become quiet; rows that wait: "
                            << query_number(database(), waiting) << "; streams:\n"
                            << slow << "triggerd said:\n"
                            << log());
}

int FireScene::stop() {
  daemon().signal(SIGTERM);
  const std::optional<int> code = ended(kStopMax);
  REQUIRE_MESSAGE(code.has_value(), "it does not stop; triggerd said:\n" << log());
  return *code;
}

void FireScene::finish() {
  become_quiet();
  CHECK(stop() == 0);
  count_report();
  check();
}

FireScene::Said FireScene::say(const std::string& word,
                               const std::vector<std::string>& more) const {
  return run_beside({}, word, more);
}

FireScene::Said FireScene::say_under(const Failpoint& point, const std::string& word,
                                     const std::vector<std::string>& more) const {
  return run_beside(under(point), word, more);
}

FireScene::Said FireScene::run_beside(std::vector<std::string> line, const std::string& word,
                                      const std::vector<std::string>& more) const {
  const std::string output = folder_.at("said.txt");
  std::filesystem::remove(output);
  for (const std::string& part : {std::string(TRIGGERD_PROGRAM), word, std::string("-c"),
                                  folder_.at("triggers.yaml"), std::string("--state"), state()}) {
    line.push_back(part);
  }
  line.insert(line.end(), more.begin(), more.end());
  Process process(line, folder_.at(""), output);
  const std::optional<int> code = process.wait(kMost);
  return {code.value_or(-1), read_text(output)};
}

// Which points were reached, by deed and by call.
void FireScene::count_report() {
  std::ifstream file(report());
  for (std::string deed, call, name; file >> deed >> call >> name;) {
    if (deed == "eio" || deed == "enospc") {
      count("failures_" + deed + "_at_" + call);
      continue;
    }
    count("kill_points");
    count("kill_points_" + deed);
    count("kill_points_at_" + call);
  }
  file.close();
  std::filesystem::remove(report());
}

// What lies in the files stands for arrivals, in the order in which it was written.
std::vector<Arrival> FireScene::in_files() const {
  std::vector<Arrival> found;
  const auto add = [&found](std::int64_t seq, const std::string& key, const std::string& body) {
    Arrival arrival;
    arrival.seq = seq;
    arrival.key = key;
    arrival.attempt = 1;
    arrival.body = body;
    arrival.status = 200;
    arrival.complete = true;
    arrival.may_be_repeated = false;
    found.push_back(std::move(arrival));
  };
  std::ifstream lines(work_ + "/events/lines.jsonl");
  std::int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const json parsed = json::parse(line, nullptr, false);
    if (!parsed.is_object()) {
      count("torn_lines");
      continue;
    }
    add(number, parsed.value(parsed.contains("triggerd_key") ? "triggerd_key" : "key", ""), line);
  }
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(work_ + "/events", none)) {
    const std::string name = file.path().filename();
    if (!name.starts_with("evt_")) continue;
    const std::string text = read_text(file.path());
    CHECK_MESSAGE(json::parse(text, nullptr, false).is_object(), name << " is cut off");
    const std::size_t key = name.find('-') + 1;
    // A folder has no order.
    add(1, name.substr(key, name.rfind('.') - key), text);
  }
  return found;
}

void FireScene::check() const {
  Truth truth = read_truth(sandbox_.truth());
  // To the comparison, each of these is the last answer of a life: it may have been taken, or not.
  for (Answer& answer : truth.answers) {
    for (const auto& [from, to] : doubts_) {
      if (answer.seq > from && answer.seq <= to) answer.token = std::to_string(answer.seq);
    }
  }
  const Comparison comparison =
      compare_detections(truth, database(), sandbox_.get("/control/operations"));
  check_all(comparison.problems);
  for (Arrival& arrival : in_files()) truth.arrivals.push_back(std::move(arrival));
  check_all(check_deliveries(truth.arrivals, database()));
  check_all(check_database(database()));
  count("requests", static_cast<std::int64_t>(truth.answers.size()));
  count("deliveries", static_cast<std::int64_t>(truth.arrivals.size()));
  count("events", query_number(database(), "SELECT count(*) FROM events"));
  count("changes", static_cast<std::int64_t>(truth.mutations.size()));
  for (const Arrival& arrival : truth.arrivals) count("repeats_labelled", arrival.attempt > 1);
  CHECK(query_number(database(), "SELECT count(*) FROM dead_letters") == 0);
}

}  // namespace triggerd::fire
