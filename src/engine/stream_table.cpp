#include "engine/stream_table.h"

#include <algorithm>

#include "engine/own_change.h"
#include "engine/reading_hash.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr std::size_t kRowsAtOnce = 2'000;

}  // namespace

std::vector<nlohmann::json> fixed_items(const Trigger& trigger) {
  std::vector<nlohmann::json> items{nlohmann::json::object()};
  for (const ForEach& by : trigger.for_each) {
    if (!by.parent.empty()) continue;
    std::vector<nlohmann::json> next;
    for (const nlohmann::json& item : items) {
      for (const nlohmann::json& value : by.values) {
        next.push_back(item);
        next.back()[by.param] = value;
      }
    }
    items = std::move(next);
  }
  return items;
}

std::string stream_name(const StreamRow& row) {
  return row.trigger + "\n" + row.account + "\n" + row.item;
}

const TriggerParts* StreamTable::parts(const std::string& trigger) const {
  const auto found = parts_.find(trigger);
  return found == parts_.end() ? nullptr : found->second.get();
}

void StreamTable::set_paused(const std::string& trigger, bool paused) {
  const auto found = parts_.find(trigger);
  if (found != parts_.end()) found->second->paused = paused;
}

Stream* StreamTable::find(StreamId id) {
  const auto found = streams_.find(static_cast<std::int64_t>(id));
  return found == streams_.end() ? nullptr : found->second.get();
}

void StreamTable::make_parts(Database& database) {
  parts_.clear();
  std::map<std::string, bool> paused;
  for (const TriggerRow& row : load_triggers(database)) paused[row.id] = row.paused;
  for (const Trigger& trigger : config_->triggers) {
    auto parts = std::make_unique<TriggerParts>();
    parts->trigger = &trigger;
    parts->rules = detect_rules(trigger);
    if (trigger.operation != nullptr) {
      parts->touching_writes = writes_touching(*config_->catalog, *trigger.operation);
    }
    parts->reading = reading_hash(trigger, parts->rules, *config_->catalog);
    parts->rules.earlier_watch = load_rules(database, trigger.id);
    save_rule(database, trigger.id, parts->rules.rule, trigger.watch);
    for (const Step& step : trigger.steps) parts->step_ids.push_back(step.id);
    parts->paused = paused[trigger.id];
    parts_[trigger.id] = std::move(parts);
  }
  for (const Trigger& trigger : config_->triggers) {
    for (const ForEach& by : trigger.for_each) {
      const auto parent = parts_.find(by.parent);
      if (!by.parent.empty() && parent != parts_.end()) {
        parent->second->children.push_back({&trigger, &by});
      }
    }
  }
}

void StreamTable::apply(std::shared_ptr<const Config> config, Database& database,
                        const std::unordered_set<std::string>& reset, WallTime now) {
  config_ = std::move(config);
  make_parts(database);
  groups_.clear();
  group_by_name_.clear();
  groups_with_fresh_.clear();
  std::unordered_map<std::int64_t, std::unique_ptr<Stream>> before;
  before.swap(streams_);
  by_name_.clear();
  by_parent_.clear();
  for (StreamRow& row : load_streams(database)) {
    const bool homeless = parts(row.trigger) != nullptr && config_->account(row.account) == nullptr;
    if (homeless) {
      end_stream(database, row.id, now);
    } else {
      adopt(std::move(row));
    }
  }
  std::unordered_set<std::string> wanted;
  want_fixed_streams(database, wanted, now);
  want_children(database, wanted, now);
  end_unwanted(database, wanted, now);
  for (auto& [id, stream] : streams_) {
    const auto old = before.find(id);
    if (old == before.end()) continue;
    // What a poll noted in memory is newer than the table.
    if (old->second->dirty) {
      stream->row = old->second->row;
      stream->dirty = true;
    }
    if (!reset.contains(stream->row.trigger)) {
      stream->walk = std::move(old->second->walk);
      stream->met_before = std::move(old->second->met_before);
      stream->met_until = std::move(old->second->met_until);
    }
    stream->not_before = old->second->not_before;
    stream->late_told = old->second->late_told;
    stream->had_its_pass = old->second->had_its_pass && !reset.contains(stream->row.trigger);
    if (old->second->urgent && stream->in_turns) {
      stream->urgent = true;
      group_of(*stream).urgent.push_back(stream->row.id);
    }
  }
  for (TurnGroup& group : groups_) order_by_last_poll(group);
  plan_turns();
}

// So that neither a restart nor a reload begins the round anew.
void StreamTable::order_by_last_poll(TurnGroup& group) {
  std::erase_if(group.order, [&](StreamId id) { return find(id) == nullptr; });
  const auto last_poll = [&](StreamId id) { return find(id)->row.last_poll; };
  std::stable_sort(group.order.begin(), group.order.end(),
                   [&](StreamId a, StreamId b) { return last_poll(a) < last_poll(b); });
  if (!group.order.empty()) group.last_poll = last_poll(group.order.back());
}

void StreamTable::adopt(StreamRow row) {
  const TriggerParts* of = parts(row.trigger);
  const Account* account = config_->account(row.account);
  if (of == nullptr || account == nullptr) return;
  auto stream = std::make_unique<Stream>();
  stream->parts = of;
  stream->account = account;
  stream->row = std::move(row);
  stream->missing_pending = stream->row.settled == 0 || stream->row.settled != of->reading;
  const auto id = static_cast<std::int64_t>(stream->row.id);
  by_name_[stream_name(stream->row)] = stream->row.id;
  if (stream->row.parent) {
    by_parent_[static_cast<std::int64_t>(*stream->row.parent)].push_back(stream->row.id);
  }
  stream->in_turns = of->trigger->follows_parent();
  Stream& kept = *(streams_[id] = std::move(stream));
  if (kept.in_turns) join_group(kept);
}

