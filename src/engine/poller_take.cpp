// The second half of engine/poller: what an answer does.
#include <algorithm>

#include "engine/poller.h"
#include "engine/walk_plan.h"
#include "triggerd/log.h"
#include "triggerd/poll/reply_kind.h"
#include "triggerd/store/page_commit.h"

namespace triggerd {

namespace {

// A request that this configuration can never have answered is repeated slowly (failure-modes
// FET-12).
constexpr Millis kRefusedWait{15 * 60'000};
constexpr int kTurnsUntilGoneIsAskedAgain = 4;
// No walk lasts longer than this or three intervals, whatever its pages do.
constexpr Millis kWalkDeadline{10 * 60'000};
// A stream is late when it is this far behind its promise.
constexpr Millis kLateAfter{60'000};
constexpr std::size_t kErrorBytesMax = 512;

const Operation* confirming(const Stream& stream) {
  const auto& confirm = stream.parts->trigger->operation->read->confirm;
  for (const Operation& operation : stream.account->connector->operations) {
    if (confirm && operation.name == confirm->operation) return &operation;
  }
  return nullptr;
}

// The events of pages that are committed go out, or are held as a flood, although their walk did
// not end.
void close_open_events(Database& database, Stream& stream, WallTime wall) {
  const Trigger& trigger = *stream.parts->trigger;
  PageCommit page;
  page.stream = &stream.row;
  page.generation = stream.row.generation;
  page.ordering = trigger.ordering;
  page.hold_above = trigger.hold_above;
  page.never_hold = stream.row.state != "active";
  page.walk_over = true;
  page.now = wall;
  database.begin();
  close_walk(database, page);
}

enum class Answer { there, gone, unclear };

Answer read_confirm(const Stream& stream, const std::string& key, HttpReply reply) {
  const Operation* operation = confirming(stream);
  if (operation == nullptr) return Answer::unclear;
  const ReplyMeaning meaning = read_reply(reply, *operation, *stream.account->connector);
  if (meaning.kind == ReplyKind::absent) return Answer::gone;
  if (meaning.kind != ReplyKind::page) return Answer::unclear;
  CutRules rules;
  rules.operation = operation;
  const nlohmann::json values{{stream.parts->trigger->operation->read->confirm->param, key}};
  rules.values = &values;
  rules.item_key = "self";
  rules.root_volatiles = stream.account->connector->volatiles;
  const Result<Page, std::string> page = cut_page(std::move(reply), rules);
  if (!page) return Answer::unclear;
  return page->records.empty() ? Answer::gone : Answer::there;
}

}  // namespace

bool Poller::take(Database& database, HttpFinished& finished, TurnTime now) {
  const std::optional<Flight> flight = settle(finished.ticket);
  if (!flight) return false;
  const auto gate = gates_->find(flight->account);
  if (gate != gates_->end()) gate->second.finished(finished.reply, now.wall, now.steady);
  Stream* stream = table_->find(flight->stream);
  if (stream == nullptr) return true;
  stream->walk->moved = now.steady;
  switch (flight->purpose) {
    case TicketFor::page:
      take_page(database, *stream, std::move(finished.reply), now);
      break;
    case TicketFor::confirm:
      take_confirm(database, *stream, std::move(finished.reply), now);
      break;
  }
  return true;
}

void Poller::take_page(Database& database, Stream& stream, HttpReply reply, TurnTime now) {
  WalkStep step = stream.walk->cycle.take(std::move(reply));
  const PageTime time{now.wall};
  if (auto* failure = std::get_if<WalkFailure>(&step)) {
    walk_failed(&database, stream, *failure, now);
    return;
  }
  if (std::holds_alternative<Unchanged>(step)) {
    stream.row.last_sweep = now.wall;
    stream.row.walk_kind.clear();
    walk_ended(stream, now);
    return;
  }
  PageResult result;
  if (auto* absent = std::get_if<ObjectAbsent>(&step)) {
    result = commit_absent(database, table_->config(), stream, absent->server_time, time);
  } else {
    PageRead& read = std::get<PageRead>(step);
    if (read.cut) {
      log(LogLevel::warning, "a walk was cut",
          {{"trigger", stream.row.trigger},
           {"account", stream.row.account},
           {"reason", read.reason}});
    }
    result = commit_read(database, table_->config(), stream, std::move(read), time);
  }
  apply_result(database, stream, std::move(result), now);
}

void Poller::apply_result(Database& database, Stream& stream, PageResult result, TurnTime now) {
  if (!result.failure.empty()) {
    walk_failed(&database, stream,
                WalkFailure{ReplyKind::not_understood, result.failure, {}, false}, now);
    return;
  }
  if (result.stale) {
    stream.walk.reset();
    schedule_.postpone(static_cast<ScheduleKey>(stream.row.id), now.steady);
    return;
  }
  const bool first_baseline = stream.row.state != "active" && result.row.state == "active";
  stream.row = std::move(result.row);
  stream.missing_pending = result.missing_pending;
  for (NewChild& child : result.children) {
    Stream* added = table_->add_child(database, child, now.wall);
    if (added != nullptr && options_.once && wanted(*added)) queue_poll(*added);
  }
  for (const std::string& key : result.gone_keys) {
    table_->end_children(database, stream.row.id, key, now.wall);
  }
  table_->follow_values(database, stream.row.id, result.changed_keys, now.wall);
  table_->mark_urgent(stream.row.id, result.changed_keys);
  if (first_baseline) {
    log(LogLevel::debug, "stream has its baseline",
        {{"trigger", stream.row.trigger},
         {"account", stream.row.account},
         {"item", stream.row.item}});
  }
  if (result.held > 0) {
    log(LogLevel::warning, "a flood of events is held; release or drop it with `triggerd held`",
        {{"trigger", stream.row.trigger},
         {"account", stream.row.account},
         {"events", result.held}});
  }
  if (!result.dead_end.empty()) {
    walk_failed(nullptr, stream, WalkFailure{ReplyKind::not_understood, result.dead_end, {}, false},
                now);
    return;
  }
  if (!result.walk_over) {
    lane_of(stream).pages.push_back(stream.row.id);
    return;
  }
  stream.walk->confirms = std::move(result.confirms);
  if (stream.walk->confirms.empty()) {
    walk_ended(stream, now);
  } else {
    lane_of(stream).pages.push_back(stream.row.id);
  }
}

void Poller::take_confirm(Database& database, Stream& stream, HttpReply reply, TurnTime now) {
  const Seen record = std::move(stream.walk->confirms.back());
  stream.walk->confirms.pop_back();
  const Answer answer = read_confirm(stream, record.key, std::move(reply));
  if (answer != Answer::unclear) {
    PageResult result = commit_confirmed(database, table_->config(), stream, record,
                                         answer == Answer::gone, PageTime{now.wall});
    result.confirms = std::move(stream.walk->confirms);
    apply_result(database, stream, std::move(result), now);
    return;
  }
  if (stream.walk->confirms.empty()) {
    close_open_events(database, stream, now.wall);
    walk_ended(stream, now);
  } else {
    lane_of(stream).pages.push_back(stream.row.id);
  }
}

void Poller::walk_ended(Stream& stream, TurnTime now) {
  Lane& lane = lane_of(stream);
  if (!lane.suspended.empty()) {
    log(LogLevel::info, "account is accepted again", {{"account", lane.account->name}});
    lane.suspended.clear();
    lane.suspended_until = {};
  }
  if (stream.row.failures > 0) {
    log(LogLevel::info, "poll succeeds again",
        {{"trigger", stream.row.trigger},
         {"account", stream.row.account},
         {"item", stream.row.item}});
  }
  const std::int64_t unread = stream.walk->unread;
  stream.walk.reset();
  stream.row.failures = 0;
  stream.row.last_error = unread == 0 ? "" : std::to_string(unread) + " records have no id";
  stream.row.health = "ok";
  stream.row.last_success = now.wall;
  stream.late_told = false;
  if (stream.in_turns) {
    stream.not_before = {};
  } else if (!options_.once) {
    const ScheduleKey key = static_cast<ScheduleKey>(stream.row.id);
    const Trigger& trigger = *stream.parts->trigger;
    schedule_.succeeded(key, now.steady, lane.gate->stretch(trigger.priority, now.wall));
  }
  note(stream, now);
}

void Poller::walk_failed(Database* database, Stream& stream, const WalkFailure& failure,
                         TurnTime now) {
  Lane& lane = lane_of(stream);
  StreamRow& row = stream.row;
  if (database != nullptr && row.walk_pages > 0) close_open_events(*database, stream, now.wall);
  if (failure.restart) {
    row.walk_kind.clear();
    row.walk_cursor.clear();
    row.walk_pages = 0;
    row.walk_newest.reset();
  } else if (row.walk_cursor.empty()) {
    row.walk_kind.clear();  // nothing of it is committed: the next one starts anew
  }
  stream.walk.reset();
  row.last_error = failure.reason.substr(0, kErrorBytesMax);
  if (stream.in_turns && failure.status == 404) {
    // What it hangs on is gone; the parent's own removal, once it is confirmed, ends this stream.
    row.health = "gone";
    stream.not_before = now.steady + stream.parts->trigger->every * kTurnsUntilGoneIsAskedAgain;
    note(stream, now);
    return;
  }
  ++row.failures;
  row.health = "failing";
  std::optional<SteadyTime> not_before;
  if (failure.wait) not_before = now.steady + *failure.wait;
  if (failure.kind == ReplyKind::refused) {
    not_before = now.steady + std::min(kRefusedWait, stream.parts->trigger->every * 4);
  }
  if (failure.kind == ReplyKind::unauthorised) suspend(lane, row.last_error, now);
  // The first failure, then each doubling: a stream that fails for days says so some ten times.
  if ((row.failures & (row.failures - 1)) == 0) {
    log(LogLevel::warning, "poll failed",
        {{"trigger", row.trigger},
         {"account", row.account},
         {"item", row.item},
         {"kind", std::string(to_text(failure.kind))},
         {"reason", row.last_error},
         {"failures", row.failures}});
  }
  const ScheduleKey key = static_cast<ScheduleKey>(row.id);
  if (stream.in_turns) {
    const Millis every = stream.parts->trigger->every;
    stream.not_before = std::max(now.steady + backoff(row.failures, every, kRefusedWait, 0.5),
                                 not_before.value_or(SteadyTime{}));
  } else if (!options_.once) {
    schedule_.failed(key, now.steady, not_before);
  }
  note(stream, now);
}

Millis Poller::cover_of(const Stream& stream) const {
  const TurnGroup& group = table_->group_of(stream);
  const auto members = static_cast<std::int64_t>(group.members.size());
  const std::int64_t turns = (members + group.per_turn - 1) / group.per_turn;
  return group.trigger->every * std::max<std::int64_t>(1, turns);
}

void Poller::note(Stream& stream, TurnTime now) {
  ++stream.row.polls;
  stream.row.last_poll = now.wall;
  const ScheduleKey key = static_cast<ScheduleKey>(stream.row.id);
  if (!stream.in_turns && schedule_.has(key)) {
    stream.row.next_poll = now.wall + (schedule_.promised(key) - now.steady);
  } else if (stream.in_turns) {
    stream.row.next_poll = now.wall + cover_of(stream);
  }
  stream.dirty = true;
  dirty_.insert(static_cast<std::int64_t>(stream.row.id));
}

std::size_t Poller::save_notes(Database& database, std::size_t most) {
  std::size_t saved = 0;
  while (!dirty_.empty() && saved < most) {
    const std::int64_t id = *dirty_.begin();
    dirty_.erase(dirty_.begin());
    Stream* stream = table_->find(StreamId{id});
    if (stream == nullptr || !stream->dirty) continue;
    // A walk in progress keeps the cursor that its last page committed; its row may be ahead of
    // that.
    save_stream(database, stream->row);
    stream->dirty = false;
    ++saved;
  }
  return saved;
}

// When the stream was to be polled next, as far as it is promised.
std::optional<WallTime> Poller::promise_of(const Stream& stream, TurnTime now) const {
  if (stream.in_turns) {
    // A fan-out that has grown since takes longer to come round: that is its promise now.
    // Streams whose parent changed go first, so that the others may wait for a second round.
    if (!stream.row.last_poll) return std::nullopt;
    return *stream.row.last_poll + cover_of(stream) * 2;
  }
  if (stream.row.next_poll) return stream.row.next_poll;
  const ScheduleKey key = static_cast<ScheduleKey>(stream.row.id);
  if (!schedule_.has(key)) return std::nullopt;
  return now.wall + (schedule_.promised(key) - now.steady);
}

void Poller::watch(TurnTime now) {
  for (auto& [id, stream] : table_->all()) {
    if (!wanted(*stream) || stream->late_told || stream->row.failures > 0) continue;
    if (stream->not_before > now.steady) continue;
    // A first walk over many pages is no delay; one that stands still is ended by itself.
    if (stream->walk && stream->row.state != "active") continue;
    const std::optional<WallTime> promised = promise_of(*stream, now);
    const Millis slack = std::max(kLateAfter, stream->parts->trigger->every);
    if (!promised || now.wall < *promised + slack) continue;
    stream->late_told = true;
    stream->row.health = "late";
    stream->dirty = true;
    dirty_.insert(id);
    log(LogLevel::warning, "a stream is late",
        {{"trigger", stream->row.trigger},
         {"account", stream->row.account},
         {"item", stream->row.item},
         {"promised", to_iso8601(*promised)}});
  }
}

void Poller::end_overlong(Database& database, TurnTime now) {
  for (auto& [id, stream] : table_->all()) {
    if (!stream->walk) continue;
    const Millis most = std::max(kWalkDeadline, stream->parts->trigger->every * 3);
    const bool overlong =
        now.steady - stream->walk->started >= most && stream->row.state == "active";
    // A first walk may last for hours, as long as its pages come.
    const bool stands = now.steady - stream->walk->moved >= most &&
                        lane_of(*stream).gate->wait_before_next(
                            Claim::poll, Priority::high, now.wall, now.steady) < kWalkDeadline;
    if (!overlong && !stands) continue;
    if (stream->walk->ticket) give_up(*stream->walk->ticket);
    walk_failed(&database, *stream,
                WalkFailure{ReplyKind::transient,
                            overlong ? "the walk took too long" : "the walk stood still",
                            {},
                            false},
                now);
  }
}

void Poller::close_walks(Database& database, const std::string& trigger, WallTime wall) {
  if (table_ == nullptr) return;
  for (auto& [id, stream] : table_->all()) {
    if (stream->row.trigger == trigger && stream->row.walk_pages > 0) {
      close_open_events(database, *stream, wall);
    }
  }
}

std::vector<AccountRow> Poller::changed_accounts(WallTime wall) {
  std::vector<AccountRow> rows;
  for (auto& [name, lane] : lanes_) {
    if (!lane->gate->state_changed()) continue;
    AccountRow row;
    row.name = name;
    row.budget = lane->gate->state(wall);
    row.suspended = lane->suspended;
    if (!lane->suspended.empty()) row.suspended_at = wall;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace triggerd
