// status, events: what the database shows, beside a running daemon or without one.
#include <chrono>
#include <iostream>
#include <thread>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/table_text.h"
#include "os/system_clock.h"
#include "triggerd/store/listings.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

constexpr std::int64_t kRowsDefault = 1'000;
constexpr std::int64_t kEventsDefault = 50;
constexpr std::chrono::milliseconds kFollowEvery{500};

int print_event(Database& database, const CommandOptions& options) {
  const std::optional<nlohmann::json> event = describe_event(database, options.trigger);
  if (!event) {
    std::cerr << "triggerd: there is no event `" << options.trigger << "`\n";
    return kExitFailed;
  }
  std::cout << event->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return kExitOk;
}

void print_event_line(const nlohmann::json& row, bool json) {
  const auto text = [&row](const char* name) {
    const auto found = row.find(name);
    return found == row.end() || found->is_null() ? std::string()
           : found->is_string()                   ? found->get<std::string>()
                                                  : found->dump();
  };
  if (json) {
    std::cout << row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    return;
  }
  std::cout << text("detected_at") << "  " << text("kind") << "  " << text("trigger") << "  "
            << text("key") << "  " << text("event_id") << std::endl;
}

int follow_events(Database& database, const CommandOptions& options) {
  std::int64_t last = 0;
  const Listing newest = list_view(database, "recent_events", options.trigger, 1);
  if (!newest.rows.empty()) last = newest.rows.front().value("rowid", std::int64_t{0});
  while (std::cout.good()) {
    const Listing more = events_after(database, last, kRowsDefault);
    for (const nlohmann::json& row : more.rows) {
      last = row.value("rowid", last);
      if (options.trigger.empty() || row.value("trigger", "") == options.trigger) {
        print_event_line(row, options.json);
      }
    }
    if (more.rows.empty()) std::this_thread::sleep_for(kFollowEvery);
  }
  return kExitOk;
}

Database open_state(const CommandOptions& options, const Config& config) {
  DatabaseOptions how;
  how.read_only = true;
  return Database::open(state_directory(options, config), how, SystemClock().wall());
}

}  // namespace

int command_status(const CommandOptions& options) {
  const Loaded loaded = load_for(options, true);
  if (loaded.config == nullptr) return kExitConfiguration;
  const std::string directory = state_directory(options, *loaded.config);
  Database database = open_state(options, *loaded.config);
  if (!options.json) {
    const std::string holder = OwnerLock::holder(directory);
    std::cout << (holder.empty() ? "no daemon is running" : "running: " + holder) << '\n';
    const std::optional<std::string> stopped = read_setting(database, "stopped");
    if (stopped && !stopped->empty())
      std::cout << coloured("polling pauses: " + *stopped, 31) << '\n';
  }
  if (options.totals) {
    print_listing(trigger_totals(database), {}, options.json, "no trigger has been polled yet");
    return kExitOk;
  }
  print_listing(list_view(database, "status", options.trigger,
                          options.limit > 0 ? options.limit : kRowsDefault),
                {"trigger", "account", "item", "health", "state", "last_poll", "next_poll", "polls",
                 "records", "new", "changed", "removed", "events", "last_error"},
                options.json, "no stream has been polled yet");
  return kExitOk;
}

int command_events(const CommandOptions& options) {
  const Loaded loaded = load_for(options, true);
  if (loaded.config == nullptr) return kExitConfiguration;
  Database database = open_state(options, *loaded.config);
  if (options.trigger.starts_with("evt_")) return print_event(database, options);
  if (options.follow) return follow_events(database, options);
  print_listing(list_view(database, "recent_events", options.trigger,
                          options.limit > 0 ? options.limit : kEventsDefault),
                {"detected_at", "trigger", "account", "kind", "key", "n", "state", "event_id"},
                options.json, "no event yet");
  return kExitOk;
}

}  // namespace triggerd
