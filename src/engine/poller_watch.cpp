// The fourth part of engine/poller: what polls note of themselves, and the watch over those that do
// not come, do not end or stand still.
#include <algorithm>

#include "engine/poller.h"
#include "engine/schedule_keys.h"
#include "triggerd/log.h"
#include "triggerd/store/page_commit.h"

namespace triggerd {

namespace {

// No walk lasts longer than this or three intervals at a time, whatever its pages do.
constexpr Millis kWalkDeadline{10 * 60'000};
// Notes of many streams wait for the turn of their slice, so that neighbours are written together:
// one page of the database a poll would be most of what an idle poll costs.
constexpr std::size_t kStreamsPerSlice = 2'000;
constexpr std::size_t kSlicesMax = 15;
constexpr std::int64_t kRowsTogether = 64;
// A stream is late when it is this far behind its promise.
constexpr Millis kLateAfter{60'000};

}  // namespace

Millis Poller::cover_of(const Stream& stream) const {
  const TurnGroup& group = table_->group_of(stream);
  const auto members = static_cast<std::int64_t>(group.members.size());
  const std::int64_t turns = (members + group.per_turn - 1) / group.per_turn;
  return group.trigger->every * std::max<std::int64_t>(1, turns);
}

void Poller::note(Stream& stream, TurnTime now) {
  ++stream.row.polls;
  meter_.polled(stream.row);
  stream.row.last_poll = now.wall;
  const ScheduleKey key = static_cast<ScheduleKey>(stream.row.id);
  if (!stream.in_turns && schedule_.has(key)) {
    stream.row.next_poll = now.wall + (schedule_.promised(key) - now.steady);
  } else if (stream.in_turns) {
    stream.row.next_poll = now.wall + cover_of(stream) * 2;
  }
  stream.dirty = true;
  dirty_.insert(static_cast<std::int64_t>(stream.row.id));
}

std::size_t Poller::save_notes(Database& database, std::size_t most) {
  if (dirty_.empty()) return 0;
  const bool all = most == SIZE_MAX;
  const auto slices = static_cast<std::int64_t>(
      std::clamp<std::size_t>(table_->all().size() / kStreamsPerSlice, 1, kSlicesMax));
  const std::int64_t slice = notes_slice_++ % slices;
  std::vector<std::int64_t> ids;
  for (const std::int64_t id : dirty_) {
    if (all || id / kRowsTogether % slices == slice) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  std::size_t saved = 0;
  for (const std::int64_t id : ids) {
    if (saved == most) break;
    dirty_.erase(id);
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
    // A fan-out that has grown since takes longer to come round: that is its promise now. Half of
    // each turn may go to streams whose parent changed.
    if (!stream.row.last_poll) return std::nullopt;
    return *stream.row.last_poll + cover_of(stream) * 2;
  }
  if (stream.row.next_poll) return stream.row.next_poll;
  const ScheduleKey key = static_cast<ScheduleKey>(stream.row.id);
  if (!schedule_.has(key)) return std::nullopt;
  return now.wall + (schedule_.promised(key) - now.steady);
}

std::optional<Millis> Poller::lag_of(const Stream& stream, TurnTime now) const {
  if (!wanted(stream)) return std::nullopt;
  const std::optional<WallTime> promised = promise_of(stream, now);
  if (!promised) return Millis{0};
  return std::max(now.wall - *promised, Millis{0});
}

bool Poller::suspended(const std::string& account) const {
  const auto lane = lanes_.find(account);
  return lane != lanes_.end() && !lane->second->suspended.empty();
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
    const bool overlong = now.steady - stream->walk->started >= most &&
                          stream->row.state == "active" && !stream->walk->judging;
    // A first walk may last for hours, as long as its pages come.
    const bool stands = now.steady - stream->walk->moved >= most &&
                        lane_of(*stream).gate->wait_before_next(
                            Claim::poll, Priority::high, now.wall, now.steady) < kWalkDeadline;
    if (!overlong && !stands) continue;
    if (stream->walk->ticket) give_up(*stream->walk->ticket);
    if (!stands && !stream->row.walk_cursor.empty()) {
      // Its pages come, but slowly: it goes on with the next poll, as after too many pages.
      close_open_events(database, *stream, now.wall);
      walk_ended(*stream, now);
      continue;
    }
    walk_failed(&database, *stream,
                WalkFailure{ReplyKind::transient,
                            overlong ? "the walk took too long" : "the walk stood still",
                            {},
                            false},
                now);
  }
}

void Poller::close_open_events(Database& database, Stream& stream, WallTime wall) {
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
