// The world changing by itself: a seeded, shuffled round over named kinds of change, which together
// touch what every read operation shows. Populations stay bounded: a creation that would pass the
// upper bound deletes instead, a deletion below the lower bound creates. Called under the sandbox's
// mutex; how often is the caller's affair.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "random.h"
#include "world.h"

namespace triggerd::sandbox {

// What one change may use.
struct Turn {
  World& world;
  Random& random;
  std::string location;
  std::string company;
  std::size_t contacts_aim;  // the seeded number of contacts
};

struct LifeKind {
  std::string_view name;
  bool (*change)(Turn& turn);  // false: nothing to change now
};

// All kinds, by file.
std::vector<LifeKind> contact_life();
std::vector<LifeKind> calendar_life();
std::vector<LifeKind> sales_life();
std::vector<LifeKind> account_life();
std::vector<LifeKind> message_life();
std::vector<LifeKind> blog_life();

class Life {
 public:
  Life(World& world, std::uint64_t seed, std::size_t contacts_aim);

  // One change of the next kind in the round, in one of the locations.
  void step();
  // One change of a named kind in a given location; false where there is no such kind or nothing
  // to change.
  bool change(std::string_view kind, const std::string& location);
  const std::vector<LifeKind>& kinds() const { return kinds_; }

 private:
  Turn turn_for(const std::string& location);

  World& world_;
  Random random_;
  const std::size_t contacts_aim_;
  std::vector<LifeKind> kinds_;
  std::vector<std::size_t> round_;
};

// For the kinds: ids and records of a collection of the turn's location (or company).
std::vector<std::string> ids_of(const Turn& turn, std::string_view collection);
Place place_of(const Turn& turn, std::string_view collection, const std::string& id);
// A random record's place; false when the collection is empty.
bool any_place(Turn& turn, std::string_view collection, Place& place);
const nlohmann::json& record_at(const Turn& turn, const Place& place);
// Merges the patch into a random record of the collection.
bool patch_any(Turn& turn, std::string_view collection, const nlohmann::json& patch);
bool remove_any(Turn& turn, std::string_view collection);
bool add(Turn& turn, std::string_view collection, nlohmann::json record);

}  // namespace triggerd::sandbox
