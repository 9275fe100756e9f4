// doctor: versions, permissions, disk, clock, database; and every bound with its value.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <iostream>

#include "cli/auth_exchange.h"
#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "cli/table_text.h"
#include "engine/config_notes.h"
#include "engine/metrics.h"
#include "os/system_clock.h"
#include "os/versions.h"
#include "triggerd/account/rate_gate.h"
#include "triggerd/account/tokens.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/dispatch/dispatcher.h"
#include "triggerd/expression.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/cycle.h"
#include "triggerd/poll/record.h"
#include "triggerd/store/database.h"

namespace triggerd {

namespace {

constexpr std::int64_t kFreeBytesMin = 512LL * 1024 * 1024;
// The first second of 2026: a clock before it was never set.
constexpr std::int64_t kClockMinMs = 1'767'225'600'000;

struct Finding {
  std::string what, value, level;  // ok, warning, error
};

void look_at_files(std::vector<Finding>& found, const std::string& directory) {
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0) {
    found.push_back({"state directory", directory + " does not exist yet", "ok"});
    return;
  }
  const bool closed = (info.st_mode & 077) == 0;
  found.push_back({"state directory", directory, "ok"});
  found.push_back({"state permissions", closed ? "0700" : "open to others: chmod 700 " + directory,
                   closed ? "ok" : "warning"});
  struct statvfs disk {};
  if (statvfs(directory.c_str(), &disk) == 0) {
    const auto free =
        static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    found.push_back({"free disk", std::to_string(free / (1024 * 1024)) + " MiB",
                     free < kFreeBytesMin ? "warning" : "ok"});
  }
  const std::string holder = OwnerLock::holder(directory);
  found.push_back({"daemon", holder.empty() ? "not running" : holder, "ok"});
}

// AUT-11: from the files, since the daemon may not have run for long.
void look_at_sign_ins(std::vector<Finding>& found, const Config& config, const std::string& state) {
  const WallTime now = SystemClock().wall();
  for (const auto& [name, account] : config.accounts) {
    if (account.sign_in == nullptr || account.auth->kind != AuthKind::oauth2_code) continue;
    const TokenState token = TokenStore(tokens_directory(state), name).read(account);
    const nlohmann::json until =
        token_row(account, token, now).value("sign_in_until", nlohmann::json());
    const auto end = until.is_string() ? parse_iso8601(until.get<std::string>()) : std::nullopt;
    if (!end) continue;
    const bool soon = *end - now <= kSignInEndTold;
    found.push_back(
        {"sign-in of " + name,
         "until " + to_iso8601(*end) + (soon ? ": run `triggerd auth login " + name + "`" : ""),
         soon ? "warning" : "ok"});
  }
}

void look_at_configuration(std::vector<Finding>& found, const CommandOptions& options) {
  const CatalogLoad catalog = load_catalog_with(options.connectors);
  if (catalog.catalog == nullptr) {
    print_problems(catalog.problems, catalog.texts);
    found.push_back({"connectors", options.connectors + " has problems", "error"});
    return;
  }
  SecretSources secrets = secrets_for(options);
  secrets.sandbox = true;
  const ConfigLoad load = load_config_file(options.config, catalog.catalog, secrets);
  const bool loads = load.config != nullptr;
  if (loads) look_at_sign_ins(found, *load.config, state_directory(options, *load.config));
  found.push_back({"configuration",
                   options.config + (loads ? " loads" : " has problems: run `triggerd check`"),
                   loads ? "ok" : "error"});
}

// REL-01: what runs, and that it is not what stands in the file.
void look_at_reloads(std::vector<Finding>& found, Database& database) {
  if (const auto applied = read_applied(database)) {
    found.push_back({"configuration applied",
                     applied->hash.substr(0, 12) + " at " + to_iso8601(applied->at), "ok"});
  }
  if (const auto refused = read_refused(database)) {
    found.push_back({"configuration refused",
                     refused->hash.substr(0, 12) + " at " + to_iso8601(refused->at) + ", " +
                         std::to_string(refused->problems) + " problems: run `triggerd check`",
                     "warning"});
  }
}

void look_at_database(std::vector<Finding>& found, const std::string& directory) {
  if (!std::filesystem::exists(directory + "/triggerd.db")) return;
  try {
    DatabaseOptions how;
    how.read_only = true;
    Database database = Database::open(directory, how, SystemClock().wall());
    look_at_reloads(found, database);
    const std::string state = database.quick_check();
    found.push_back({"database", state, state == "ok" ? "ok" : "error"});
    found.push_back({"schema", std::to_string(database.schema_version()), "ok"});
    found.push_back({"database size", std::to_string(database.file_bytes() / 1024) + " KiB", "ok"});
    found.push_back(
        {"write-ahead log", std::to_string(database.wal_bytes() / 1024) + " KiB", "ok"});
  } catch (const StoreFailure& failure) {
    found.push_back({"database", failure.what(), "error"});
  }
}

Listing limits() {
  Listing listing;
  listing.columns = {"limit", "value"};
  const auto add = [&listing](const char* name, const std::string& value) {
    listing.rows.push_back({{"limit", name}, {"value", value}});
  };
  const HttpLimits http;
  add("answer body, decoded bytes", std::to_string(http.body_bytes_max));
  add("answer headers, bytes", std::to_string(http.header_bytes_max));
  add("connect, milliseconds", std::to_string(http.connect.count()));
  add("request in all, milliseconds", std::to_string(http.total.count()));
  add("JSON depth", std::to_string(kJsonDepthMax));
  add("records of a page", std::to_string(kRecordsPerPageMax));
  add("pages of a walk", std::to_string(kPagesPerCycleMax));
  add("record key, bytes", std::to_string(kKeyBytesMax));
  add("kept bytes of an odd record", std::to_string(kOddRawBytesMax));
  add("expression, milliseconds", std::to_string(kExpressionMillisMax));
  add("expression output, bytes", std::to_string(kExpressionOutputBytesMax));
  add("wait that an app may state", format_duration(kRetryAfterMax));
  add("sends in flight", std::to_string(kSendsInFlightMax));
  add("sends in flight to one endpoint", std::to_string(kSendsPerEndpointMax));
  add("time until a failing step is a dead letter", format_duration(kRetryHorizon));
  add("pairs of trigger and account that metrics tell apart", std::to_string(kMeteredPairsMax));
  add("waiting runs before polling pauses", std::to_string(EngineSettings{}.outbox_max));
  return listing;
}

}  // namespace

