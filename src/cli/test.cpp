// test: one real poll of a trigger on a copy of the state. Shows what would fire and what each step
// would send; acts on nothing and writes nothing.
#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/daemon.h"
#include "cli/outcome.h"
#include "cli/table_text.h"
#include "dispatch/link_step.h"
#include "triggerd/dispatch/render.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

using nlohmann::json;

constexpr Millis kTurnMax{1'000};
constexpr std::int64_t kEventsShown = 100;
constexpr std::size_t kValuesShown = 20;  // of `each`

// What steps are shown with. The database is the copy: links that steps keep there are found by the
// ones behind them, and gone at the end.
struct Showing {
  const Trigger& trigger;
  const Config& config;
  Database& database;
  WallTime now;
};

// One step while it is shown for one event.
struct StepShow {
  const Step& step;
  const Showing& by;
  ExpressionPool expressions = {};
  JsonTemplate with = {};
  std::optional<ExpressionId> when, each;
};

json with_error(const Step& step, const std::string& what) {
  return {{"step", step.id}, {"action", step.action}, {"error", what}};
}

json rendered(const StepShow& show, const json& object) {
  const auto request = render_step(show.step, show.with, show.expressions, object, show.by.config);
  if (!request) return with_error(show.step, request.error());
  json send{{"step", show.step.id}, {"action", show.step.action}, {"request", request->request}};
  if (show.step.action != kLinkAction) return send;
  const AttemptEnd end = walk_link(show.by.database, request->request, show.by.now);
  if (end.kind != AttemptEnd::Kind::succeeded) return with_error(show.step, end.reason);
  send["answer"] = parse_json(end.answer).value_or(json(nullptr));
  return send;
}

// Whether the step's `when` lets it go; the failure is what would put it into the dead letters.
Result<bool, std::string> goes(const StepShow& show, const json& object) {
  if (!show.when) return true;
  const auto values = show.expressions.run(*show.when, object);
  if (!values) return Failure<std::string>("when: " + values.error());
  if (values->size() > 1) return Failure<std::string>("when: gives several values");
  return !values->empty() && !values->front().is_null() && values->front() != json(false);
}

void show_each(const StepShow& show, json object, json& sends) {
  const auto values = show.expressions.run(*show.each, object);
  if (!values || values->size() != 1 || !values->front().is_array()) {
    sends.push_back(
        with_error(show.step, values ? "each: must give one list" : "each: " + values.error()));
    return;
  }
  const json& list = values->front();
  if (list.empty()) {
    sends.push_back(
        {{"step", show.step.id}, {"action", show.step.action}, {"skipped", "each: no value"}});
  }
  for (std::size_t i = 0; i < list.size() && i < kValuesShown; ++i) {
    object["each"] = list[i];
    json send = rendered(show, object);
    send["each"] = list[i];
    sends.push_back(std::move(send));
  }
  if (list.size() > kValuesShown) {
    sends.push_back({{"step", show.step.id},
                     {"action", show.step.action},
                     {"left_out", list.size() - kValuesShown}});
  }
}

// As the dispatcher does it: `when` first, then one request per value of `each`.
void show_step(const Step& step, const json& object, const Showing& by, json& sends) {
  StepShow show{step, by, {}, {}, {}, {}};
  auto with = JsonTemplate::parse(step.with, show.expressions);
  if (!with) {
    sends.push_back(with_error(step, with.error().what));
    return;
  }
  show.with = std::move(*with);
  if (!step.when.empty()) show.when = show.expressions.add(step.when);
  if (!step.each.empty()) show.each = show.expressions.add(step.each);
  show.expressions.compile();
  const auto allowed = goes(show, object);
  if (!allowed) {
    sends.push_back(with_error(step, allowed.error()));
  } else if (!*allowed) {
    sends.push_back({{"step", step.id}, {"action", step.action}, {"skipped", "when"}});
  } else if (show.each) {
    show_each(show, object, sends);
  } else {
    sends.push_back(rendered(show, object));
  }
}

// Of earlier steps only links have answers here; what reads those of others sees null.
json what_steps_send(const Showing& by, json object) {
  json sends = json::array();
  object["steps"] = json::object();
  for (const Step& step : by.trigger.steps) {
    const std::size_t before = sends.size();
    show_step(step, object, by, sends);
    json answers = json::array();
    for (std::size_t i = before; i < sends.size(); ++i) {
      if (sends[i].contains("answer")) answers.push_back(sends[i]["answer"]);
    }
    if (!step.each.empty()) {
      object["steps"][step.id] = std::move(answers);
    } else if (!answers.empty()) {
      object["steps"][step.id] = std::move(answers.front());
    }
  }
  return sends;
}

std::string send_text(const json& send) {
  if (send.contains("skipped")) return "not sent (" + send.value("skipped", "") + ")";
  if (send.contains("left_out")) return "... and " + send["left_out"].dump() + " values more";
  const std::string each = send.contains("each") ? compact_json(send["each"]) + ": " : "";
  const std::string answer =
      send.contains("answer") ? " gives " + compact_json(send["answer"]) : "";
  return each + compact_json(send.contains("error") ? send["error"] : send["request"]) + answer;
}

void print_text(const json& outcome) {
  for (const json& stream : outcome["streams"]) {
    const std::string item = cell_value(stream, "item");
    std::cout << cell_value(stream, "account") << (item == "{}" ? "" : " " + item) << ": "
              << cell_value(stream, "records") << " records, " << cell_value(stream, "state");
    const std::string error = cell_value(stream, "last_error");
    std::cout << (error.empty() ? "" : "; " + coloured(error, 31)) << '\n';
  }
  const std::string note = cell_value(outcome, "note");
  if (!note.empty()) std::cout << coloured(note, 33) << '\n';
  if (outcome["events"].empty()) std::cout << "nothing would fire\n";
  for (const json& event : outcome["events"]) {
    std::cout << cell_value(event["event"], "kind") << ' ' << cell_value(event["event"], "key")
              << '\n';
    for (const json& send : event["would_send"]) {
      std::cout << "  " << cell_value(send, "step") << ": " << send_text(send) << '\n';
    }
  }
}

// What each stream, by account and item, had read before this poll.
std::map<std::string, std::int64_t> records_so_far(Database& database, const std::string& trigger) {
  std::map<std::string, std::int64_t> records;
  for (const json& row : list_view(database, "status", trigger, 0).rows) {
    records[cell_value(row, "account") + "\n" + cell_value(row, "item")] =
        row.value("records", std::int64_t{0});
  }
  return records;
}

// Why there was nothing to poll; empty when there was.
std::string note_of(const Trigger& trigger, const json& streams) {
  if (!trigger.enabled) return "`enabled: false`: the daemon does not poll it";
  if (!streams.empty() || !trigger.follows_parent()) {
    const bool baseline = !streams.empty() && trigger.start == Start::baseline &&
                          std::all_of(streams.begin(), streams.end(),
                                      [](const json& row) { return row.value("polls", 0) <= 1; });
    return baseline ? "this was the first poll: it takes every record as known, silently" : "";
  }
  std::string parent;
  for (const ForEach& by : trigger.for_each) parent = by.parent.empty() ? parent : by.parent;
  return "`" + trigger.id + "` follows the records of `" + parent +
         "`, and none are known yet: run `triggerd once " + parent + "` first";
}

std::optional<int> poll_once(Daemon& daemon) {
  do {
    daemon.engine->turn(kTurnMax);
    if (daemon.signals.take().stop > 0) return kExitFailed;
  } while (!daemon.engine->finished());
  daemon.engine->save();
  return {};
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
  auto read_before = records_so_far(database, options.trigger);
  if (const auto stopped = poll_once(daemon)) return *stopped;
  const Trigger& trigger = *daemon.config->trigger(options.trigger);
  json outcome{{"trigger", options.trigger}, {"events", json::array()}};
  for (const json& row : events_after(database, before, kEventsShown).rows) {
    std::optional<json> event = describe_event(database, row.value("event_id", ""));
    if (!event || !event->contains("object") || !(*event)["object"].is_object()) continue;
    json object = (*event)["object"];
    object["would_send"] =
        what_steps_send({trigger, *daemon.config, database, daemon.clock.wall()}, object);
    outcome["events"].push_back(std::move(object));
  }
  bool failed = false;
  outcome["streams"] = json::array();
  for (json row : list_view(database, "status", options.trigger, 0).rows) {
    failed = failed || row.value("failures", std::int64_t{0}) > 0;
    // The poll's own count, not the stream's of all time.
    row["records"] = row.value("records", std::int64_t{0}) -
                     read_before[cell_value(row, "account") + "\n" + cell_value(row, "item")];
    outcome["streams"].push_back(options.json ? row_json(row) : row);
  }
  const std::string note = note_of(trigger, outcome["streams"]);
  if (!note.empty()) outcome["note"] = note;
  if (options.json) {
    std::cout << outcome.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    print_text(outcome);
  }
  return failed ? kExitFailed : kExitOk;
}

}  // namespace triggerd
