// replay and forget: through the control socket of a running daemon, or under the owner's lock when
// none runs.
#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/operate.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "os/system_clock.h"
#include "triggerd/json_text.h"
#include "triggerd/store/forget.h"

namespace triggerd {

namespace {

// "2026-03-01T09:30:00Z", or "2h": so long ago.
std::optional<std::string> moment_text(const std::string& text) {
  if (const auto at = parse_iso8601(text)) return to_iso8601(*at);
  const Result<Millis, std::string> ago = parse_duration(text);
  if (!ago) return std::nullopt;
  return to_iso8601(SystemClock().wall() - *ago);
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

int print_replayed(const CommandOptions& options, std::int64_t runs, std::int64_t without_body) {
  std::string message = counted(runs, "event") + " of " + options.trigger + " fired again";
  if (without_body > 0) {
    message += "; of " + counted(without_body, "other") +
               " nothing is left that could be sent (engine.retention.bodies)";
  }
  if (options.json) {
    std::cout << compact_json(nlohmann::json{
        {"ok", true}, {"message", message}, {"runs", runs}, {"without_body", without_body}});
  } else {
    std::cout << message;
  }
  std::cout << '\n';
  return kExitOk;
}

// Part by part, so that the daemon does its other work in between.
int replay_all(const CommandOptions& options, const StatePlace& place, nlohmann::json command) {
  std::int64_t runs = 0, without_body = 0;
  for (;;) {
    const auto answer = carry_out(options, place, command);
    if (!answer) return fail(options, kExitState, answer.error());
    if (!answer->value("ok", false)) {
      const std::string done =
          runs > 0 ? counted(runs, "event") + " fired again before this: " : "";
      return fail(options, kExitFailed, done + answer->value("message", ""));
    }
    const nlohmann::json more = answer->value("more", nlohmann::json::object());
    runs += more.value("runs", std::int64_t{0});
    without_body += more.value("without_body", std::int64_t{0});
    if (!more.contains("after")) return print_replayed(options, runs, without_body);
    command["after"] = more["after"];
    command["until"] = more["until"];
  }
}

}  // namespace

int command_replay(const CommandOptions& options) {
  nlohmann::json command{{"command", "replay"}, {"trigger", options.trigger}};
  if (!options.event.empty()) command["event"] = options.event;
  if (!options.since.empty()) {
    const auto since = moment_text(options.since);
    if (!since) {
      return fail(options, kExitUsage,
                  "`" + options.since +
                      "` is no time: write 2026-03-01T09:30:00Z, or 2h for two hours ago");
    }
    command["since"] = *since;
  }
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  {
    std::optional<Database> database = read_state(options, *place, failed);
    if (!database) return failed;
    const std::vector<std::string> known = known_triggers(&*database, *place, false);
    if (std::find(known.begin(), known.end(), options.trigger) == known.end()) {
      return fail_unknown(options, "trigger", options.trigger, known);
    }
  }
  return replay_all(options, *place, std::move(command));
}

int command_forget(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  std::vector<std::string> knowing;
  {
    std::optional<Database> database = read_state(options, *place, failed);
    if (!database) return failed;
    knowing = triggers_knowing(*database, options.record);
  }
  if (knowing.empty()) {
    return fail(options, kExitUsage, "no trigger knows a record `" + options.record + "`");
  }
  const bool all = options.selector == "all";
  if (options.selector.empty()) {
    std::string names;
    for (const std::string& name : knowing) names += (names.empty() ? "" : ", ") + name;
    return fail(options, kExitUsage,
                options.record + " is known to " + names + ": name one of them, or `all`");
  }
  if (!all && std::find(knowing.begin(), knowing.end(), options.selector) == knowing.end()) {
    return fail_unknown(options, "trigger that knows " + options.record + " named",
                        options.selector, knowing);
  }
  return send_command(options, *place,
                      {{"command", "forget"},
                       {"record", options.record},
                       {"trigger", all ? "" : options.selector}});
}

}  // namespace triggerd
