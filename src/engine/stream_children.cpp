// The part of engine/stream_table about fan-outs: streams that a parent's records make, keep and
// end.
#include <algorithm>

#include "engine/stream_table.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr std::size_t kRowsAtOnce = 2'000;

// Whether this record of the parent calls for the stream of this name.
bool gives(const Stream& parent, const Seen& record, const std::string& name) {
  const std::vector<NewChild> made = children_of(parent, record, false);
  return std::any_of(made.begin(), made.end(),
                     [&](const NewChild& child) { return stream_name(child.row) == name; });
}

NewChild child_of(const Stream& parent, const Seen& record, const ChildLink& link,
                  const nlohmann::json& item) {
  NewChild child;
  child.trigger = link.child;
  child.row.trigger = link.child->id;
  child.row.account = parent.row.account;
  child.row.item = canonical_json(item);
  child.row.state = link.child->start == Start::backfill ? "backfill" : "baseline";
  child.row.parent = parent.row.id;
  child.row.parent_key = record.key;
  return child;
}

bool chosen_by_value(const Stream& parent, const Trigger* child) {
  const std::vector<ChildLink>& links = parent.parts->children;
  return std::any_of(links.begin(), links.end(), [&](const ChildLink& link) {
    return (child == nullptr || link.child == child) && !link.by->parent_value.empty();
  });
}

}  // namespace

std::vector<NewChild> children_of(const Stream& parent, const Seen& record, bool fire_first) {
  std::vector<NewChild> made;
  const nlohmann::json parent_item = parse_json(parent.row.item).value_or(nlohmann::json::object());
  for (const ChildLink& link : parent.parts->children) {
    nlohmann::json values = link.by->parent_value.empty()
                                ? nlohmann::json(record.key)
                                : remembered_value(record, link.by->parent_value);
    if (!values.is_array()) values = nlohmann::json::array({values});
    for (const nlohmann::json& value : values) {
      if (value.is_null() || value.is_structured() || plain_text(value).empty()) continue;
      for (nlohmann::json item : fixed_items(*link.child)) {
        item.update(parent_item);
        item[link.by->param] = value;
        made.push_back(child_of(parent, record, link, item));
        made.back().row.fire_first = fire_first;
      }
    }
  }
  return made;
}

Stream* StreamTable::add_child(Database& database, NewChild& child, WallTime now) {
  const std::string name = stream_name(child.row);
  if (by_name_.contains(name)) return nullptr;
  if (streams_.size() >= kStreamsMax) {
    log(LogLevel::error, "too many streams: a fan-out is cut",
        {{"trigger", child.row.trigger}, {"limit", kStreamsMax}});
    return nullptr;
  }
  add_stream(database, child.row, now);
  adopt(std::move(child.row));
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : find(found->second);
}

// Records that are chosen by a value may share a stream: another one that has the value keeps it.
bool StreamTable::take_other_parent(Database& database, Stream& stream) {
  const Stream& parent = *find(*stream.row.parent);
  if (!chosen_by_value(parent, stream.parts->trigger)) return false;
  const std::string name = stream_name(stream.row);
  std::string after;
  for (;;) {
    const std::vector<Seen> rows = read_seen_range(database, parent.row.id, after, kRowsAtOnce);
    for (const Seen& seen : rows) {
      if (seen.key == stream.row.parent_key || !gives(parent, seen, name)) continue;
      stream.row.parent_key = seen.key;
      save_stream(database, stream.row);
      return true;
    }
    if (rows.size() < kRowsAtOnce) return false;
    after = rows.back().key;
  }
}

void StreamTable::end_tree(Database& database, StreamId id, WallTime now) {
  const auto below = by_parent_.find(static_cast<std::int64_t>(id));
  if (below != by_parent_.end()) {
    const std::vector<StreamId> deeper = std::move(below->second);
    by_parent_.erase(below);
    for (const StreamId one : deeper) end_tree(database, one, now);
  }
  Stream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->in_turns) group_of(*stream).members.erase(static_cast<std::int64_t>(id));
  by_name_.erase(stream_name(stream->row));
  end_stream(database, id, now);
  streams_.erase(static_cast<std::int64_t>(id));
}

void StreamTable::end_children(Database& database, StreamId parent, const std::string& key,
                               WallTime now) {
  const auto below = by_parent_.find(static_cast<std::int64_t>(parent));
  if (below == by_parent_.end()) return;
  for (const StreamId id : std::vector<StreamId>(below->second)) {
    Stream* stream = find(id);
    if (stream == nullptr || stream->row.parent_key != key) continue;
    if (!take_other_parent(database, *stream)) end_tree(database, id, now);
  }
  std::erase_if(below->second, [this](StreamId id) { return find(id) == nullptr; });
}

void StreamTable::follow_values(Database& database, StreamId parent,
                                const std::vector<std::string>& changed, WallTime now) {
  const auto below = by_parent_.find(static_cast<std::int64_t>(parent));
  if (changed.empty() || below == by_parent_.end()) return;
  const Stream& above = *find(parent);
  if (!chosen_by_value(above, nullptr)) return;
  const SeenMap records = read_seen(database, parent, changed);
  for (const StreamId id : std::vector<StreamId>(below->second)) {
    Stream* stream = find(id);
    if (stream == nullptr) continue;
    const auto record = records.find(stream->row.parent_key);
    if (record == records.end() || gives(above, record->second, stream_name(stream->row))) continue;
    if (!take_other_parent(database, *stream)) end_tree(database, id, now);
  }
  std::erase_if(below->second, [this](StreamId id) { return find(id) == nullptr; });
}

void StreamTable::mark_urgent(StreamId parent, const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  const auto below = by_parent_.find(static_cast<std::int64_t>(parent));
  if (below == by_parent_.end()) return;
  const std::unordered_set<std::string> changed(keys.begin(), keys.end());
  for (const StreamId id : below->second) {
    Stream* stream = find(id);
    if (stream == nullptr || stream->urgent || !changed.contains(stream->row.parent_key)) continue;
    stream->urgent = true;
    if (stream->row.health == "gone") stream->not_before = {};  // it may be there again
    group_of(*stream).urgent.push_back(id);
  }
}

}  // namespace triggerd
