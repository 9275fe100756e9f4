// The page of figures: what the meter has counted, and how things stand at this moment.
#include <algorithm>

#include "engine/engine_parts.h"
#include "triggerd/store/run_counts.h"

namespace triggerd {

namespace {

using Type = MetricsText::Type;
using Pair = std::pair<std::string, std::string>;

constexpr Millis kDay{24LL * 3600 * 1000};

double seconds(Millis time) { return static_cast<double>(time.count()) / 1'000; }

struct StreamsOfPair {
  std::map<std::string, std::int64_t> by_health;
  Millis lag{0};
};

// What of an account's day is left, by what the app said last, else by what we have used.
std::optional<std::int64_t> left_of_day(const Account& account, const BudgetState& state) {
  if (state.day_remaining) return state.day_remaining;
  std::optional<std::int64_t> least;
  for (const RateLimit& limit : account.connector->limits) {
    if (limit.per < kDay) continue;
    const std::int64_t left = std::max<std::int64_t>(0, limit.requests - state.day_used);
    least = std::min(least.value_or(left), left);
  }
  return least;
}

struct AccountFigures {
  std::int64_t used = 0;
  std::optional<std::int64_t> left;
  Millis blocked{0};
  bool suspended = false;
  std::optional<Millis> sign_in_left;
};

void write_accounts(MetricsText& page, const std::map<std::string, AccountFigures>& accounts) {
  page.family("triggerd_account_requests_today", Type::gauge,
              "Requests of the account since midnight UTC.");
  for (const auto& [name, figures] : accounts) {
    page.sample({{"account", name}}, static_cast<double>(figures.used));
  }
  page.family("triggerd_account_budget_left", Type::gauge,
              "Requests that are left of the account's day.");
  for (const auto& [name, figures] : accounts) {
    if (figures.left) page.sample({{"account", name}}, static_cast<double>(*figures.left));
  }
  page.family("triggerd_account_blocked_seconds", Type::gauge,
              "How long the account must still wait, since its app said so.");
  for (const auto& [name, figures] : accounts) {
    page.sample({{"account", name}}, seconds(figures.blocked));
  }
  page.family("triggerd_account_suspended", Type::gauge,
              "1 while the account's credentials are not accepted.");
  for (const auto& [name, figures] : accounts) {
    page.sample({{"account", name}}, figures.suspended ? 1 : 0);
  }
  page.family("triggerd_account_sign_in_left_seconds", Type::gauge,
              "How long the account stays signed in if its token is not renewed any more.");
  for (const auto& [name, figures] : accounts) {
    if (figures.sign_in_left) page.sample({{"account", name}}, seconds(*figures.sign_in_left));
  }
}

void write_streams(MetricsText& page, const std::map<Pair, StreamsOfPair>& pairs) {
  page.family("triggerd_streams", Type::gauge, "Streams in use, by how they are.");
  for (const auto& [pair, streams] : pairs) {
    for (const auto& [health, count] : streams.by_health) {
      page.sample({{"trigger", pair.first}, {"account", pair.second}, {"health", health}},
                  static_cast<double>(count));
    }
  }
  page.family("triggerd_lag_seconds", Type::gauge,
              "How long the next poll of the latest stream is overdue.");
  for (const auto& [pair, streams] : pairs) {
    page.sample({{"trigger", pair.first}, {"account", pair.second}}, seconds(streams.lag));
  }
}

void write_runs(MetricsText& page, const RunCounts& runs) {
  page.family("triggerd_runs", Type::gauge, "Runs that are not done, by state.");
  page.sample({{"state", "open"}}, static_cast<double>(runs.open));
  page.sample({{"state", "waiting"}}, static_cast<double>(runs.waiting));
  page.sample({{"state", "held"}}, static_cast<double>(runs.held));
  page.sample({{"state", "dead"}}, static_cast<double>(runs.dead));
  using PairState = std::pair<Pair, std::string>;
  std::map<PairState, std::int64_t> bounded;
  const LabelBound bound(kMeteredPairsMax);
  const Pair other{kOtherLabel, kOtherLabel};
  for (const RunsOfTrigger& one : runs.needing_attention) {
    bound.in(bounded, PairState{{one.trigger, one.account}, one.state},
             PairState{other, one.state}) += one.runs;
  }
  page.family("triggerd_trigger_runs", Type::gauge,
              "Runs that wait for an operator: held, or dead letters.");
  for (const auto& [labels, count] : bounded) {
    page.sample({{"trigger", labels.first.first},
                 {"account", labels.first.second},
                 {"state", labels.second}},
                static_cast<double>(count));
  }
}

}  // namespace

void Engine::Parts::write_stream_figures(MetricsText& page, TurnTime time) {
  std::map<Pair, StreamsOfPair> pairs;
  const LabelBound bound(kMeteredPairsMax);
  const Pair other{kOtherLabel, kOtherLabel};
  for (const auto& [id, stream] : table.all()) {
    StreamsOfPair& of = bound.in(pairs, Pair{stream->row.trigger, stream->row.account}, other);
    const std::optional<Millis> lag = poller.lag_of(*stream, time);
    ++of.by_health[lag ? stream->row.health : stream->parts->paused ? "paused" : "off"];
    of.lag = std::max(of.lag, lag.value_or(Millis{0}));
  }
  write_streams(page, pairs);
}

void Engine::Parts::write_account_figures(MetricsText& page, TurnTime time) {
  std::map<std::string, AccountFigures> accounts;
  const std::map<std::string, WallTime> ends = tokens.sign_in_ends();
  const LabelBound bound(kMeteredPairsMax);
  for (const auto& [name, account] : config->accounts) {
    const auto gate = gates.find(name);
    if (gate == gates.end()) continue;
    const BudgetState state = gate->second.state(time.wall);
    AccountFigures& figures = bound.in(accounts, name, std::string(kOtherLabel));
    figures.used += state.day_used;
    if (const auto left = left_of_day(account, state)) {
      figures.left = std::min(figures.left.value_or(*left), *left);
    }
    figures.blocked = std::max(figures.blocked, state.blocked_until - time.wall);
    figures.suspended = figures.suspended || poller.suspended(name);
    if (const auto end = ends.find(name); end != ends.end()) {
      const Millis left = end->second - time.wall;
      figures.sign_in_left = std::min(figures.sign_in_left.value_or(left), left);
    }
  }
  write_accounts(page, accounts);
}

void Engine::Parts::count_runs_now() {
  if (storage_down) return;
  try {
    runs_seen = count_runs(database);
  } catch (const StoreFailure& failure) {
    storage_failed(failure);
  }
}

std::string Engine::metrics() {
  Parts& parts = *parts_;
  const TurnTime time = parts.now();
  MetricsText page;
  page.family("triggerd_build_info", Type::gauge, "1; its labels say which program runs.");
  page.sample({{"version", TRIGGERD_VERSION}, {"sqlite", Database::library_version()}}, 1);
  parts.meter.write(page);
  if (parts.config != nullptr) {
    parts.write_stream_figures(page, time);
    parts.write_account_figures(page, time);
  }
  parts.count_runs_now();
  write_runs(page, parts.runs_seen);
  page.family("triggerd_polling_stopped", Type::gauge,
              "1 while polling stands still, by what stops it.");
  page.sample({{"reason", "storage"}}, parts.storage_down ? 1 : 0);
  page.sample({{"reason", "outbox"}}, !parts.storage_down && !parts.stopped.empty() ? 1 : 0);
  page.family("triggerd_in_flight", Type::gauge, "Requests and programs that have not ended.");
  page.sample({{"for", "poll"}}, static_cast<double>(parts.poller.in_flight()));
  page.sample({{"for", "step"}}, static_cast<double>(parts.dispatcher.in_flight()));
  page.single("triggerd_database_bytes", Type::gauge, "Size of the database.",
              static_cast<double>(parts.database.file_bytes()));
  page.single("triggerd_wal_bytes", Type::gauge, "Size of its write-ahead log.",
              static_cast<double>(parts.database.wal_bytes()));
  return page.take();
}

}  // namespace triggerd
