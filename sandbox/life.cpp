#include "life.h"

namespace triggerd::sandbox {

using nlohmann::json;

Life::Life(World& world, std::uint64_t seed, std::size_t contacts_aim)
    : world_(world), random_(seed_from(seed, "life")), contacts_aim_(contacts_aim) {
  for (auto* file :
       {contact_life, calendar_life, sales_life, account_life, message_life, blog_life}) {
    for (const LifeKind& kind : file()) kinds_.push_back(kind);
  }
}

Turn Life::turn_for(const std::string& location) {
  const auto company = world_.owner_of("locations", location);
  return {world_, random_, location, company.value_or(""), contacts_aim_};
}

void Life::step() {
  const auto locations = world_.owners("users");
  if (locations.empty()) return;
  if (round_.empty()) {
    for (std::size_t i = 0; i < kinds_.size(); ++i) round_.push_back(i);
    random_.shuffle(round_);
  }
  const LifeKind& kind = kinds_[round_.back()];
  round_.pop_back();
  Turn turn = turn_for(random_.pick(locations));
  kind.change(turn);
}

bool Life::change(std::string_view name, const std::string& location) {
  for (const LifeKind& kind : kinds_) {
    if (kind.name != name) continue;
    Turn turn = turn_for(location);
    return kind.change(turn);
  }
  return false;
}

Place place_of(const Turn& turn, std::string_view collection, const std::string& id) {
  const Collection* spec = find_collection(collection);
  return {spec->level == Level::company ? turn.company : turn.location, collection, id};
}

std::vector<std::string> ids_of(const Turn& turn, std::string_view collection) {
  std::vector<std::string> ids;
  const Place place = place_of(turn, collection, "");
  for (const auto& [id, row] : turn.world.rows(place.owner, collection)) ids.push_back(id);
  return ids;
}

bool any_place(Turn& turn, std::string_view collection, Place& place) {
  const auto ids = ids_of(turn, collection);
  if (ids.empty()) return false;
  place = place_of(turn, collection, turn.random.pick(ids));
  return true;
}

const json& record_at(const Turn& turn, const Place& place) {
  return turn.world.find(place)->record;
}

bool patch_any(Turn& turn, std::string_view collection, const json& patch) {
  Place place;
  return any_place(turn, collection, place) && turn.world.update(place, patch);
}

bool remove_any(Turn& turn, std::string_view collection) {
  Place place;
  return any_place(turn, collection, place) && turn.world.remove(place);
}

bool add(Turn& turn, std::string_view collection, json record) {
  const Collection* spec = find_collection(collection);
  const std::string id = spec->id_member == "_id" ? turn.random.hex(24) : turn.random.id();
  turn.world.create(place_of(turn, collection, id), std::move(record));
  return true;
}

}  // namespace triggerd::sandbox
