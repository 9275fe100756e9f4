// The third part of engine/poller: what stays and what goes when the configuration, a pause or a
// reset has changed the streams, and the books of requests in flight.
#include "engine/poller.h"
#include "engine/schedule_keys.h"
#include "triggerd/hash.h"

namespace triggerd {

namespace {

constexpr StreamId kNoStream{0};

std::uint64_t hash_of_secrets(const Account& account) {
  std::string text;
  for (const auto& [field, secret] : account.secrets) text += field + "\n" + secret.reveal() + "\n";
  return hash64(text);
}

}  // namespace

std::optional<Poller::Flight> Poller::settle(HttpTicket ticket) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return std::nullopt;
  Flight flight = std::move(found->second);
  tickets_.erase(found);
  Stream* stream = table_->find(flight.stream);
  if (stream != nullptr && stream->walk && stream->walk->ticket == ticket) {
    stream->walk->ticket.reset();
  } else {
    flight.stream = kNoStream;  // it was reset or ended meanwhile
  }
  return flight;
}

const Stream* Poller::asking(HttpTicket ticket) const {
  const auto found = tickets_.find(ticket);
  return found == tickets_.end() ? nullptr : table_->find(found->second.stream);
}

void Poller::give_up(HttpTicket ticket) {
  http_.cancel(ticket);
  const std::optional<Flight> flight = settle(ticket);
  if (!flight) return;
  const auto gate = gates_->find(flight->account);
  if (gate != gates_->end()) gate->second.abandoned();
}

void Poller::drop(const HttpFinished& finished, TurnTime now) {
  const std::optional<Flight> flight = settle(finished.ticket);
  if (!flight) return;
  const auto gate = gates_->find(flight->account);
  if (gate != gates_->end()) gate->second.finished(finished.reply, now.wall, now.steady);
}

void Poller::follow(StreamTable& table, std::map<std::string, RateGate>& gates, TurnTime now) {
  table_ = &table;
  gates_ = &gates;
  std::vector<HttpTicket> lost;
  for (const auto& [ticket, flight] : tickets_) {
    const Stream* stream = table.find(flight.stream);
    if (stream == nullptr || !stream->walk || stream->walk->ticket != ticket) {
      lost.push_back(ticket);
    }
  }
  for (const HttpTicket ticket : lost) give_up(ticket);
  follow_lanes(gates);
  if (!options_.once) {
    follow_schedule(now);
    ask_again(now);
    return;
  }
  for (auto& [id, stream] : table.all()) {
    if (wanted(*stream) && !stream->had_its_pass) queue_poll(*stream);
  }
}

// With other credentials, what the app refused is asked for at once.
void Poller::ask_again(TurnTime now) {
  for (const auto& [name, lane] : lanes_) {
    if (!std::exchange(lane->renewed, false)) continue;
    for (auto& [id, stream] : table_->all()) {
      const ScheduleKey key = key_of(stream->row.id);
      if (stream->row.account == name && stream->row.failures > 0 && schedule_.has(key)) {
        schedule_.poll_now(key, now.steady);
      }
    }
  }
}

// What waited goes on waiting, and an account stays suspended until it has other credentials;
// streams that are gone leave.
void Poller::follow_lanes(std::map<std::string, RateGate>& gates) {
  std::map<std::string, std::unique_ptr<Lane>> lanes;
  for (const auto& [name, account] : table_->config().accounts) {
    auto lane = std::make_unique<Lane>(&account, &gates.at(name));
    lane->secrets_hash = hash_of_secrets(account);
    const auto before = lanes_.find(name);
    if (before != lanes_.end() && before->second->secrets_hash == lane->secrets_hash) {
      lane->suspended = before->second->suspended;
      lane->suspended_until = before->second->suspended_until;
      lane->suspended_for = before->second->suspended_for;
      lane->signed_out = before->second->signed_out;
      lane->accepted = before->second->accepted;
      lane->refused = before->second->refused;
    } else if (before != lanes_.end()) {
      lane->renewed = true;
    }
    lanes.emplace(name, std::move(lane));
  }
  lanes.swap(lanes_);
  for (auto& [id, stream] : table_->all()) stream->queued = false;
  for (const auto& [name, before] : lanes) {
    for (const auto& queue : before->due) {
      for (const StreamId id : queue) {
        Stream* stream = table_->find(id);
        if (stream != nullptr && wanted(*stream)) queue_poll(*stream);
      }
    }
  }
  for (auto& [id, stream] : table_->all()) {
    if (stream->walk && !stream->walk->ticket && !stream->walk->judging)
      lane_of(*stream).pages.push_back(stream->row.id);
  }
}

void Poller::follow_schedule(TurnTime now) {
  std::unordered_set<ScheduleKey> kept;
  for (auto& [id, stream] : table_->all()) {
    if (!wanted(*stream) || stream->in_turns) continue;
    const ScheduleKey key = key_of(stream->row.id);
    const Millis every = stream->parts->trigger->every;
    const Millis offset = stable_offset(stream_name(stream->row), every);
    kept.insert(key);
    if (!schedule_.has(key)) {
      schedule_.add(key, every, offset, now.wall, now.steady, stream->row.last_poll);
      if (stream->walk) schedule_.start(key, now.steady);
      continue;
    }
    if (schedule_.interval(key) != every) {
      schedule_.change_interval(key, every, offset, now.wall, now.steady);
    }
    // Its walk was dropped: it is due again.
    if (!stream->walk && !stream->queued) schedule_.postpone(key, now.steady);
  }
  groups_.clear();
  for (std::size_t index = 0; index < table_->groups().size(); ++index) {
    schedule_group(index, now);
    kept.insert(key_of_group(table_->groups()[index]));
  }
  for (const ScheduleKey key : schedule_.keys()) {
    if (!kept.contains(key)) schedule_.remove(key);
  }
}

void Poller::schedule_group(std::size_t index, TurnTime now) {
  const TurnGroup& group = table_->groups()[index];
  const ScheduleKey key = key_of_group(group);
  const Millis every = group.trigger->every;
  const Millis offset = stable_offset(group.name, every);
  groups_[key] = index;
  if (!schedule_.has(key)) {
    schedule_.add(key, every, offset, now.wall, now.steady, group.last_poll);
  } else if (schedule_.interval(key) != every) {
    schedule_.change_interval(key, every, offset, now.wall, now.steady);
  }
}

void Poller::forget_walks(const std::string& trigger) {
  for (auto& [id, stream] : table_->all()) {
    if (stream->row.trigger != trigger || !stream->walk) continue;
    if (stream->walk->ticket) give_up(*stream->walk->ticket);
    stream->walk.reset();
  }
}

void Poller::poll_now(const std::string& trigger, TurnTime now) {
  for (auto& [id, stream] : table_->all()) {
    if (stream->row.trigger == trigger && schedule_.has(key_of(stream->row.id))) {
      schedule_.poll_now(key_of(stream->row.id), now.steady);
    }
  }
  for (const TurnGroup& group : table_->groups()) {
    if (group.trigger->id == trigger && schedule_.has(key_of_group(group))) {
      schedule_.poll_now(key_of_group(group), now.steady);
    }
  }
}

}  // namespace triggerd
