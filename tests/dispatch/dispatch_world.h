// A scratch database with one stream, a dispatcher and a clock in hand: what the tests of the
// dispatcher start from. Transactions are those of the engine: prepare, commit, (send,) take,
// commit.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/dispatch_config.h"
#include "triggerd/dispatch/dispatcher.h"
#include "triggerd/store/page_commit.h"
#include "triggerd/store/stream_state.h"

namespace triggerd::testing {

class ScratchState {
 public:
  ScratchState() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dispatch_XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~ScratchState() { std::filesystem::remove_all(path); }
  std::string path;
};

inline SendEnd send_end(SendClass end, int status = 0, std::optional<Millis> wait = {}) {
  SendEnd made;
  made.end = end;
  made.status = status;
  made.wait = wait;
  made.reason = end == SendClass::succeeded ? "" : "HTTP " + std::to_string(status);
  return made;
}
inline SendEnd succeeded(std::string answer = "null") {
  SendEnd made = send_end(SendClass::succeeded, 200);
  made.answer = std::move(answer);
  return made;
}

struct World {
  explicit World(std::vector<Step> with, DispatchSettings chosen = {})
      : steps(std::move(with)), settings(std::move(chosen)) {
    name_steps();
    open();
    TriggerRow row;
    row.id = "hot";
    save_trigger(*database, row, wall);
    stream.trigger = "hot";
    stream.account = "dental";
    stream.state = "active";
    add_stream(*database, stream, wall);
    database->commit();
  }

  void open() {
    database.emplace(Database::open(state.path, {}, wall));
    database->begin();
    recover_runs(*database, wall);
    database->commit();
    dispatcher.emplace(settings, test_secrets(variables));
    dispatcher->use_config(config);
    database->begin();
  }
  // As after SIGKILL: nothing in memory is left.
  void crash() {
    if (database->in_transaction()) database->rollback();
    dispatcher.reset();
    database.reset();
    open();
    database->commit();
  }
  void set_variable(const std::string& name, const std::string& value) {
    variables[name] = value;
    dispatcher.emplace(settings, test_secrets(variables));
    dispatcher->use_config(config);
  }

  void name_steps() {
    std::map<std::string, int> count;
    for (Step& step : steps) {
      const int number = ++count[step.id];
      if (number > 1) step.id += "-" + std::to_string(number);
    }
  }

  // One event; returns its run.
  std::int64_t add_event(const std::string& key, nlohmann::json record = nlohmann::json::object(),
                         std::int64_t n = 1) {
    database->begin();
    nlohmann::json definition = nlohmann::json::array();
    PageCommit page;
    for (const Step& step : steps) {
      definition.push_back(step_to_json(step));
      page.step_ids.push_back(step.id);
    }
    save_steps(*database, steps_hash, definition.dump(), wall);
    DetectionRow row;
    row.key = key;
    row.n = n;
    row.fingerprint = static_cast<std::uint64_t>(n);
    row.event_id = "evt_" + key + std::to_string(n);
    row.object = nlohmann::json{{"record", std::move(record)},
                                {"event", {{"id", row.event_id}, {"key", key}, {"n", n}}},
                                {"account", {{"name", "dental"}}},
                                {"trigger", {{"id", "hot"}}},
                                {"steps", nlohmann::json::object()}}
                     .dump();
    page.stream = &stream;
    page.generation = stream.generation;
    page.detections = {row};
    page.steps_hash = steps_hash;
    page.walk_over = true;
    page.never_hold = true;
    page.now = wall;
    REQUIRE(commit_page(*database, page).events == 1);
    database->commit();
    return ++last_run;
  }

  std::vector<Send> prepare() {
    database->begin();
    std::vector<Send> sends = dispatcher->prepare(*database, gates, wall, steady);
    database->commit();
    return sends;
  }
  Send prepare_one() {
    std::vector<Send> sends = prepare();
    REQUIRE(sends.size() == 1);
    return std::move(sends.front());
  }
  void take(const Send& send, const SendEnd& end) {
    database->begin();
    dispatcher->take(*database, send, end, wall);
    database->commit();
  }
  void pass(Millis duration) {
    wall += duration;
    steady += duration;
  }
  // On to when the dispatcher says that something is due.
  void pass_until_due() {
    const auto due = dispatcher->next_due(*database, wall);
    REQUIRE(due.has_value());
    if (*due > wall) pass(*due - wall);
  }

  RunRow run(std::int64_t id) {
    auto row = read_run(*database, id);
    REQUIRE(row.has_value());
    return *std::move(row);
  }
  StepRow step(std::int64_t id, std::size_t index = 0) { return run(id).steps.at(index); }

  ScratchState state;
  WallTime wall = wall_from_ms(1'790'000'000'000);
  SteadyTime steady{Millis{1'000'000}};
  std::vector<Step> steps;
  std::string steps_hash = "steps-1";
  DispatchSettings settings;
  std::shared_ptr<Config> config = test_config();
  std::map<std::string, std::string> variables{{"HOOK", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}};
  std::map<std::string, RateGate> gates;
  std::optional<Database> database;
  std::optional<Dispatcher> dispatcher;
  StreamRow stream;
  std::int64_t last_run = 0;
};

inline const HttpRequest& http_of(const Send& send) {
  REQUIRE(std::holds_alternative<HttpRequest>(send.what));
  return std::get<HttpRequest>(send.what);
}

inline Step hook(const std::string& url = "https://h.example/in") {
  return make_step("webhook", {{"url", url}});
}

}  // namespace triggerd::testing
