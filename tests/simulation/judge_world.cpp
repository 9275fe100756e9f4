#include "simulation/judge_world.h"

#include <map>
#include <set>

#include "checker/state_reader.h"

namespace triggerd::simulation {

namespace {

using checker::query_state;

// Whether what is remembered of a record is its version in the world, as far as it is kept.
bool is_stored(const std::string& remembered, json record) {
  json kept = json::parse(remembered);
  if (kept.contains("r")) {
    record.erase("note");
    kept.at("r").erase("note");
    return kept.at("r") == record;
  }
  const json values = kept.value("v", json::object());
  return !values.contains("/name") || values.at("/name") == record.at("name");
}

// I5, of the world itself and without what was shown: when all is quiet, what is known of a list is
// what is in it.
void judge_stored(std::vector<std::string>& problems, const World& world,
                  const std::string& database, std::int64_t now) {
  for (const std::string collection : {"items", "members", "orders", "slots"}) {
    std::map<std::string, json> there;
    for (auto& [key, record] : world.records(collection).all_shown(now)) {
      there.emplace(key, std::move(record));
    }
    bool in_doubt = false;  // it became much shorter at once, which the next sweeps do not believe
    const auto complain = [&](const std::string& key, const char* what) {
      problems.push_back(collection + " record " + key + what + " (I5)");
    };
    for (const json& row : query_state(
             database,
             "SELECT n.key, n.remembered, s.suspicious FROM seen n JOIN streams s ON s.id = "
             "n.stream_id WHERE n.gone IS NULL AND s.trigger = '" +
                 collection + "'")) {
      in_doubt = row.at("suspicious") != 0;
      const auto found = there.find(row.at("key").get<std::string>());
      if (found == there.end()) {
        if (!in_doubt) complain(row.at("key"), " is known and not in the world");
        continue;
      }
      // An older stamp than one seen before marks an older version, which is not taken.
      const std::string remembered = row.at("remembered").get<std::string>();
      if (collection != "items" && !is_stored(remembered, found->second)) {
        complain(found->first, " is not known as it is in the world");
      }
      there.erase(found);
    }
    for (const auto& [key, record] : there) complain(key, " is in the world and not known");
  }
}

// I5: each member has its card's stream.
void judge_fan_out(std::vector<std::string>& problems, const World& world,
                   const std::string& database) {
  std::set<std::string> there;
  for (const json& row : query_state(
           database, "SELECT item FROM streams WHERE trigger = 'cards' AND ended_at IS NULL")) {
    there.insert(json::parse(row.at("item").get<std::string>()).value("id", ""));
  }
  for (const std::string& key : world.records("members").keys(true)) {
    if (!there.contains(key)) {
      problems.push_back("the member " + key + " has no stream of its card (I4, I5)");
    }
  }
}

}  // namespace

void judge_world(std::vector<std::string>& problems, const World& world,
                 const std::string& database, std::int64_t now) {
  judge_stored(problems, world, database, now);
  judge_fan_out(problems, world, database);
}

}  // namespace triggerd::simulation
