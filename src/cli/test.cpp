// test: one real poll of a trigger on a copy of the state. Shows what would fire and what each step
// would send; acts on nothing and writes nothing.
#include <iostream>

#include "cli/command_line.h"
#include "cli/daemon.h"
#include "cli/table_text.h"
#include "triggerd/dispatch/render.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

constexpr Millis kTurnMax{1'000};
constexpr std::int64_t kEventsShown = 100;

nlohmann::json what_steps_send(const Trigger& trigger, const nlohmann::json& object,
                               const Config& config) {
  nlohmann::json sends = nlohmann::json::array();
  ExpressionPool expressions;
  for (const Step& step : trigger.steps) {
    nlohmann::json shown{{"step", step.id}, {"action", step.action}};
    Result<JsonTemplate, JsonTemplate::Problem> with = JsonTemplate::parse(step.with, expressions);
    expressions.compile();
    if (!with) {
      shown["error"] = with.error().what;
    } else if (const auto rendered = render_step(step, *with, expressions, object, config)) {
      shown["request"] = rendered->request;
    } else {
      shown["error"] = rendered.error();
    }
    sends.push_back(std::move(shown));
  }
  return sends;
}

void print_text(const nlohmann::json& outcome) {
  for (const nlohmann::json& stream : outcome["streams"]) {
    std::cout << stream.value("account", "") << ' ' << stream.value("item", "") << ": "
              << stream.value("records", 0) << " records, " << stream.value("state", "");
    const std::string error = stream.value("last_error", "");
    std::cout << (error.empty() ? "" : "; " + coloured(error, 31)) << '\n';
  }
  if (outcome["events"].empty()) std::cout << "nothing would fire\n";
  for (const nlohmann::json& event : outcome["events"]) {
    std::cout << event["event"].value("kind", "") << ' ' << event["event"].value("key", "") << '\n';
    for (const nlohmann::json& send : event["would_send"]) {
      std::cout << "  " << send.value("step", "") << ": "
                << compact_json(send.contains("error") ? send["error"] : send["request"]) << '\n';
    }
  }
}

}  // namespace

int command_test(const CommandOptions& options) {
  CommandOptions quiet = options;
  quiet.log_level = "error";
  Daemon daemon(quiet);
  EngineOptions engine_options;
  engine_options.once = true;
  engine_options.dispatch = false;
  engine_options.only = {options.trigger};
  if (const auto failed = daemon.prepare(engine_options, true)) return *failed;
  Database& database = daemon.engine->database();
  const Listing newest = list_view(database, "recent_events", "", 1);
  const std::int64_t before =
      newest.rows.empty() ? 0 : newest.rows.front().value("rowid", std::int64_t{0});
  do {
    daemon.engine->turn(kTurnMax);
    if (daemon.signals.take().stop > 0) return kExitFailed;
  } while (!daemon.engine->finished());
  daemon.engine->save();
  const Trigger& trigger = *daemon.config->trigger(options.trigger);
  nlohmann::json outcome{{"trigger", options.trigger}, {"events", nlohmann::json::array()}};
  for (const nlohmann::json& row : events_after(database, before, kEventsShown).rows) {
    std::optional<nlohmann::json> event = describe_event(database, row.value("event_id", ""));
    if (!event || !event->contains("object")) continue;
    nlohmann::json object = (*event)["object"];
    object["would_send"] = what_steps_send(trigger, object, *daemon.config);
    outcome["events"].push_back(std::move(object));
  }
  bool failed = false;
  outcome["streams"] = nlohmann::json::array();
  for (const nlohmann::json& row : list_view(database, "status", options.trigger, 1'000).rows) {
    failed = failed || row.value("failures", std::int64_t{0}) > 0;
    outcome["streams"].push_back(row);
  }
  if (options.json) {
    std::cout << outcome.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    print_text(outcome);
  }
  return failed ? kExitFailed : kExitOk;
}

}  // namespace triggerd