int command_doctor(const CommandOptions& options) {
  if (options.limits) {
    print_listing(limits(), {}, options.json, "");
    return kExitOk;
  }
  std::vector<Finding> found;
  found.push_back({"triggerd", TRIGGERD_VERSION, "ok"});
  const LibraryVersion network = network_library();
  found.push_back({network.name,
                   network.version + (network.note.empty() ? "" : " (" + network.note + ")"),
                   network.note.empty() ? "ok" : "warning"});
  // The WAL-reset bug of SQLite 3.7.0 to 3.51.2 needs two connections that write; the owner's lock
  // allows one.
  found.push_back({"SQLite", Database::library_version(), "ok"});
  const WallTime now = SystemClock().wall();
  const bool clock_set = epoch_ms(now) > kClockMinMs;
  found.push_back(
      {"clock", to_iso8601(now) + (clock_set ? "" : ": not set"), clock_set ? "ok" : "error"});
  found.push_back({"user", geteuid() == 0 ? "root: use an account of its own" : "not root",
                   geteuid() == 0 ? "warning" : "ok"});
  look_at_configuration(found, options);
  // Found also where the file does not load: the daemon beside it may well be healthy.
  CommandOptions silent = options;
  silent.json = false;
  int failed = kExitOk;
  if (const auto place = find_state(silent, failed)) {
    look_at_files(found, place->directory);
    look_at_database(found, place->directory);
  }
  Listing listing;
  listing.columns = {"what", "value", "level"};
  bool bad = false;
  for (const Finding& finding : found) {
    listing.rows.push_back(
        {{"what", finding.what}, {"value", finding.value}, {"level", finding.level}});
    bad = bad || finding.level == "error";
  }
  print_listing(listing, {}, options.json, "");
  return bad ? kExitFailed : kExitOk;
}

}  // namespace triggerd
