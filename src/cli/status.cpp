// status: one line a stream, with what an operator must look at; with --watch again and again.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "cli/table_text.h"
#include "engine/agency_list.h"
#include "engine/config_notes.h"
#include "os/control_client.h"
#include "os/signals.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

constexpr std::int64_t kRowsDefault = 1'000;
constexpr int kRedrawMs = 2'000;

// Keys come one by one and unseen while it lives, on a terminal.
class KeysNow {
 public:
  KeysNow() : terminal_(isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  ~KeysNow() {
    if (terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  KeysNow(const KeysNow&) = delete;
  KeysNow& operator=(const KeysNow&) = delete;
  bool terminal() const { return terminal_; }

 private:
  termios before_{};
  bool terminal_;
};

// "the file has changed and was refused ..."; empty when what runs is what stands in the file.
std::string refusal_text(Database& database) {
  const std::optional<RefusedFile> refused = read_refused(database);
  if (!refused) return {};
  const std::optional<AppliedFile> applied = read_applied(database);
  std::string text = refused->file + " has changed and was refused at " + to_iso8601(refused->at) +
                     " (" + std::to_string(refused->problems) +
                     (refused->problems == 1 ? " problem" : " problems") +
                     "): run `triggerd check`";
  if (applied) {
    text += "; file " + refused->hash.substr(0, 12) + ", running " + applied->hash.substr(0, 12) +
            " since " + to_iso8601(applied->at);
  }
  return text;
}

// The running daemon knows best: with a full disk the database cannot say it.
std::string standing_reason(Database& database, const std::string& directory) {
  constexpr std::chrono::milliseconds kWait{1'000};
  const auto line = control_call(directory + "/control", R"({"command":"standing"})", kWait);
  const auto answer = line ? parse_json(*line) : Failure<JsonProblem>(JsonProblem{});
  if (answer && answer->is_object()) return answer->value("message", "");
  return read_setting(database, "stopped").value_or("");
}

void print_head(Database& database, const std::string& directory) {
  const std::string holder = OwnerLock::holder(directory);
  std::cout << (holder.empty() ? "no daemon is running" : "running: " + holder) << '\n';
  const std::string stopped = holder.empty() ? read_setting(database, "stopped").value_or("")
                                             : standing_reason(database, directory);
  if (!stopped.empty()) std::cout << coloured("polling pauses: " + stopped, 31) << '\n';
  const std::string refused = refusal_text(database);
  if (!refused.empty()) std::cout << coloured(refused, 31) << '\n';
  for (const auto& [account, end] : read_ending_sign_ins(database)) {
    std::cout << coloured("the sign-in of " + account + " ends at " + to_iso8601(end) +
                              ": run `triggerd auth login " + account + "`",
                          31)
              << '\n';
  }
  for (const auto& [agency, list] : read_agency_lists(database)) {
    std::cout << coloured("agency " + agency + ": " + describe(list), list.trouble.empty() ? 0 : 33)
              << '\n';
  }
}

// What stands still says so in the place where it would say that all is well.
void show_standstill(Listing& listing, const std::vector<std::string>& disabled) {
  for (nlohmann::json& row : listing.rows) {
    if (row.value("paused", 0) != 0) row["health"] = "paused";
    const bool off =
        std::find(disabled.begin(), disabled.end(), row.value("trigger", "")) != disabled.end();
    if (off) row["health"] = "off";
    if (row["health"] == "paused" || off) row["lag_seconds"] = nullptr;
  }
}

void print_attention(const Attention& attention) {
  if (attention.held == 0 && attention.dead == 0) return;
  std::string text;
  if (attention.held > 0) {
    text = std::to_string(attention.held) + " held";
    if (attention.filter_errors > 0) {
      text += " (" + std::to_string(attention.filter_errors) + " because their filter failed)";
    }
    if (attention.loops > 0) {
      text += " (" + std::to_string(attention.loops) + " in a loop with our own writes)";
    }
    text += ": `triggerd held`";
  }
  if (attention.dead > 0) {
    text += std::string(text.empty() ? "" : ", ") + std::to_string(attention.dead) +
            (attention.dead == 1 ? " dead letter" : " dead letters") + ": `triggerd dead`";
  }
  std::cout << coloured(text, 33) << '\n';
}

void print_rows_of_streams(Database& database, const CommandOptions& options) {
  const std::int64_t most = options.limit > 0 ? options.limit : options.json ? 0 : kRowsDefault;
  Listing listing = list_status(database, options.trigger, most);
  show_standstill(listing, read_disabled(database));
  if (!options.json) {
    for (nlohmann::json& row : listing.rows) {
      if (row["item"] == "{}") row["item"] = nullptr;
      row["lag"] = nullptr;
      const nlohmann::json& lag = row["lag_seconds"];
      if (lag.is_number() && lag.get<double>() >= 1) {
        row["lag"] = format_duration(Millis{static_cast<std::int64_t>(lag.get<double>()) * 1000});
      }
    }
  }
  print_listing(
      listing,
      {"trigger", "account", "item", "health", "state", "last_poll", "next_poll", "lag", "polls",
       "records", "new", "changed", "removed", "events", "held", "dead", "last_error"},
      options.json, "no stream has been polled yet");
  if (options.json) return;
  print_left_out(count_view(database, "status", options.trigger),
                 static_cast<std::int64_t>(listing.rows.size()));
  print_attention(count_attention(database, options.trigger));
}

void print_status(Database& database, const StatePlace& place, const CommandOptions& options) {
  if (!options.json) {
    print_head(database, place.directory);
  } else if (const std::string refused = refusal_text(database); !refused.empty()) {
    std::cerr << "triggerd: warning: " << refused << '\n';
  }
  if (options.budget) {
    print_listing(account_budgets(database), {}, options.json, "no account has been used yet");
  } else if (options.totals) {
    print_listing(trigger_totals(database, options.trigger), {}, options.json,
                  "no trigger has been polled yet");
  } else {
    print_rows_of_streams(database, options);
  }
}

int watch_status(Database& database, const StatePlace& place, const CommandOptions& options) {
  Signals signals;
  const KeysNow keys;
  const bool clear = isatty(STDOUT_FILENO) == 1;
  while (std::cout.good()) {
    if (clear) std::cout << "\033[H\033[2J";
    print_status(database, place, options);
    if (!clear) std::cout << '\n';
    std::cout.flush();
    pollfd wakes[2] = {{signals.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (::poll(wakes, keys.terminal() ? 2 : 1, kRedrawMs) <= 0) continue;
    if (signals.take().stop > 0 || wakes[1].revents != 0) break;
  }
  return kExitOk;
}

}  // namespace

int command_status(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  std::optional<Database> database = read_state(options, *place, failed);
  if (!database) return failed;
  const std::vector<std::string> known = known_triggers(&*database, *place, false);
  if (!options.trigger.empty() &&
      std::find(known.begin(), known.end(), options.trigger) == known.end()) {
    return fail_unknown(options, "trigger", options.trigger, known);
  }
  if (options.watch) return watch_status(*database, *place, options);
  print_status(*database, *place, options);
  return kExitOk;
}

}  // namespace triggerd
