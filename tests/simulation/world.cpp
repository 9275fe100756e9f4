#include "simulation/world.h"

#include "triggerd/time.h"

namespace triggerd::simulation {

namespace {

constexpr std::int64_t kMinute = 60'000;
// Beyond the integers that a double can tell apart.
constexpr std::int64_t kFirstOrder = 9'007'199'254'740'993;

const std::vector<std::string> kCollections{"items", "members", "orders", "slots"};
const std::vector<std::string> kNames{"A", "B", "C"};

std::string iso(std::int64_t ms) { return to_iso8601(wall_from_ms(ms)); }

bool has_stamps(const std::string& collection) { return collection == "items"; }

}  // namespace

void Records::add(const std::string& key, Version version) {
  std::vector<Version>& all = versions_[key];
  // Versions of one record become visible in their order.
  if (!all.empty()) version.visible = std::max(version.visible, all.back().visible);
  all.push_back(std::move(version));
}

void Records::put(const std::string& key, json record, std::int64_t visible) {
  add(key, {visible, std::move(record)});
}

void Records::remove(const std::string& key, std::int64_t visible) { add(key, {visible, {}}); }

const json* Records::latest(const std::string& key) const {
  const auto found = versions_.find(key);
  if (found == versions_.end() || !found->second.back().record) return nullptr;
  return &*found->second.back().record;
}

const json* Records::shown(const std::string& key, std::int64_t at) const {
  const auto found = versions_.find(key);
  if (found == versions_.end()) return nullptr;
  const json* shown = nullptr;
  for (const Version& version : found->second) {
    if (version.visible > at) break;
    shown = version.record ? &*version.record : nullptr;
  }
  return shown;
}

std::vector<std::pair<std::string, json>> Records::all_shown(std::int64_t at) const {
  std::vector<std::pair<std::string, json>> all;
  for (const auto& [key, versions] : versions_) {
    if (const json* record = shown(key, at)) all.emplace_back(key, *record);
  }
  return all;
}

std::vector<std::string> Records::keys(bool present) const {
  std::vector<std::string> keys;
  for (const auto& [key, versions] : versions_) {
    if (versions.back().record.has_value() == present) keys.push_back(key);
  }
  return keys;
}

World::World(Chance& chance, std::int64_t now, Size size) : chance_(chance), size_(size) {
  for (const std::string& collection : kCollections) {
    records_[collection];
    const std::int64_t count = chance_.below(static_cast<std::int64_t>(size_.population_max) - 1);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t then = now - chance_.between(1, 5'000) * kMinute;
      create(collection, fresh_key(collection), then, then);
    }
  }
  records_["cards"];
}

std::vector<Happening> World::story(const std::string& collection, const std::string& key) const {
  const auto found = stories_.find(collection + " " + key);
  return found == stories_.end() ? std::vector<Happening>{} : found->second;
}

void World::mutate(std::int64_t now) {
  for (std::int64_t left = chance_.between(1, size_.changes_max); left > 0; --left) {
    change(chance_.one_of(kCollections), now);
  }
}

void World::change(const std::string& collection, std::int64_t now) {
  const std::vector<std::string> there = records_[collection].keys(true);
  const std::vector<std::string> gone = records_[collection].keys(false);
  const std::int64_t dice = chance_.below(1'000);
  if (there.size() > size_.population_max || (dice < 110 && !there.empty())) {
    erase(collection, chance_.one_of(there), now);
  } else if (dice < 300 || there.empty()) {
    create(collection, fresh_key(collection), now, now);
  } else if (dice < 340) {  // an import brings records of long ago
    const std::int64_t then = now - chance_.between(1, 3'000) * kMinute;
    create(collection, fresh_key(collection), now, then);
  } else if (dice < 350) {
    const std::int64_t count = chance_.between(4, 12);
    for (std::int64_t i = 0; i < count; ++i) create(collection, fresh_key(collection), now, now);
  } else if (dice < 400 && !gone.empty()) {  // it comes back as it was
    const std::string key = chance_.one_of(gone);
    put(collection, key, graves_.at(collection + " " + key), now, "restored");
    if (collection == "members") put("cards", key, {{"id", key}, {"name", "A"}}, now, "restored");
  } else if (dice < 440 && !gone.empty()) {  // another record gets its id
    create(collection, chance_.one_of(gone), now, now);
  } else if (dice < 480) {  // several with one stamp
    for (const std::string& key : there) {
      if (chance_.in(400)) update(collection, key, now, "group");
    }
  } else if (dice < 530) {  // there and back
    const std::string key = chance_.one_of(there);
    const json before = *records_[collection].latest(key);
    update(collection, key, now, "watched");
    put(collection, key, before, now + chance_.between(1, 200) * 1'000, "as before");
  } else {
    static const std::vector<std::string> kWays{"watched",  "watched",   "watched",   "watched",
                                                "watched",  "unwatched", "unwatched", "no stamp",
                                                "no stamp", "backdated", "drift"};
    update(collection, chance_.one_of(there), now, chance_.one_of(kWays));
  }
}

std::string World::fresh_key(const std::string& collection) {
  ++made_;
  if (collection == "orders") return std::to_string(kFirstOrder + made_);
  return collection.substr(0, 1) + std::to_string(made_);
}

void World::create(const std::string& collection, const std::string& key, std::int64_t now,
                   std::int64_t stamp) {
  json record{{"id", key}, {"name", chance_.one_of(kNames)}, {"made", ++made_}};
  if (collection == "orders") record["id"] = std::stoll(key);
  record["note"] = chance_.one_of(kNames);
  if (collection != "slots") record["created"] = iso(stamp);
  if (has_stamps(collection)) record["updated"] = iso(stamp);
  put(collection, key, std::move(record), now, "created");
  if (collection == "members") {
    put("cards", key, {{"id", key}, {"name", chance_.one_of(kNames)}}, now, "created");
  }
}

void World::update(const std::string& collection, const std::string& key, std::int64_t now,
                   const std::string& way) {
  const bool card = collection == "members" && chance_.in(300);
  const std::string where = card ? "cards" : collection;
  const json* before = records_[where].latest(key);
  if (before == nullptr) return;
  json record = *before;
  if (way == "drift") {
    drift(record);
  } else {
    record[way == "unwatched" && !card ? "note" : "name"] = chance_.one_of(kNames);
  }
  if (has_stamps(where) && way != "no stamp") {
    const std::int64_t back = way == "backdated" ? chance_.between(1, 300) * kMinute : 0;
    record["updated"] = iso(now - back);
  }
  put(where, key, std::move(record), now, way);
}

// The app's next version: a member comes, goes, or has another type.
void World::drift(json& record) {
  static const std::vector<json> kExtras{"new", 7, 1.5, json::array({1, "two"}), {{"deep", true}}};
  if (record.contains("extra") && chance_.in(500)) {
    record.erase("extra");
  } else {
    record["extra"] = chance_.one_of(kExtras);
  }
}

void World::erase(const std::string& collection, const std::string& key, std::int64_t now) {
  graves_[collection + " " + key] = *records_[collection].latest(key);
  const std::int64_t visible = visible_from(now);
  records_[collection].remove(key, visible);
  stories_[collection + " " + key].push_back(
      {now, "deleted, visible after " + std::to_string((visible - now) / 1'000) + " s"});
  ++mutations_;
  if (collection == "members") records_["cards"].remove(key, visible);
}

void World::put(const std::string& collection, const std::string& key, json record,
                std::int64_t now, const std::string& what) {
  const std::int64_t visible = visible_from(now);
  stories_[collection + " " + key].push_back({now, what + ", visible after " +
                                                       std::to_string((visible - now) / 1'000) +
                                                       " s: " + record.dump()});
  records_[collection].put(key, std::move(record), visible);
  ++mutations_;
}

// Mostly at once, sometimes within the overlap of a cursor, rarely long after it.
std::int64_t World::visible_from(std::int64_t now) {
  const std::int64_t dice = chance_.below(100);
  if (dice < 80) return now;
  return now + 1'000 * (dice < 95 ? chance_.between(1, 110) : chance_.between(120, 1'500));
}

}  // namespace triggerd::simulation