void StreamTable::join_group(Stream& stream) {
  const std::string name = stream.row.trigger + "\n" + stream.row.account;
  const auto [place, added] = group_by_name_.emplace(name, groups_.size());
  if (added) {
    groups_.push_back({});
    groups_.back().trigger = stream.parts->trigger;
    groups_.back().account = stream.account;
    groups_.back().name = name;
  }
  stream.group = place->second;
  TurnGroup& group = groups_[stream.group];
  if (!group.members.insert(static_cast<std::int64_t>(stream.row.id)).second) return;
  group.order.push_back(stream.row.id);
  turns_outdated_ = true;
  if (!stream.row.last_poll) {
    group.fresh.push_back(stream.row.id);
    groups_with_fresh_.insert(stream.group);
  }
}

void StreamTable::want_fixed_streams(Database& database, std::unordered_set<std::string>& wanted,
                                     WallTime now) {
  for (const Trigger& trigger : config_->triggers) {
    if (trigger.follows_parent()) continue;
    for (const std::string& account : trigger.accounts) {
      for (const nlohmann::json& item : fixed_items(trigger)) {
        StreamRow row;
        row.trigger = trigger.id;
        row.account = account;
        row.item = canonical_json(item);
        row.state = trigger.start == Start::backfill ? "backfill" : "baseline";
        const std::string name = stream_name(row);
        wanted.insert(name);
        if (by_name_.contains(name)) continue;
        add_stream(database, row, now);
        adopt(std::move(row));
      }
    }
  }
}

void StreamTable::want_children(Database& database, std::unordered_set<std::string>& wanted,
                                WallTime now) {
  // Level by level: streams of a parent exist before its own children are asked for.
  std::deque<StreamId> parents;
  for (const auto& [id, stream] : streams_) {
    if (!stream->in_turns && !stream->parts->children.empty()) parents.push_back(StreamId{id});
  }
  while (!parents.empty()) {
    Stream* parent = find(parents.front());
    parents.pop_front();
    std::string after;
    for (;;) {
      const std::vector<Seen> rows = read_seen_range(database, parent->row.id, after, kRowsAtOnce);
      for (const Seen& seen : rows) {
        for (NewChild& child : children_of(*parent, seen, false)) {
          const std::string name = stream_name(child.row);
          wanted.insert(name);
          if (!by_name_.contains(name)) add_child(database, child, now);
          const auto found = by_name_.find(name);
          if (found != by_name_.end() && !find(found->second)->parts->children.empty()) {
            parents.push_back(found->second);
          }
        }
      }
      if (rows.size() < kRowsAtOnce) break;
      after = rows.back().key;
    }
  }
}

void StreamTable::end_unwanted(Database& database, const std::unordered_set<std::string>& wanted,
                               WallTime now) {
  std::vector<StreamId> unwanted;
  for (const auto& [id, stream] : streams_) {
    if (!wanted.contains(stream_name(stream->row))) unwanted.push_back(StreamId{id});
  }
  for (const StreamId id : unwanted) {
    Stream& stream = *find(id);
    if (stream.in_turns) group_of(stream).members.erase(static_cast<std::int64_t>(id));
    by_name_.erase(stream_name(stream.row));
    end_stream(database, id, now);
    streams_.erase(static_cast<std::int64_t>(id));
  }
}

void StreamTable::reload_trigger(Database& database, const std::string& trigger) {
  std::unordered_map<std::int64_t, StreamRow> rows;
  for (StreamRow& row : load_streams(database)) {
    if (row.trigger == trigger) rows.emplace(static_cast<std::int64_t>(row.id), std::move(row));
  }
  for (auto& [id, stream] : streams_) {
    const auto found = rows.find(id);
    if (found == rows.end()) continue;
    const bool moved = found->second.generation != stream->row.generation ||
                       found->second.state != stream->row.state;
    if (!moved) continue;
    stream->row = std::move(found->second);
    stream->dirty = false;
    stream->walk.reset();
    stream->missing_pending = true;
  }
}

void StreamTable::plan_turns() {
  turns_outdated_ = false;
  std::map<std::string, StreamCounts> counts;
  for (const auto& [id, stream] : streams_) {
    StreamCounts& count = counts[stream->row.trigger + "\n" + stream->row.account];
    if (stream->in_turns) ++count.parents;
    if (stream->row.polls > 0) {
      count.pages_per_poll =
          std::max(count.pages_per_poll,
                   static_cast<double>(stream->row.pages) / static_cast<double>(stream->row.polls));
    }
  }
  for (const AccountPlan& plan : plan_budget(*config_, counts)) {
    for (const TriggerCost& cost : plan.triggers) {
      if (!cost.in_turns) continue;
      const auto group = group_by_name_.find(cost.trigger + "\n" + plan.account);
      if (group != group_by_name_.end()) {
        TurnGroup& turns = groups_[group->second];
        const std::int64_t before = turns.per_turn;
        turns.per_turn = std::max<std::int64_t>(1, cost.per_turn);
        turns.left = std::max<std::int64_t>(0, turns.left + turns.per_turn - before);
      }
    }
  }
}

}  // namespace triggerd
