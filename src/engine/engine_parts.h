// The members of Engine: what is in memory while it runs. Shared by the files engine*.cpp only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/agency_watch.h"
#include "engine/metrics.h"
#include "engine/poller.h"
#include "engine/stream_table.h"
#include "triggerd/account/tokens.h"
#include "triggerd/dispatch/dispatcher.h"
#include "triggerd/engine/engine.h"
#include "triggerd/store/run_counts.h"

namespace triggerd {

struct Engine::Parts {
  Parts(EngineSeams with, Database opened, EngineOptions chosen);

  TurnTime now() const { return {seams.clock.wall(), seams.clock.steady()}; }

  // engine.cpp
  Millis next_wait(Millis at_most);
  void start_work();
  void take_finished(std::vector<HttpFinished> finished);
  void set_aside(std::vector<HttpFinished>& finished);
  Millis take_clock_step(TurnTime time);
  void commit();
  void in_transaction(std::vector<HttpFinished>& finished);
  // engine_sends.cpp
  void take_sends(TurnTime time);
  void prepare_sends(TurnTime time);
  void start_sends();
  bool take_http_send(HttpFinished& finished);
  // Writes on their way that this answer of a poll may show, before their own answers are there.
  std::vector<HttpTicket> writes_shown_by(const HttpFinished& poll) const;
  void hold_early(std::vector<HttpFinished>& finished, std::vector<HttpFinished>& polls);
  // engine_metrics.cpp
  void write_stream_figures(MetricsText& page, TurnTime time);
  void write_account_figures(MetricsText& page, TurnTime time);
  void count_runs_now();
  // housekeeping.cpp
  void keep_house(TurnTime time);
  void check_outbox();
  void empty_log();
  void storage_failed(const StoreFailure& failure);
  bool storage_back(TurnTime time);
  // engine_tokens.cpp
  void work_tokens(TurnTime time);
  void take_token_answers(std::vector<HttpFinished>& finished);
  std::int64_t token_of(const std::string& account) const;
  void judge_refusal(const Send& send, std::int64_t token, SendEnd& end);
  // engine_accounts.cpp
  void work_agencies(TurnTime time);
  void take_agency_answers(std::vector<HttpFinished>& finished);
  void keep_agency_lists();
  void follow_found_accounts();
  void watch_sign_ins(TurnTime time);
  // engine_apply.cpp
  std::vector<Problem> apply(std::shared_ptr<const Config> next);
  std::vector<Problem> apply_now(std::shared_ptr<const Config> file);
  void apply_later(std::shared_ptr<const Config> next);
  void apply_rows(const ReloadPlan& plan, std::unordered_set<std::string>& reset, WallTime now);
  void begin_as_asked();
  void make_gates(const Config& next, TurnTime time);

  // Constant after construction.
  EngineSeams seams;
  EngineOptions options;

  // Owned by the loop.
  Database database;
  std::shared_ptr<const Config> config;                // with the accounts that were found
  std::shared_ptr<const Config> file_config;           // as it was loaded
  std::map<std::string, RateGate> gates;               // by account
  std::map<std::string, std::string> gate_connectors;  // which connector a gate was made for
  StreamTable table;
  Tokens tokens;
  AgencyWatch agencies;
  Meter meter;
  Poller poller;
  Dispatcher dispatcher;
  std::unordered_map<HttpTicket, Send> http_sends;
  std::unordered_map<HttpTicket, std::int64_t> send_tokens;  // what some of them carry
  // Answers of polls that wait for those of writes, so that an echo is known as one.
  struct EarlyAnswer {
    HttpFinished poll;
    std::vector<HttpTicket> writes;
  };
  std::vector<EarlyAnswer> early;
  struct TokenCallInFlight {
    std::string account, budget;
  };
  std::unordered_map<HttpTicket, TokenCallInFlight> token_calls;
  std::unordered_map<SpawnTicket, Send> spawn_sends;
  std::vector<Send> prepared;                   // attempts in the open transaction, not sent yet
  std::vector<std::pair<Send, SendEnd>> ended;  // to be taken in the next transaction
  std::size_t taken = 0;                        // of them, those in the open transaction
  std::optional<WallTime> runs_due;             // when dispatch has something to do
  bool runs_changed = true;                     // look for due runs in this turn

  std::map<std::string, WallTime> ending_sign_ins;  // as they were noted last
  SteadyTime next_sign_in_word{};                   // when the log tells of them again

  std::optional<TurnTime> clock_seen;  // at the last commit
  RunCounts runs_seen;                 // as they were counted last

  bool draining = false;
  std::string stopped;  // why polling stands still
  bool storage_down = false;
  SteadyTime next_storage_try{};
  Millis storage_wait{0};  // between tries; grows while the disk comes and goes
  SteadyTime storage_failed_at{};
  std::shared_ptr<const Config> waiting_config;  // to be applied once the state can be written
  SteadyTime next_save{}, next_watch{}, next_clean{}, next_plan{};
};

}  // namespace triggerd
