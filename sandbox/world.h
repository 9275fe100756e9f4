// The consistent in-memory world behind all answers: records by owner (a location or company id),
// collection and id. Every change goes through one private function that stamps, keeps the state
// before it and writes the truth log. Called under the sandbox's mutex by routes, life, seed and
// control; it must not know HTTP, operations or faults. Times are sandbox time.
#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collections.h"
#include "truth_log.h"

namespace triggerd::sandbox {

struct Row {
  nlohmann::json record;
  Millis created = 0;
  Millis updated = 0;
};

struct Place {
  std::string owner;  // location id, or company id for collections of a company
  std::string_view collection;
  std::string id;
};

// Whether an update moves the record's updated stamp, and to which instant.
struct Touch {
  bool moves = true;
  std::optional<Millis> at = {};  // nothing: now
};

using Rows = std::map<std::string, Row>;

struct Undo {
  Millis at = 0;
  Place place;
  std::optional<Row> before;  // nothing: the change created the record
};

class World {
 public:
  // Changes younger than `keep_undo` can be looked behind (search lag); the last one always can.
  World(const SandboxClock& clock, TruthLog& log, Millis keep_undo = 0);

  Millis now() const { return clock_.now(); }
  // While silent, changes are not logged: for seeding.
  void set_silent(bool silent) { silent_ = silent; }
  // The operation that makes the changes to come, as the log names it; empty: none does.
  void set_cause(std::string operation) { cause_ = std::move(operation); }

  // A record with the same id is replaced. The answer is valid until the next change.
  const Row& create(const Place& place, nlohmann::json record, std::optional<Millis> at = {});
  // False where there is no such record. `patch` is a JSON merge patch.
  bool update(const Place& place, const nlohmann::json& patch, const Touch& touch = {});
  bool remove(const Place& place);
  // Brings back the record that was removed last from the collection, unchanged but for a new
  // updated stamp. Nothing when none is left to restore.
  std::optional<std::string> restore(const std::string& owner, std::string_view collection);

  const Rows& rows(const std::string& owner, std::string_view collection) const;
  const Row* find(const Place& place) const;
  // Which owner has this id, if any.
  std::optional<std::string> owner_of(std::string_view collection, const std::string& id) const;
  const std::deque<Undo>& undo() const { return undo_; }
  // Ids of all owners that hold the collection.
  std::vector<std::string> owners(std::string_view collection) const;
  nlohmann::json counts(const std::string& owner) const;

 private:
  struct Removed {
    std::string id;
    Row row;
  };
  void apply(const Place& place, std::optional<Row> after, std::string_view op);
  void remember(const Place& place, std::optional<Row> before);

  const SandboxClock& clock_;
  TruthLog& log_;
  const Millis keep_undo_;
  bool silent_ = false;
  std::string cause_;
  std::map<std::string, std::map<std::string, Rows, std::less<>>> places_;
  std::map<std::string, std::deque<Removed>, std::less<>> removed_;  // by owner/collection
  std::deque<Undo> undo_;
};

// What one request may see: the world now, or as it was before its last changes.
class View {
 public:
  static View now(const World& world);
  static View as_of(const World& world, Millis instant);  // bounded by World's keep_undo
  static View before_last_change(const World& world);

  // In order of creation, then id.
  std::vector<const Row*> all(const std::string& owner, std::string_view collection) const;
  const Row* find(const Place& place) const;

 private:
  explicit View(const World& world) : world_(&world) {}
  void look_behind(const Undo& undo);

  using Key = std::pair<std::string, std::string>;  // owner, id
  const World* world_;
  std::map<std::string, std::map<Key, const std::optional<Row>*>, std::less<>> overlay_;
};

}  // namespace triggerd::sandbox
