#include "end_to_end/action_scene.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <map>

#include "checker/database_rules.h"
#include "checker/state_reader.h"

namespace triggerd::end_to_end {

using namespace checker;

namespace {

constexpr Wait kMost{90'000};
constexpr Wait kLogMost{5'000};
constexpr const char* kOver = "SELECT count(*) FROM runs WHERE state IN ('done', 'dead')";

const std::string& served_as(const ActionCase& one) {
  return one.served.empty() ? one.operation : one.served;
}

// "@contacts/0/email" -> the value in the sandbox's world.
json looked_up(const Sandbox& sandbox, const std::string& text) {
  const std::size_t first = text.find('/');
  REQUIRE_MESSAGE(first != std::string::npos, text);
  const std::size_t second = std::min(text.find('/', first + 1), text.size());
  const auto records = sandbox.records(text.substr(1, first - 1));
  const auto index = std::stoul(text.substr(first + 1, second - first - 1));
  REQUIRE_MESSAGE(index < records.size(), text);
  const json& record = records.at(index);
  if (second < text.size()) return record.at(json::json_pointer(text.substr(second)));
  return record.contains("id") ? record.at("id") : record.at("_id");
}

json resolved(const Sandbox& sandbox, json value) {
  if (value.is_structured()) {
    for (json& item : value) item = resolved(sandbox, item);
  } else if (value.is_string() && value.get_ref<const std::string&>().starts_with('@')) {
    return looked_up(sandbox, value.get<std::string>());
  }
  return value;
}

std::vector<Placed> placed(const Sandbox& sandbox, const std::vector<ActionCase>& cases) {
  for (const ActionCase& one : cases) {
    if (one.prepare) one.prepare(sandbox);
  }
  std::vector<Placed> all;
  std::map<std::string, int> waves;
  for (const ActionCase& one : cases) {
    Placed entry{&one, one.operation + "-" + std::to_string(all.size()), waves[served_as(one)]++,
                 one};
    CAPTURE(entry.trigger);
    for (json* part : {&entry.filled.with, &entry.filled.expect, &entry.filled.answer}) {
      *part = resolved(sandbox, *part);
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace

bool fits(const json& value, const json& wanted) {
  if (!wanted.is_object() || !value.is_object()) return value == wanted;
  return std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& member) {
    const auto found = value.find(member.key());
    if (found == value.end()) return member.value().is_null();
    return fits(*found, member.value());
  });
}

std::string wave_name(int wave) { return "wave " + std::to_string(wave) + "."; }

std::string accounts_yaml(const std::vector<Placed>& all) {
  std::string yaml = "version: 1\naccounts:\n";
  const std::string token = ", auth: {token: \"${env:UNUSED}\"}}\n";
  const std::string company = std::string("company_id: ") + kCompany;
  for (const Placed& entry : all) {
    yaml += "  " + entry.trigger + ": {connector: highlevel, location_id: " + kLocation + ", " +
            company + token;
    if (entry.one->account == "agency") {
      yaml += "  agency-" + entry.trigger + ": {connector: highlevel, " + company + token;
    }
  }
  return yaml;
}

std::string trigger_yaml(const Placed& entry, const std::string& name, const json& with) {
  const std::string account =
      entry.one->account == "agency" ? "account: agency-" + entry.trigger + ", " : "";
  const std::string name_is = (entry.one->repeatable ? "== \"" : "| startswith(\"") +
                              wave_name(entry.wave) + (entry.one->repeatable ? "\"" : "\")");
  return "  " + name + ":\n    poll: highlevel.list_custom_fields\n    account: " + entry.trigger +
         "\n    every: 1m\n    detect: [new]\n    when: '.record.name " + name_is +
         "'\n    do:\n      - {id: it, action: highlevel." + entry.one->operation + ", " + account +
         "with: " + with.dump() +
         "}\n      - {action: webhook, with: {url: \"https://hooks.example.com/" + name +
         "\", body: \"${{ .steps.it }}\"}}\n";
}

ActionScene::ActionScene(const std::vector<ActionCase>& cases, double speed)
    : sandbox_(folder_, {.speed = speed}),
      daemon_(folder_, sandbox_, speed),
      all_(placed(sandbox_, cases)) {
  std::string yaml = accounts_yaml(all_) + "triggers:\n";
  for (const Placed& entry : all_) yaml += trigger_yaml(entry, entry.trigger, entry.filled.with);
  daemon_.configure(yaml);
  running_.emplace(daemon_.start("run"));
  const auto all = static_cast<std::int64_t>(all_.size());
  const bool ready = wait_until(kMost, [&] {
    return count_of("SELECT count(*) FROM streams WHERE state = 'active'") == all;
  });
  REQUIRE_MESSAGE(ready, daemon_.output());
}

void ActionScene::fault(const Placed& entry, json options) const {
  options["operation"] = served_as(*entry.one);
  sandbox_.post("/control/faults", options);
}

void ActionScene::fire(const std::vector<const Placed*>& cases, const std::string& record) {
  since_ = sandbox_.get("/control/state").at("log_lines").get<std::int64_t>();
  const std::int64_t over = count_of(kOver) + static_cast<std::int64_t>(cases.size());
  sandbox_.create("custom_fields", {{"name", record}, {"model", "contact"}});
  REQUIRE_MESSAGE(wait_until(kMost, [&] { return count_of(kOver) >= over; }), what_waits());
  sandbox_.clear_faults();
  // A line of the log may be written a moment after the answer that it is about has arrived.
  wait_until(kLogMost, [&] {
    truth_ = read_truth(sandbox_.truth());
    std::int64_t requests = 0;
    for (const Placed& entry : all_) {
      requests += static_cast<std::int64_t>(entry.wave == 0 ? requests_of(entry, 0).size() : 0);
    }
    return requests >= count_of("SELECT count(*) FROM attempts WHERE step_id = 'it'") &&
           static_cast<std::int64_t>(truth_.arrivals.size()) >=
               count_of("SELECT count(*) FROM attempts WHERE step_id <> 'it'");
  });
}

json ActionScene::run_of(const Placed& entry, const std::string& step) const {
  const auto rows = query_state(
      daemon_.database(),
      "SELECT r.id, r.state AS run, r.next_at, s.state, s.attempts, s.error, s.answer "
      "FROM runs r JOIN streams t ON t.id = r.stream_id JOIN steps s ON s.run = r.id "
      "WHERE s.step_id = '" +
          step + "' AND t.trigger = '" + entry.trigger + "' ORDER BY r.id DESC LIMIT 1");
  REQUIRE_MESSAGE(!rows.empty(), entry.trigger);
  return rows.front();
}

std::vector<json> ActionScene::attempts_of(const json& run) const {
  return query_state(daemon_.database(),
                     "SELECT number, started_at, ended_at, outcome, status FROM attempts WHERE "
                     "step_id = 'it' AND run = " +
                         run.at("id").dump() + " ORDER BY number");
}

std::vector<Answer> ActionScene::requests_of(const Placed& entry) const {
  return requests_of(entry, since_);
}

std::vector<Answer> ActionScene::requests_of(const Placed& entry, std::int64_t since) const {
  std::vector<Answer> found;
  for (const Answer& answer : truth_.answers) {
    if (answer.seq > since && answer.operation == served_as(*entry.one)) found.push_back(answer);
  }
  return found;
}

std::vector<Mutation> ActionScene::effects_of(const Placed& entry) const {
  std::vector<Mutation> found;
  for (const Mutation& mutation : truth_.mutations) {
    if (mutation.seq > since_ && mutation.by == served_as(*entry.one)) found.push_back(mutation);
  }
  return found;
}

json ActionScene::webhook_of(const Placed& entry) const {
  json body;
  for (const Arrival& arrival : truth_.arrivals) {
    if (arrival.seq > since_ && arrival.path.ends_with("/" + entry.trigger)) {
      body = json::parse(arrival.body, nullptr, false);
    }
  }
  return body;
}

void ActionScene::stop() {
  running_->signal(SIGTERM);
  CHECK(running_->wait(kMost) == 0);
  const auto problems = check_database(daemon_.database());
  CHECK_MESSAGE(problems.empty(), joined(problems));
}

std::int64_t ActionScene::count_of(const std::string& sql) const {
  return query_number(daemon_.database(), sql);
}

std::string ActionScene::what_waits() const {
  json rows = query_state(daemon_.database(),
                          "SELECT t.trigger, r.state AS run, s.step_id, s.state, s.attempts, "
                          "s.error FROM runs r JOIN streams t ON t.id = r.stream_id LEFT JOIN "
                          "steps s ON s.run = r.id WHERE r.state NOT IN ('done', 'dead')");
  return rows.dump(1) + "\n" + daemon_.output();
}

}  // namespace triggerd::end_to_end
