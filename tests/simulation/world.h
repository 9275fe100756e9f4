// The app's truth: collections of records that change by chance. Keeps every version with the
// moment from which reads show it, so that changes can show late, and says what it did to each
// record. Times are the app's own, in milliseconds since 1970. Driven by simulation.cpp; knows
// nothing of requests.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "simulation/chance.h"

namespace triggerd::simulation {

using nlohmann::json;

class Records {
 public:
  void put(const std::string& key, json record, std::int64_t visible);
  void remove(const std::string& key, std::int64_t visible);
  const json* latest(const std::string& key) const;  // also when it is not visible yet
  const json* shown(const std::string& key, std::int64_t at) const;
  std::vector<std::pair<std::string, json>> all_shown(std::int64_t at) const;  // by key
  std::vector<std::string> keys(bool present) const;  // by their latest version

 private:
  struct Version {
    std::int64_t visible = 0;
    std::optional<json> record;
  };
  void add(const std::string& key, Version version);
  std::map<std::string, std::vector<Version>> versions_;
};

struct Happening {
  std::int64_t at = 0;
  std::string what;
};

// How much there is, and how much of it changes at once.
struct Size {
  std::size_t population_max = 14;
  std::int64_t changes_max = 3;
};

class World {
 public:
  World(Chance& chance, std::int64_t now, Size size);
  // One to `changes_max` changes somewhere.
  void mutate(std::int64_t now);
  const Records& records(const std::string& collection) const { return records_.at(collection); }
  // What was done to a record, in order.
  std::vector<Happening> story(const std::string& collection, const std::string& key) const;
  std::int64_t mutations() const { return mutations_; }

 private:
  void change(const std::string& collection, std::int64_t now);
  void create(const std::string& collection, const std::string& key, std::int64_t now,
              std::int64_t stamp);
  void update(const std::string& collection, const std::string& key, std::int64_t now,
              const std::string& way);
  void drift(json& record);
  void erase(const std::string& collection, const std::string& key, std::int64_t now);
  void put(const std::string& collection, const std::string& key, json record, std::int64_t now,
           const std::string& what);
  std::string fresh_key(const std::string& collection);
  std::int64_t visible_from(std::int64_t now);

  Chance& chance_;
  const Size size_;
  std::map<std::string, Records> records_;
  std::map<std::string, std::vector<Happening>> stories_;
  std::map<std::string, json> graves_;  // the last version of what was deleted
  std::int64_t made_ = 0, mutations_ = 0;
};

}  // namespace triggerd::simulation
