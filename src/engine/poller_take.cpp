// The second half of engine/poller: what an answer does.
#include <algorithm>

#include "engine/confirm_answer.h"
#include "engine/poller.h"
#include "engine/since_check.h"
#include "engine/walk_plan.h"
#include "triggerd/log.h"
#include "triggerd/poll/reply_kind.h"

namespace triggerd {

namespace {

// A request that this configuration can never have answered is repeated slowly (failure-modes
// FET-12).
constexpr Millis kRefusedWait{15 * 60'000};
constexpr int kTurnsUntilGoneIsAskedAgain = 4;
constexpr std::size_t kErrorBytesMax = 512;
// Credentials that were taken this shortly ago are not what a refusal is about.
constexpr Millis kAcceptedLately{60'000};
// Walks in a row that led nowhere before it is said that they always do.
constexpr int kCutsUntilTold = 3;

}  // namespace

bool Poller::take(Database& database, HttpFinished& finished, TurnTime now) {
  const std::optional<Flight> flight = settle(finished.ticket);
  if (!flight) return false;
  const auto gate = gates_->find(flight->account);
  if (gate != gates_->end()) gate->second.finished(finished.reply, now.wall, now.steady);
  Stream* stream = table_->find(flight->stream);
  if (stream == nullptr) return true;
  stream->walk->moved = now.steady;
  if (repeats(*stream, *flight, finished.reply, now)) return true;
  note_acceptance(*stream, finished.reply, flight->purpose == TicketFor::page, now);
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
  if (const auto* same = std::get_if<SamePage>(&step)) {
    stream.cuts = 0;
    result = take_same(stream, *same, time);
  } else if (auto* absent = std::get_if<ObjectAbsent>(&step)) {
    result = commit_absent(database, table_->config(), stream, absent->server_time, time);
  } else {
    PageRead& read = std::get<PageRead>(step);
    check_since(database, stream, read, now.wall);
    note_cut(stream, read);
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
  result.counts.records = result.row.records - stream.row.records;
  meter_.page(stream.row, result.counts);
  if (result.lateness) meter_.seen_late(*result.lateness);
  const bool first_baseline = stream.row.state != "active" && result.row.state == "active";
  stream.row = std::move(result.row);
  stream.missing_pending = result.missing_pending;
  stream.known = result.known;
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
  if (result.judging) {
    if (!stream.walk->judging) stream.walk->judging.emplace();
    judging_.push_back(stream.row.id);
    return;
  }
  stream.walk->judging.reset();
  stream.walk->confirms = std::move(result.confirms);
  if (stream.walk->confirms.empty()) {
    walk_ended(stream, now);
  } else {
    lane_of(stream).pages.push_back(stream.row.id);
  }
}

void Poller::judge_some(Database& database, TurnTime now) {
  if (judging_.empty()) return;
  Stream* stream = table_->find(judging_.front());
  judging_.pop_front();
  // It may have been reset meanwhile.
  if (stream == nullptr || !stream->walk || !stream->walk->judging) return;
  stream->walk->moved = now.steady;
  PageResult result = commit_judged(database, table_->config(), *stream, PageTime{now.wall});
  if (!result.judging) result.confirms = std::move(stream->walk->confirms);
  apply_result(database, *stream, std::move(result), now);
}

void Poller::take_confirm(Database& database, Stream& stream, HttpReply reply, TurnTime now) {
  const Seen record = std::move(stream.walk->confirms.back());
  stream.walk->confirms.pop_back();
  const ConfirmAnswer answer = read_confirm(stream, record.key, std::move(reply));
  if (answer.kind == ConfirmAnswer::Kind::unclear) {
    log(LogLevel::warning, "whether a record is gone is unclear; it is asked about again",
        {{"trigger", stream.row.trigger},
         {"account", stream.row.account},
         {"record", record.key},
         {"reason", answer.reason}});
  } else {
    PageResult result =
        commit_confirmed(database, table_->config(), stream, record,
                         answer.kind == ConfirmAnswer::Kind::gone, PageTime{now.wall});
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
  const std::int64_t unread = stream.walk->met.unread;
  keep_met(stream);
  stream.walk.reset();
  stream.had_its_pass = true;
  stream.row.failures = 0;
  // What does not fail the poll and is no good all the same.
  stream.row.last_error = stream.since_trouble;
  if (unread > 0) stream.row.last_error = std::to_string(unread) + " records have no id";
  stream.row.health = stream.row.last_error.empty() ? "ok" : "degraded";
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
  stream.had_its_pass = true;
  row.last_error = failure.reason.substr(0, kErrorBytesMax);
  if (stream.in_turns && failure.status == 404) {
    // What it hangs on is gone; the parent's own removal, once it is confirmed, ends this stream.
    row.health = "gone";
    const Millis wait = stream.parts->trigger->every * kTurnsUntilGoneIsAskedAgain;
    stream.not_before = now.steady + wait;
    note(stream, now);
    stream.row.next_poll = std::max(*stream.row.next_poll, now.wall + wait);
    return;
  }
  ++row.failures;
  meter_.failed(row, failure.kind);
  row.health = "failing";
  std::optional<SteadyTime> not_before;
  if (failure.wait) not_before = now.steady + *failure.wait;
  const bool credentials = failure.kind == ReplyKind::unauthorised;
  const bool alone = credentials && refused_alone(stream, now);
  if (failure.kind == ReplyKind::refused || alone) {
    not_before = now.steady + std::min(kRefusedWait, stream.parts->trigger->every * 4);
  }
  if (credentials && !alone) suspend(lane, row.last_error, now);
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

void Poller::note_acceptance(Stream& stream, const HttpReply& reply, bool own_operation,
                             TurnTime now) {
  const bool taken = reply.failure == HttpFailure::none &&
                     ((reply.status >= 200 && reply.status < 300) || reply.status == 304);
  if (!taken) return;
  Lane& lane = lane_of(stream);
  lane.accepted = now.steady;
  if (own_operation) lane.refused.erase(stream.parts->trigger->operation->name);
}

// Some apps answer 401 where a route is not open to this kind of token. Without a sign that the
// credentials are good, one probe at a time finds out; from then on the refusal speaks for itself.
bool Poller::refused_alone(Stream& stream, TurnTime now) {
  Lane& lane = lane_of(stream);
  const std::string& operation = stream.parts->trigger->operation->name;
  const auto before = lane.refused.find(operation);
  const bool since_then =
      lane.accepted && before != lane.refused.end() && *lane.accepted > before->second;
  const bool lately = lane.accepted && now.steady - *lane.accepted < kAcceptedLately;
  const bool others = std::any_of(lane.refused.begin(), lane.refused.end(), [&](const auto& each) {
    return each.first != operation && (!lane.accepted || each.second > *lane.accepted);
  });
  lane.refused[operation] = now.steady;
  return lately || (since_then && !others);
}

void Poller::note_cut(Stream& stream, const PageRead& read) {
  if (read.last) stream.cuts = 0;
  if (!read.cut) return;
  const bool told = read.reason == stream.since_trouble;
  if (!told) {
    log(LogLevel::warning, "a walk was cut",
        {{"trigger", stream.row.trigger},
         {"account", stream.row.account},
         {"reason", read.reason}});
  }
  if (told || !read.cursor.is_null()) return;
  if (++stream.cuts != kCutsUntilTold) return;
  log(LogLevel::error,
      stream.row.state == "active" ? "a stream is never read to its end"
                                   : "a stream never gets its baseline",
      {{"trigger", stream.row.trigger}, {"account", stream.row.account}, {"reason", read.reason}});
}

}  // namespace triggerd
