#include "simulation/judge.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "checker/database_rules.h"
#include "checker/deliveries.h"
#include "checker/replay.h"
#include "checker/state_reader.h"
#include "simulation/judge_world.h"

namespace triggerd::simulation {

namespace {

using checker::Found;
using checker::query_state;
using checker::Sight;

constexpr int kSweepsMin = 3;
// How sure it is that a removal counted as one when a later sweep ended, over steps of the clock.
constexpr std::int64_t kStepsMs = 10 * 60'000;

struct Detected {
  Found found;
  std::int64_t wall = 0, n = 0;
  std::string step_key;
};
using DetectedByKey = std::map<std::string, std::vector<Detected>>;

std::string collection_of(const std::string& stream) { return stream.substr(0, stream.find(' ')); }

json parts_of(const json& record, const std::vector<std::string>& fields) {
  json parts = json::object();
  for (const std::string& field : fields) parts[field] = record.value(field, "");
  return parts;
}

// What counts as a record's state: rule 1 is the wider of the two watch lists of `items`.
std::string state_of(const std::string& collection, int rule, const json& record) {
  if (collection == "items") {
    return parts_of(record, rule == 0 ? std::vector<std::string>{"name"}
                                      : std::vector<std::string>{"name", "note"})
        .dump();
  }
  json counted = record;
  if (collection == "members") counted.erase("note");
  return counted.dump();
}

std::optional<std::int64_t> moment(const json& record, const char* field) {
  if (!record.contains(field)) return std::nullopt;
  const auto at = parse_iso8601(record.at(field).get<std::string>());
  return at ? std::optional(epoch_ms(*at)) : std::nullopt;
}

Sight sight_of(const std::string& collection, const Learnt& learnt, const json& record) {
  Sight sight;
  sight.present = true;
  sight.certain = learnt.certain;
  sight.state = state_of(collection, learnt.rule, record);
  sight.common = collection == "items" ? state_of(collection, 0, record) : sight.state;
  sight.rule = collection == "items" ? learnt.rule : 0;
  sight.text = record.dump();
  sight.stamp = moment(record, "updated");
  sight.created = moment(record, "created");
  sight.server = learnt.server;
  sight.wall = learnt.wall;
  sight.baseline = learnt.baseline;
  const bool since = sight.created && learnt.t0 && *sight.created >= *learnt.t0 + 1'000;
  const bool plausible =
      !sight.created || !learnt.server || *sight.created <= *learnt.server + 5 * 60'000;
  sight.may_fire = since && plausible;
  // Whether a card's stream began with a new member is the members' matter.
  if (collection == "cards" && learnt.baseline) sight.may_fire = sight.may_be_silent = true;
  return sight;
}

using Sights = std::map<std::string, std::vector<std::pair<std::int64_t, Sight>>>;

// Whether it stands among what the stream knows after the last time it forgot everything.
bool is_known(const std::vector<std::pair<std::int64_t, Sight>>& list,
              const std::vector<Detected>* detected, std::int64_t before) {
  std::int64_t forgotten_at = 0;
  bool met = false;
  for (const auto& [at, sight] : list) {
    if (sight.forgotten) {
      forgotten_at = sight.wall;
      met = false;
    }
    met = met || sight.present;
  }
  bool removed = false;
  for (const Detected& one : detected == nullptr ? std::vector<Detected>{} : *detected) {
    if (one.wall >= forgotten_at && one.wall < before) removed = one.found.kind == "removed";
  }
  return met && !removed;
}

void add_missing(Sights& sights, const Learnt& end, const DetectedByKey& detected) {
  std::size_t known = 0;
  for (const auto& [key, list] : sights) {
    const auto found = detected.find(key);
    const auto* own = found == detected.end() ? nullptr : &found->second;
    if (is_known(list, own, end.wall - kStepsMs)) ++known;
  }
  Sight missing;
  missing.certain = end.certain;
  missing.wall = end.wall;
  missing.small = end.odd || (known >= 10 && end.met.size() * 2 < known + 2);
  for (auto& [key, list] : sights) {
    if (!end.met.contains(key)) list.emplace_back(end.at, missing);
  }
}

Sights sights_of(const std::string& name, const StreamLog& log, const DetectedByKey& detected) {
  Sights sights;
  const std::string collection = collection_of(name);
  for (const Learnt& learnt : log.learnt) {
    switch (learnt.kind) {
      case Learnt::Kind::page:
        for (const auto& [key, record] : learnt.shown) {
          sights[key].emplace_back(learnt.at, sight_of(collection, learnt, record));
        }
        break;
      case Learnt::Kind::sweep_end:
        // Where the app is asked about each record before it counts as removed, its lack may count.
        if (learnt.counts && (!learnt.odd || collection == "items")) {
          add_missing(sights, learnt, detected);
        }
        break;
      case Learnt::Kind::forgotten: {
        Sight sight;
        sight.forgotten = true;
        sight.wall = learnt.wall;
        for (auto& [key, list] : sights) list.emplace_back(learnt.at, sight);
        break;
      }
      case Learnt::Kind::direct_read: {
        Sight sight;
        sight.asked = true;
        sight.certain = learnt.certain;
        sight.present = !learnt.shown.empty();
        sight.wall = learnt.wall;
        sights[learnt.key].emplace_back(learnt.at, sight);
        break;
      }
    }
  }
  return sights;
}

std::string sight_text(const Sight& sight) {
  std::string text = sight.present ? "shown " + sight.text : "not in a sweep";
  if (sight.forgotten) text = "forgotten, as the operator asked";
  if (sight.asked) text = sight.present ? "asked for: there" : "asked for: gone";
  if (sight.baseline) text += " (baseline)";
  if (!sight.certain) text += " (perhaps not taken in)";
  if (sight.small) text += " (small)";
  return text;
}

// Mutations, sights, detections and deliveries of one record in the order of time.
std::string story_of(const World& world, const Receiver& receiver, const std::string& stream,
                     const std::string& key,
                     const std::vector<std::pair<std::int64_t, Sight>>& sights,
                     const std::vector<Detected>& detected) {
  std::vector<std::pair<std::int64_t, std::string>> lines;
  for (const Happening& one : world.story(collection_of(stream), key)) {
    lines.emplace_back(one.at, "    world: " + one.what);
  }
  std::string last;
  int times = 0;
  for (const auto& [at, sight] : sights) {
    const std::string text = sight_text(sight);
    times = text == last ? times + 1 : 1;
    last = text;
    if (times <= 3) lines.emplace_back(at, "      " + text);
  }
  for (const Detected& one : detected) {
    lines.emplace_back(one.wall, "        detected " + std::to_string(one.n) + ": " +
                                     one.found.kind + " " + one.found.state);
    for (const auto& [at, text] : receiver.story(one.step_key)) {
      lines.emplace_back(at, "          " + std::to_string(one.n) + " " + text);
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::ostringstream text;
  for (const auto& [at, line] : lines) {
    text << "\n    " << to_iso8601(wall_from_ms(at)) << line;
  }
  return text.str();
}

std::map<std::int64_t, DetectedByKey> read_detections(const std::string& database) {
  std::map<std::int64_t, DetectedByKey> all;
  for (const json& row : query_state(
           database,
           "SELECT d.stream_id, d.key, d.n, d.kind, d.detected_at, e.object, p.key AS step_key "
           "FROM detections d LEFT JOIN events e ON e.id = d.event "
           "LEFT JOIN steps p ON p.run = d.event ORDER BY d.stream_id, d.key, d.n")) {
    Detected one;
    one.found.kind = row.at("kind").get<std::string>();
    one.wall = row.at("detected_at").get<std::int64_t>();
    one.n = row.at("n").get<std::int64_t>();
    if (row.at("step_key").is_string()) one.step_key = row.at("step_key").get<std::string>();
    if (one.found.kind != "removed" && row.at("object").is_string()) {
      const json object = json::parse(row.at("object").get<std::string>(), nullptr, false);
      one.found.state = object.at("record").dump();
    }
    all[row.at("stream_id").get<std::int64_t>()][row.at("key").get<std::string>()].push_back(
        std::move(one));
  }
  return all;
}

void judge_stream(Verdicts& verdicts, const std::string& name, bool ended, const StreamLog& log,
                  const DetectedByKey& detected, const World& world, const Receiver& receiver) {
  Sights sights = sights_of(name, log, detected);
  for (const auto& [key, list] : detected) sights[key];
  checker::ReplayRules rules;
  const std::string collection = collection_of(name);
  rules.sharp = true;
  rules.confirms = collection == "items";
  rules.keeps_tombstones = collection != "slots" && collection != "cards";
  rules.must_remove = !ended;
  for (const auto& [key, list] : sights) {
    const auto found = detected.find(key);
    static const std::vector<Detected> kNone;
    const std::vector<Detected>& own = found == detected.end() ? kNone : found->second;
    std::vector<Sight> seen;
    std::vector<Found> made;
    for (const auto& [at, sight] : list) seen.push_back(sight);
    for (const Detected& one : own) made.push_back(one.found);
    ++verdicts.records;
    verdicts.detections += static_cast<std::int64_t>(made.size());
    const std::string problem = checker::check_record(seen, made, rules);
    if (problem.empty()) continue;
    verdicts.problems.push_back(name + " record " + key +
                                " (I3, I4, I6, I7): " + problem.substr(0, problem.find(';')) +
                                story_of(world, receiver, name, key, list, own));
  }
}

// I11: nothing is given up but what the receiver refused for good.
void judge_dead(Verdicts& verdicts, const Receiver& receiver, const std::string& database) {
  std::set<std::string> refused;
  for (const checker::Arrival& arrival : receiver.arrivals()) {
    if (arrival.status == 410) refused.insert(arrival.key);
  }
  for (const json& row :
       query_state(database, "SELECT key, error FROM steps WHERE state = 'dead'")) {
    if (refused.contains(row.at("key").get<std::string>())) continue;
    verdicts.problems.push_back("a step was given up that nobody refused: " + row.dump() +
                                " (I11)");
  }
}

// I5, I19: everything drained, and every stream looked at everything since the world stands still.
void judge_quiet(Verdicts& verdicts, const Observer& observer, const std::string& database,
                 std::int64_t minutes) {
  for (const json& row :
       query_state(database,
                   "SELECT trigger || ' ' || item AS name, trigger, last_error, failures "
                   "FROM streams WHERE ended_at IS NULL")) {
    const std::string name = row.at("name").get<std::string>();
    const auto log = observer.streams().find(name);
    const int sweeps = log == observer.streams().end() ? 0 : log->second.sweeps;
    const int walks = log == observer.streams().end() ? 0 : log->second.walks;
    if (sweeps < kSweepsMin || row.at("failures") != 0) {
      verdicts.problems.push_back(name + ": only " + std::to_string(sweeps) +
                                  " sweeps in the quiet phase; " + row.dump() + " (I5, I19)");
    }
    static const std::set<std::string> kEachMinute{"items", "slots", "orders"};
    if (kEachMinute.contains(row.at("trigger").get<std::string>()) && walks < minutes * 7 / 10) {
      verdicts.problems.push_back(name + ": only " + std::to_string(walks) + " polls in " +
                                  std::to_string(minutes) + " minutes (I19)");
    }
    if (walks > minutes * 3 / 2 + 5) {
      verdicts.problems.push_back(name + ": " + std::to_string(walks) + " polls in " +
                                  std::to_string(minutes) + " minutes (I15)");
    }
  }
  for (const json& row : query_state(database, "SELECT event_id, state FROM pending_runs")) {
    verdicts.problems.push_back("a run did not end in the quiet phase: " + row.dump() + " (I19)");
  }
  for (const json& row :
       query_state(database,
                   "SELECT stream_id, key, n, verdict FROM detections WHERE verdict <> 'fired'")) {
    verdicts.problems.push_back("a detection that nothing filters: " + row.dump() + " (I9)");
  }
}

void judge_bodies(Verdicts& verdicts, const Receiver& receiver, const std::string& database) {
  std::map<std::string, json> events;
  for (const json& row :
       query_state(database,
                   "SELECT p.key AS step, e.key, e.n, e.kind, e.event_id, e.object FROM steps p "
                   "JOIN events e ON e.id = p.run")) {
    events[row.at("step").get<std::string>()] = row;
  }
  for (const checker::Arrival& arrival : receiver.arrivals()) {
    const auto event = events.find(arrival.key);
    if (event == events.end()) continue;  // named by check_deliveries
    const json body = json::parse(arrival.body, nullptr, false);
    const json& stored = event->second.at("object");  // emptied when it was kept long enough
    const json object = stored.is_string() ? json::parse(stored.get<std::string>()) : json();
    const json record = object.is_object() ? object.value("record", json()) : json();
    const bool named =
        !record.is_object() || body.value("name", json()) == record.value("name", json());
    const bool right = body.value("key", "") == event->second.at("key") && named &&
                       body.value("kind", "") == event->second.at("kind") &&
                       body.value("n", 0) == event->second.at("n");
    if (!right) verdicts.problems.push_back(arrival.key + ": the body of another event (I10)");
  }
}

}  // namespace

Verdicts judge(const Observer& observer, const World& world, const Receiver& receiver,
               const std::string& database, const Quiet& quiet) {
  Verdicts verdicts;
  verdicts.problems = checker::check_database(database);
  for (std::string& problem : checker::check_deliveries(receiver.arrivals(), database)) {
    verdicts.problems.push_back(std::move(problem));
  }
  judge_bodies(verdicts, receiver, database);
  judge_dead(verdicts, receiver, database);
  judge_quiet(verdicts, observer, database, quiet.minutes);
  judge_world(verdicts.problems, world, database, quiet.now);
  const auto detections = read_detections(database);
  static const DetectedByKey kNothing;
  for (const json& row :
       query_state(database, "SELECT id, trigger || ' ' || item AS name, ended_at FROM streams")) {
    const std::string name = row.at("name").get<std::string>();
    const auto log = observer.streams().find(name);
    static const StreamLog kNoLog;
    const auto found = detections.find(row.at("id").get<std::int64_t>());
    judge_stream(verdicts, name, !row.at("ended_at").is_null(),
                 log == observer.streams().end() ? kNoLog : log->second,
                 found == detections.end() ? kNothing : found->second, world, receiver);
  }
  return verdicts;
}

}  // namespace triggerd::simulation
