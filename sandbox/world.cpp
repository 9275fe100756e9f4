#include "world.h"

#include <algorithm>

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// Enough to undo any deletion that the self-change or a test wants back.
constexpr std::size_t kRemovedMax = 64;

json stamp(const Collection& collection, Millis at) {
  switch (collection.stamps) {
    case StampStyle::iso:
      return iso_utc(at);
    case StampStyle::epoch_ms:
      return at;
    case StampStyle::korean:
      return plain_utc(at + 9 * kHour) + " +0900 KST";
  }
  return {};
}

void set_stamp(const Collection& collection, std::string_view member, Millis at, json& record) {
  if (!member.empty()) record[std::string(member)] = stamp(collection, at);
}

json changed_members(const json& before, const json& after) {
  json changed = json::array();
  for (const auto& [name, value] : after.items()) {
    const auto old = before.find(name);
    if (old == before.end() || *old != value) changed.push_back("/" + name);
  }
  for (const auto& [name, value] : before.items()) {
    if (!after.contains(name)) changed.push_back("/" + name);
  }
  return changed;
}

std::string removed_key(const std::string& owner, std::string_view collection) {
  return owner + "/" + std::string(collection);
}

}  // namespace

World::World(const SandboxClock& clock, TruthLog& log, Millis keep_undo)
    : clock_(clock), log_(log), keep_undo_(keep_undo) {}

const Row& World::create(const Place& place, json record, std::optional<Millis> at) {
  const Collection* collection = find_collection(place.collection);
  const Millis when = at.value_or(clock_.now());
  record[std::string(collection->id_member)] = place.id;
  if (collection->shows_location) record["locationId"] = place.owner;
  set_stamp(*collection, collection->created_member, when, record);
  set_stamp(*collection, collection->updated_member, when, record);
  apply(place, Row{std::move(record), when, when}, "create");
  return *find(place);
}

bool World::update(const Place& place, const json& patch, const Touch& touch) {
  const Row* old = find(place);
  if (old == nullptr) return false;
  const Collection* collection = find_collection(place.collection);
  Row after = *old;
  after.record.merge_patch(patch);
  if (touch.moves) {
    after.updated = touch.at.value_or(clock_.now());
    set_stamp(*collection, collection->updated_member, after.updated, after.record);
  }
  apply(place, std::move(after), "update");
  return true;
}

bool World::remove(const Place& place) {
  const Row* old = find(place);
  if (old == nullptr) return false;
  auto& grave = removed_[removed_key(place.owner, place.collection)];
  grave.push_back({place.id, *old});
  if (grave.size() > kRemovedMax) grave.pop_front();
  apply(place, std::nullopt, "delete");
  return true;
}

std::optional<std::string> World::restore(const std::string& owner, std::string_view collection) {
  const auto grave = removed_.find(removed_key(owner, collection));
  if (grave == removed_.end() || grave->second.empty()) return std::nullopt;
  Removed back = std::move(grave->second.back());
  grave->second.pop_back();
  back.row.updated = clock_.now();
  const Collection* spec = find_collection(collection);
  set_stamp(*spec, spec->updated_member, back.row.updated, back.row.record);
  apply({owner, collection, back.id}, std::move(back.row), "restore");
  return back.id;
}

void World::apply(const Place& place, std::optional<Row> after, std::string_view op) {
  Rows& rows = places_[place.owner][std::string(place.collection)];
  const auto found = rows.find(place.id);
  std::optional<Row> before;
  if (found != rows.end()) before = found->second;
  if (!silent_) {
    const json& shown = after ? after->record : before->record;
    const json nothing = json::object();
    const json changed =
        changed_members(before ? before->record : nothing, after ? after->record : nothing);
    json line = {{"location", place.owner}, {"collection", place.collection},
                 {"id", place.id},          {"op", op},
                 {"changed", changed},      {"record", shown}};
    if (!cause_.empty()) line["by"] = cause_;
    log_.write("mutation", std::move(line));
    remember(place, std::move(before));
  }
  if (after) {
    rows[place.id] = std::move(*after);
  } else {
    rows.erase(place.id);
  }
}

void World::remember(const Place& place, std::optional<Row> before) {
  const Millis at = clock_.now();
  while (!undo_.empty() && undo_.front().at < at - keep_undo_) undo_.pop_front();
  undo_.push_back({at, place, std::move(before)});
}

const Rows& World::rows(const std::string& owner, std::string_view collection) const {
  static const Rows kNone;
  const auto place = places_.find(owner);
  if (place == places_.end()) return kNone;
  const auto found = place->second.find(collection);
  return found == place->second.end() ? kNone : found->second;
}

const Row* World::find(const Place& place) const {
  const Rows& all = rows(place.owner, place.collection);
  const auto found = all.find(place.id);
  return found == all.end() ? nullptr : &found->second;
}

std::optional<std::string> World::owner_of(std::string_view collection,
                                           const std::string& id) const {
  for (const auto& [owner, held] : places_) {
    const auto rows_of = held.find(collection);
    if (rows_of != held.end() && rows_of->second.contains(id)) return owner;
  }
  return std::nullopt;
}

std::vector<std::string> World::owners(std::string_view collection) const {
  std::vector<std::string> found;
  for (const auto& [owner, held] : places_) {
    if (held.contains(collection)) found.push_back(owner);
  }
  return found;
}

json World::counts(const std::string& owner) const {
  json counted = json::object();
  for (const Collection& one : collections()) {
    const std::size_t size = rows(owner, one.name).size();
    if (size > 0) counted[std::string(one.name)] = size;
  }
  return counted;
}

View View::now(const World& world) { return View(world); }

View View::as_of(const World& world, Millis instant) {
  View view(world);
  const auto& undo = world.undo();
  for (auto change = undo.rbegin(); change != undo.rend() && change->at > instant; ++change) {
    view.look_behind(*change);
  }
  return view;
}

View View::before_last_change(const World& world) {
  View view(world);
  if (!world.undo().empty()) view.look_behind(world.undo().back());
  return view;
}

void View::look_behind(const Undo& undo) {
  overlay_[std::string(undo.place.collection)][{undo.place.owner, undo.place.id}] = &undo.before;
}

std::vector<const Row*> View::all(const std::string& owner, std::string_view collection) const {
  std::vector<std::pair<const std::string*, const Row*>> found;
  const Rows& rows = world_->rows(owner, collection);
  found.reserve(rows.size());
  const auto overlay = overlay_.find(collection);
  const auto hidden = [&](const std::string& id) {
    return overlay != overlay_.end() && overlay->second.contains({owner, id});
  };
  for (const auto& [id, row] : rows) {
    if (!hidden(id)) found.emplace_back(&id, &row);
  }
  if (overlay != overlay_.end()) {
    for (const auto& [key, before] : overlay->second) {
      if (key.first == owner && before->has_value()) found.emplace_back(&key.second, &**before);
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
    if (left.second->created != right.second->created) {
      return left.second->created < right.second->created;
    }
    return *left.first < *right.first;
  });
  std::vector<const Row*> ordered;
  ordered.reserve(found.size());
  for (const auto& one : found) ordered.push_back(one.second);
  return ordered;
}

const Row* View::find(const Place& place) const {
  const auto overlay = overlay_.find(place.collection);
  if (overlay != overlay_.end()) {
    const auto hidden = overlay->second.find({place.owner, place.id});
    if (hidden != overlay->second.end()) {
      return hidden->second->has_value() ? &**hidden->second : nullptr;
    }
  }
  return world_->find(place);
}

}  // namespace triggerd::sandbox
