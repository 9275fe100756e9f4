// Polls in flight: which streams are due, which request goes next, what its answer does. Owns the
// schedule, the lanes and the tickets of polls; the engine hands it time, answers and the open
// transaction. Loop thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/lane.h"
#include "engine/metrics.h"
#include "engine/page_step.h"
#include "engine/stream_table.h"
#include "triggerd/account/tokens.h"
#include "triggerd/clock.h"
#include "triggerd/http_client.h"
#include "triggerd/poll/schedule.h"

namespace triggerd {

struct PollerOptions {
  std::uint64_t seed = 0;
  bool once = false;
  std::vector<std::string> only;  // triggers; empty: all
};

class Poller {
 public:
  // `tokens` is told of refused ones, `meter` of what polls did; both outlive the poller.
  Poller(HttpClient& http, Tokens& tokens, Meter& meter, PollerOptions options);

  // After StreamTable::apply or a reset: schedule and lanes follow the table.
  void follow(StreamTable& table, std::map<std::string, RateGate>& gates, TurnTime now);
  void forget_walks(const std::string& trigger);  // of a trigger that was reset or paused
  // Events of walks that will not go on are let go, or held: before a reset of the trigger.
  void close_walks(Database& database, const std::string& trigger, WallTime wall);
  void poll_now(const std::string& trigger, TurnTime now);

  // An account has a token again, or stands still without one.
  void follow_token(const TokenStanding& standing, TurnTime now);

  void collect_due(TurnTime now);
  // Sends what the gates allow. Returns how many requests were started.
  std::size_t start_requests(TurnTime now);
  // Answers of polls; false when the ticket is not one of them. Writes inside the caller's
  // transaction.
  bool take(Database& database, HttpFinished& finished, TurnTime now);
  // The same while nothing can be written: the gate learns of it, the walk goes no further.
  void drop(const HttpFinished& finished, TurnTime now);

  // When collect_due or start_requests has something to do.
  std::optional<SteadyTime> next_wake(TurnTime now) const;
  // Judges a part of what a sweep of many records has missed; one stream after the other.
  void judge_some(Database& database, TurnTime now);
  bool judging() const { return !judging_.empty(); }

  std::size_t in_flight() const { return tickets_.size(); }
  const Stream* asking(HttpTicket ticket) const;  // null when it is none of ours
  bool queues_empty() const;
  // With `once`: nothing is due, waiting or in flight any more.
  bool all_polled() const;
  // Streams whose poll should have come long ago (watchdog); each is told once.
  void watch(TurnTime now);
  // Walks that have lasted longer than any walk should are given up and tried again.
  void end_overlong(Database& database, TurnTime now);
  // Rows that only a poll's note changed: each call saves those of a few thousand streams; all of
  // them with SIZE_MAX.
  std::size_t save_notes(Database& database, std::size_t most);
  std::vector<AccountRow> changed_accounts(WallTime wall);
  // For monitoring: how far behind its promise a stream is; nothing while it need not be polled.
  std::optional<Millis> lag_of(const Stream& stream, TurnTime now) const;
  bool suspended(const std::string& account) const;
  // Since the last call, an account was suspended, or its probe was refused.
  bool take_refused_credentials() { return std::exchange(credentials_refused_, false); }

 private:
  enum class TicketFor { page, confirm };
  struct Flight {
    StreamId stream{};
    TicketFor purpose = TicketFor::page;
    std::string account;     // whose gate has counted it
    std::int64_t token = 0;  // which it carried, where tokens expire
  };
  void follow_lanes(std::map<std::string, RateGate>& gates);
  void follow_schedule(TurnTime now);
  void ask_again(TurnTime now);
  void schedule_group(std::size_t index, TurnTime now);
  // Takes a ticket off the books; nothing when it is not one of ours.
  std::optional<Flight> settle(HttpTicket ticket);
  void give_up(HttpTicket ticket);  // cancelled: its answer never comes
  Lane& lane_of(const Stream& stream);
  bool wanted(const Stream& stream) const;
  void queue_poll(Stream& stream);
  void take_turn(TurnGroup& group, TurnTime now);
  bool take_fresh(TurnGroup& group, TurnTime now);  // whether none is left
  bool take_from_group(TurnGroup& group, StreamId id, TurnTime now);
  bool start_next(Lane& lane, TurnTime now);
  void go_on_with(StreamId id, TurnTime now);
  // Which of the first in a queue may go soonest, by the limits of its own group.
  struct Soonest {
    std::size_t place = 0;
    Millis wait{0};
  };
  Soonest soonest(const Lane& lane, const std::deque<StreamId>& queue, TurnTime now) const;
  const std::string& limit_group(StreamId id) const;
  bool begin_walk(Stream& stream, TurnTime now);
  bool send_page(Stream& stream, TurnTime now);
  bool send_confirm(Stream& stream, TurnTime now);
  void launch(Stream& stream, HttpRequest request, TicketFor purpose, TurnTime now);
  void take_page(Database& database, Stream& stream, HttpReply reply, TurnTime now);
  void take_confirm(Database& database, Stream& stream, HttpReply reply, TurnTime now);
  void apply_result(Database& database, Stream& stream, PageResult result, TurnTime now);
  void walk_ended(Stream& stream, TurnTime now);
  // `database`: the open transaction, in which the events of its committed pages are let go; null
  // where no page of the walk can have been committed.
  void walk_failed(Database* database, Stream& stream, const WalkFailure& failure, TurnTime now);
  // The events of pages that are committed go out, or are held as a flood, although their walk did
  // not end.
  static void close_open_events(Database& database, Stream& stream, WallTime wall);
  void note(Stream& stream, TurnTime now);
  std::optional<WallTime> promise_of(const Stream& stream, TurnTime now) const;
  Millis cover_of(const Stream& stream) const;  // a full round of its fan-out's turns
  void suspend(Lane& lane, const std::string& reason, TurnTime now);
  // poller_tokens.cpp
  bool repeats(Stream& stream, const Flight& flight, const HttpReply& reply, TurnTime now);
  void stand(Lane& lane, const std::string& reason, TurnTime now);
  void go_on(Lane& lane, TurnTime now);
  void note_acceptance(Stream& stream, const HttpReply& reply, bool own_operation, TurnTime now);
  // Whether a refusal is the operation's own affair, since the account is accepted elsewhere.
  bool refused_alone(Stream& stream, TurnTime now);
  void note_cut(Stream& stream, const PageRead& read);
  // What a sweep has met is kept over the pause between two cycles, within this process.
  static void keep_met(Stream& stream);
  static bool take_met(Stream& stream);

  HttpClient& http_;
  Tokens& tokens_;
  Meter& meter_;
  PollerOptions options_;
  Schedule schedule_;
  StreamTable* table_ = nullptr;
  std::map<std::string, RateGate>* gates_ = nullptr;
  std::map<std::string, std::unique_ptr<Lane>> lanes_;
  std::unordered_map<HttpTicket, Flight> tickets_;
  std::unordered_set<std::int64_t> dirty_;
  std::int64_t notes_slice_ = 0;                         // whose turn it is in save_notes()
  std::unordered_map<ScheduleKey, std::size_t> groups_;  // by schedule key: index in the table
  SteadyTime next_plan_{};
  bool credentials_refused_ = false;
  std::deque<StreamId> judging_;  // their walks have Walk::judging
};

}  // namespace triggerd
