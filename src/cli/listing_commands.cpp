// events, links: what the database shows, beside a running daemon or without one.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

#include "cli/command_line.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "cli/table_text.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

constexpr std::int64_t kFollowRows = 1'000;
constexpr std::int64_t kEventsDefault = 50;
constexpr std::int64_t kLinksDefault = 1'000;
constexpr std::chrono::milliseconds kFollowEvery{500};

int print_event(Database& database, const CommandOptions& options) {
  const std::optional<nlohmann::json> event = describe_event(database, options.trigger);
  if (!event) return fail(options, kExitUsage, "there is no event `" + options.trigger + "`");
  std::cout << event->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return kExitOk;
}

void print_event_line(const nlohmann::json& row, bool json) {
  if (json) {
    std::cout << compact_json(row_json(row)) << std::endl;
    return;
  }
  const auto text = [&row](const char* name) { return cell_value(row, name); };
  std::cout << text("detected_at") << "  " << text("kind") << "  " << text("trigger") << "  "
            << text("key") << "  " << text("event_id") << std::endl;
}

int follow_events(Database& database, const CommandOptions& options) {
  std::int64_t last = 0;
  const Listing newest = list_view(database, "recent_events", options.trigger, 1);
  if (!newest.rows.empty()) last = newest.rows.front().value("rowid", std::int64_t{0});
  while (std::cout.good()) {
    const Listing more = events_after(database, last, kFollowRows);
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

}  // namespace

int command_events(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  std::optional<Database> database = read_state(options, *place, failed);
  if (!database) return failed;
  if (options.trigger.starts_with("evt_")) return print_event(*database, options);
  const std::vector<std::string> known = known_triggers(&*database, *place, true);
  if (!options.trigger.empty() &&
      std::find(known.begin(), known.end(), options.trigger) == known.end()) {
    return fail_unknown(options, "trigger", options.trigger, known);
  }
  if (options.follow) return follow_events(*database, options);
  print_listing(list_view(*database, "recent_events", options.trigger,
                          options.limit > 0 ? options.limit : kEventsDefault),
                {"detected_at", "trigger", "account", "kind", "key", "n", "state", "event_id"},
                options.json, "no event yet");
  return kExitOk;
}

int command_links(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  std::optional<Database> database = read_state(options, *place, failed);
  if (!database) return failed;
  const std::int64_t most = options.limit > 0 ? options.limit : options.json ? 0 : kLinksDefault;
  const Listing listing = list_links(*database, options.selector, options.id, most);
  print_listing(listing, {}, options.json, "no pair of ids is kept");
  if (!options.json && static_cast<std::int64_t>(listing.rows.size()) == most) {
    std::cout << "... perhaps more (--limit)\n";
  }
  return kExitOk;
}

}  // namespace triggerd
