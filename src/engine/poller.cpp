#include "engine/poller.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/schedule_keys.h"
#include "engine/walk_plan.h"
#include "triggerd/account/authorization.h"
#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr std::size_t kDueAtOnce = 4'096;
// Of a queue whose first streams wait for the limits of their group, so many are looked at.
constexpr std::size_t kLookAhead = 64;
// A probe of a suspended account, first and at most.
constexpr Millis kSuspendFirst{60'000};
constexpr Millis kSuspendMax{15 * 60'000};
// A fan-out that grows is planned anew, but a first walk over many parents does not plan for each
// of its pages.
constexpr Millis kPlanAtMostEvery{1'000};

// In the order of Lane::due.
constexpr std::array<Priority, 3> kPriorities{Priority::high, Priority::normal, Priority::low};

StreamId take_at(std::deque<StreamId>& queue, std::size_t place) {
  const auto at = queue.begin() + static_cast<std::ptrdiff_t>(place);
  const StreamId id = *at;
  queue.erase(at);
  return id;
}

std::size_t priority_place(Priority priority) {
  switch (priority) {
    case Priority::high:
      return 0;
    case Priority::normal:
      return 1;
    case Priority::low:
      return 2;
  }
  return 1;
}

}  // namespace

Poller::Poller(HttpClient& http, Tokens& tokens, Meter& meter, PollerOptions options)
    : http_(http),
      tokens_(tokens),
      meter_(meter),
      options_(std::move(options)),
      schedule_(options_.seed) {}

Lane& Poller::lane_of(const Stream& stream) { return *lanes_.at(stream.row.account); }

bool Poller::wanted(const Stream& stream) const {
  if (!stream.parts->trigger->enabled || stream.parts->paused) return false;
  return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(),
                                            stream.row.trigger) != options_.only.end();
}

void Poller::queue_poll(Stream& stream) {
  if (stream.queued || stream.walk) return;
  stream.queued = true;
  lane_of(stream).due[priority_place(stream.parts->trigger->priority)].push_back(stream.row.id);
}

bool Poller::take_from_group(TurnGroup& group, StreamId id, TurnTime now) {
  Stream* stream = table_->find(id);
  if (stream == nullptr || !group.members.contains(static_cast<std::int64_t>(id))) return false;
  if (stream->queued || stream->walk || stream->not_before > now.steady) return false;
  queue_poll(*stream);
  --group.left;
  return true;
}

void Poller::take_turn(TurnGroup& group, TurnTime now) {
  // What the last turn had no room for is not added to this one.
  group.left = group.per_turn;
  // Half of the turn belongs to those longest unpolled, however many parents change.
  const std::int64_t kept = group.per_turn / 2;
  std::vector<StreamId> urgent;
  urgent.swap(group.urgent);
  for (const StreamId id : urgent) {
    Stream* stream = table_->find(id);
    if (stream == nullptr) continue;
    if (group.left > kept && take_from_group(group, id, now)) {
      stream->urgent = false;
    } else {
      group.urgent.push_back(id);
    }
  }
  take_fresh(group, now);
  for (std::size_t looked = group.order.size(); looked > 0 && group.left > 0; --looked) {
    const StreamId id = group.order.front();
    group.order.pop_front();
    if (table_->find(id) == nullptr) continue;
    group.order.push_back(id);
    take_from_group(group, id, now);
  }
}

bool Poller::take_fresh(TurnGroup& group, TurnTime now) {
  while (!group.fresh.empty() && group.left > 0) {
    take_from_group(group, group.fresh.front(), now);
    group.fresh.pop_front();
  }
  return group.fresh.empty();
}

void Poller::collect_due(TurnTime now) {
  if (options_.once) return;
  if (table_->turns_outdated() && now.steady >= next_plan_) {
    next_plan_ = now.steady + kPlanAtMostEvery;
    table_->plan_turns();
  }
  for (std::size_t index = groups_.size(); index < table_->groups().size(); ++index) {
    schedule_group(index, now);  // born when a parent's first record was committed
  }
  auto& hungry = table_->groups_with_fresh();
  for (auto index = hungry.begin(); index != hungry.end();) {
    index = take_fresh(table_->groups()[*index], now) ? hungry.erase(index) : std::next(index);
  }
  for (const ScheduleKey key : schedule_.take_due(now.steady, kDueAtOnce)) {
    if ((key & kGroupBit) != 0) {
      take_turn(table_->groups()[groups_.at(key)], now);
      schedule_.succeeded(key, now.steady, 1);
      continue;
    }
    Stream* stream = table_->find(StreamId{static_cast<std::int64_t>(key)});
    if (stream != nullptr && wanted(*stream)) {
      queue_poll(*stream);
    } else {
      schedule_.remove(key);
    }
  }
}

std::size_t Poller::start_requests(TurnTime now) {
  std::size_t started = 0;
  for (auto& [name, lane] : lanes_) {
    while (lane->waiting() && start_next(*lane, now)) ++started;
  }
  return started;
}

const std::string& Poller::limit_group(StreamId id) const {
  static const std::string none;
  const Stream* stream = table_->find(id);
  if (stream == nullptr) return none;
  const bool asks = stream->walk && !stream->walk->confirms.empty();
  const Operation* confirm = asks ? confirm_operation(*stream) : nullptr;
  return confirm != nullptr ? confirm->limit_group : stream->parts->trigger->operation->limit_group;
}

Poller::Soonest Poller::soonest(const Lane& lane, const std::deque<StreamId>& queue,
                                TurnTime now) const {
  const auto wait_at = [&](std::size_t place) {
    return lane.gate->group_wait(Claim::poll, now.steady, limit_group(queue[place]));
  };
  Soonest best{0, wait_at(0)};
  const std::size_t end = std::min(queue.size(), kLookAhead);
  for (std::size_t place = 1; place < end && best.wait > Millis{0}; ++place) {
    const Millis wait = wait_at(place);
    if (wait < best.wait) best = {place, wait};
  }
  return best;
}

void Poller::go_on_with(StreamId id, TurnTime now) {
  Stream* stream = table_->find(id);
  const bool waits = stream != nullptr && stream->walk && !stream->walk->ticket;
  if (!waits || stream->walk->judging) return;
  stream->walk->confirms.empty() ? send_page(*stream, now) : send_confirm(*stream, now);
}

bool Poller::start_next(Lane& lane, TurnTime now) {
  if (!lane.pages.empty()) {
    if (lane.gate->wait_before_next(Claim::poll, Priority::high, now.wall, now.steady) >
        Millis{0}) {
      return false;
    }
    if (const Soonest next = soonest(lane, lane.pages, now); next.wait == Millis{0}) {
      go_on_with(take_at(lane.pages, next.place), now);
      return true;
    }
  }
  if (!lane.suspended.empty() && now.steady < lane.suspended_until) return false;
  for (std::size_t place = 0; place < lane.due.size(); ++place) {
    if (lane.due[place].empty()) continue;
    const Priority priority = kPriorities[place];
    if (lane.gate->wait_before_next(Claim::poll, priority, now.wall, now.steady) > Millis{0}) {
      continue;
    }
    const Soonest next = soonest(lane, lane.due[place], now);
    if (next.wait > Millis{0}) continue;
    const StreamId id = take_at(lane.due[place], next.place);
    Stream* stream = table_->find(id);
    if (stream == nullptr) return true;
    stream->queued = false;
    if (!wanted(*stream)) return true;
    // One probe at a time while the account is suspended.
    if (!lane.suspended.empty()) lane.suspended_until = now.steady + kSuspendMax;
    begin_walk(*stream, now);
    return true;
  }
  return false;
}

bool Poller::begin_walk(Stream& stream, TurnTime now) {
  WalkStart start = make_start(stream, now.wall);
  const bool promised = stream.row.state == "active" && stream.row.next_poll && !stream.in_turns;
  if (promised && stream.row.failures == 0) meter_.started_late(now.wall - *stream.row.next_poll);
  const bool resumed = !start.cursor.is_null();
  if (!resumed) {
    ++stream.row.cycle;
    stream.row.walk_pages = 0;
    stream.row.walk_newest.reset();
    stream.row.walk_disturbed = false;
    stream.row.walk_cursor.clear();
  }
  stream.row.walk_kind = start.kind == CycleKind::sweep ? "sweep" : "incremental";
  // A first walk that goes on after a restart is still the same one.
  if (!resumed || !stream.row.walk_started) stream.row.walk_started = now.wall;
  stream.walk =
      std::make_unique<Walk>(table_->config_pointer(), make_plan(stream), std::move(start));
  if (!take_met(stream) && resumed) stream.row.walk_disturbed = true;
  stream.walk->generation = stream.row.generation;
  stream.walk->started = stream.walk->moved = now.steady;
  return send_page(stream, now);
}

void Poller::keep_met(Stream& stream) {
  const StreamRow& row = stream.row;
  stream.met_before.reset();
  if (row.walk_kind != "sweep" || row.walk_cursor.empty() || row.walk_disturbed) return;
  stream.met_before = std::move(stream.walk->met);
  stream.met_until = row.walk_cursor;
}

bool Poller::take_met(Stream& stream) {
  std::optional<Met> met = std::exchange(stream.met_before, std::nullopt);
  const StreamRow& row = stream.row;
  if (!met || row.walk_kind != "sweep" || row.walk_cursor != stream.met_until) return false;
  stream.walk->met = std::move(*met);
  return true;
}

bool Poller::send_page(Stream& stream, TurnTime now) {
  Result<HttpRequest, std::string> request = stream.walk->cycle.next_request();
  if (!request) {
    walk_failed(nullptr, stream, WalkFailure{ReplyKind::refused, request.error(), {}, true}, now);
    return false;
  }
  authorise_request(*request, *stream.account, *stream.walk->plan.operation);
  launch(stream, std::move(*request), TicketFor::page, now);
  return true;
}

bool Poller::send_confirm(Stream& stream, TurnTime now) {
  Result<HttpRequest, std::string> request = confirm_request(stream, stream.walk->confirms.back());
  if (!request) {
    stream.walk->confirms.clear();
    walk_ended(stream, now);
    return false;
  }
  authorise_request(*request, *stream.account, *stream.parts->trigger->operation);
  launch(stream, std::move(*request), TicketFor::confirm, now);
  return true;
}

void Poller::launch(Stream& stream, HttpRequest request, TicketFor purpose, TurnTime now) {
  const HttpTicket ticket = http_.start(std::move(request));
  stream.walk->ticket = ticket;
  const SignIn* sign_in = stream.account->sign_in.get();
  tickets_[ticket] = Flight{stream.row.id, purpose, stream.row.account,
                            sign_in == nullptr ? 0 : sign_in->now.number};
  lane_of(stream).gate->started(Claim::poll, now.wall, now.steady, limit_group(stream.row.id));
}

std::optional<SteadyTime> Poller::next_wake(TurnTime now) const {
  std::optional<SteadyTime> wake = schedule_.next_due();
  const auto sooner = [&wake](SteadyTime at) {
    if (!wake || at < *wake) wake = at;
  };
  for (const auto& [name, lane] : lanes_) {
    if (!lane->pages.empty()) {
      const Millis apart = soonest(*lane, lane->pages, now).wait;
      sooner(now.steady + std::max(lane->gate->wait_before_next(Claim::poll, Priority::high,
                                                                now.wall, now.steady),
                                   apart));
      if (apart == Millis{0}) continue;
    }
    const bool held = !lane->suspended.empty() && now.steady < lane->suspended_until;
    for (std::size_t place = 0; place < lane->due.size(); ++place) {
      if (lane->due[place].empty()) continue;
      const SteadyTime open =
          now.steady + std::max(lane->gate->wait_before_next(Claim::poll, kPriorities[place],
                                                             now.wall, now.steady),
                                soonest(*lane, lane->due[place], now).wait);
      sooner(held ? std::max(open, lane->suspended_until) : open);
    }
  }
  return wake;
}

bool Poller::queues_empty() const {
  return std::none_of(lanes_.begin(), lanes_.end(),
                      [](const auto& lane) { return lane.second->waiting(); });
}

bool Poller::all_polled() const { return tickets_.empty() && queues_empty() && !judging(); }

void Poller::suspend(Lane& lane, const std::string& reason, TurnTime now) {
  if (lane.suspended.empty()) {
    lane.suspended_for = kSuspendFirst;
    log(LogLevel::error, "account is suspended: its credentials are not accepted",
        {{"account", lane.account->name}, {"reason", reason}});
  } else {
    lane.suspended_for = std::min(lane.suspended_for * 2, kSuspendMax);
  }
  lane.suspended = reason;
  credentials_refused_ = true;
  lane.suspended_until = now.steady + lane.suspended_for;
  if (!options_.once) return;
  // A single pass does not wait for credentials to be mended.
  for (auto& queue : lane.due) {
    for (const StreamId id : queue) {
      if (Stream* stream = table_->find(id)) stream->queued = false;
    }
    queue.clear();
  }
}

}  // namespace triggerd
