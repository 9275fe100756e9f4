#include "recipes/recipe_scene.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "checker/database_rules.h"
#include "checker/state_reader.h"
#include "end_to_end/truth.h"

namespace triggerd::recipes {

using namespace end_to_end;

namespace {

constexpr double kSpeed = 60;
constexpr Wait kMost{90'000};
constexpr int kPollsAtRest = 3;  // of each stream, in which nothing may happen any more
constexpr const char* kUnfinished =
    "SELECT count(*) FROM runs WHERE state NOT IN ('done', 'dead', 'held')";

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

bool fits(const json& value, const json& wanted) {
  if (wanted.is_array()) {
    return value.is_array() && std::all_of(wanted.begin(), wanted.end(), [&](const json& one) {
             return std::any_of(value.begin(), value.end(),
                                [&](const json& have) { return fits(have, one); });
           });
  }
  if (!wanted.is_object()) return value == wanted;
  return value.is_object() &&
         std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& member) {
           const auto found = value.find(member.key());
           return found == value.end() ? member.value().is_null() : fits(*found, member.value());
         });
}

std::string owner_of(const std::string& collection) {
  for (const char* app : {"partnerstack", "stibee", "clubos", "payaca", "my_app"}) {
    if (collection.starts_with(std::string(app) + "_")) return app;
  }
  return kLocation;
}

std::string id_of(const json& record) {
  for (const char* member : {"id", "key", "email"}) {
    if (record.contains(member)) return record.at(member).get<std::string>();
  }
  return "";
}

class Scene {
 public:
  explicit Scene(const Recipe& recipe)
      : sandbox_(folder_, {.speed = kSpeed, .contacts = recipe.contacts}),
        daemon_(folder_, sandbox_, kSpeed) {
    for (const Move& move : recipe.before) carry_out(move);
    std::string yaml =
        read_text(std::string(TRIGGERD_SOURCE) + "/recipes/" + recipe.file + ".yaml");
    REQUIRE_MESSAGE(!yaml.empty(), recipe.file);
    replace_all(yaml, "your-location-id", kLocation);
    replace_all(yaml, "every: 5m", "every: 1m");
    replace_all(yaml, "127.0.0.1:9464", "127.0.0.1:0");
    daemon_.configure(yaml);
    start();
    come_to_rest();
  }

  void play(const Move& move, bool by_kill) {
    CAPTURE(move.collection);
    CAPTURE(move.fields.dump());
    carry_out(move);
    restart(by_kill);
    for (const Expected& one : move.then) expect(one);
    come_to_rest();
    for (const Expected& one : move.then) expect(one);
    check_nothing_failed();
  }

  void finish() {
    running_->signal(SIGTERM);
    CHECK(running_->wait(kMost) == 0);
    const auto problems = checker::check_database(daemon_.database());
    CHECK_MESSAGE(problems.empty(), checker::joined(problems));
  }

 private:
  json named(json value) const {
    if (value.is_structured()) {
      for (json& item : value) item = named(item);
    } else if (value.is_string() && value.get_ref<const std::string&>().starts_with('@')) {
      const auto found = names_.find(value.get<std::string>().substr(1));
      REQUIRE_MESSAGE(found != names_.end(), value.dump());
      return found->second;
    }
    return value;
  }

  void carry_out(const Move& move) {
    json body{{"location", owner_of(move.collection)}, {"collection", move.collection}};
    body["fields"] = move.fields.is_null() ? json::object() : named(move.fields);
    const auto known = names_.find(move.name);
    if (known != names_.end()) body["id"] = known->second;
    switch (move.kind) {
      case Move::Kind::make:
        body["op"] = "create";
        for (const char* member : {"id", "key"}) {
          if (body["fields"].contains(member)) body["id"] = body["fields"][member];
        }
        if (move.collection == "stibee_subscribers") body["id"] = body["fields"]["email"];
        names_[move.name] = id_of(sandbox_.post("/control/mutate", body));
        return;
      case Move::Kind::change:
        body["op"] = "update";
        break;
      case Move::Kind::remove:
        body["op"] = "delete";
        break;
    }
    REQUIRE_MESSAGE(known != names_.end(), move.name);
    sandbox_.post("/control/mutate", body);
  }

  // A collection may be a file of JSON lines that the recipe writes.
  json records(const std::string& collection) const {
    if (collection.ends_with(".jsonl")) {
      json lines = json::array();
      std::istringstream text(read_text(folder_.at(collection)));
      for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
      return lines;
    }
    return sandbox_
        .get("/control/record?location=" + owner_of(collection) + "&collection=" + collection)
        .at("records");
  }

  json fitting(const Expected& one) const {
    json found = json::array();
    const json where = named(one.where);
    for (const json& record : records(one.collection)) {
      if (fits(record, where)) found.push_back(record);
    }
    return found;
  }

  void expect(const Expected& one) {
    const bool there =
        wait_until(kMost, [&] { return static_cast<int>(fitting(one).size()) == one.count; });
    CHECK_MESSAGE(there, one.collection, " should have ", one.count, " of ",
                  named(one.where).dump(), " but has ", records(one.collection).dump(1), "\n",
                  what_happened());
    const json found = fitting(one);
    if (!one.as.empty() && found.size() == 1) names_[one.as] = id_of(found.front());
  }

  void start() {
    running_.emplace(daemon_.start(
        "run", {"--connectors", std::string(TRIGGERD_SOURCE) + "/recipes/connectors"}));
  }

  void restart(bool by_kill) {
    if (by_kill) {
      running_->kill_hard();
    } else {
      running_->signal(SIGTERM);
      CHECK(running_->wait(kMost) == 0);
    }
    running_.reset();
    start();
  }

  // Writes that the recipe has made in the apps.
  std::size_t own_writes() const {
    const Truth truth = read_truth(sandbox_.truth());
    return static_cast<std::size_t>(
        std::count_if(truth.mutations.begin(), truth.mutations.end(),
                      [](const Mutation& one) { return !one.by.empty(); }));
  }

  // Every stream has been polled some times more, no run waits, and nothing was written since.
  void come_to_rest() {
    const auto least = [&] { return count("SELECT coalesce(min(cycle), 0) FROM streams"); };
    std::size_t writes = 0;
    std::int64_t from = -1;
    const bool rests = wait_until(kMost, [&] {
      if (count("SELECT count(*) FROM streams WHERE state = 'active'") == 0) return false;
      const std::size_t now = own_writes();
      if (from < 0 || now != writes || count(kUnfinished) != 0) {
        from = least();
        writes = now;
        return false;
      }
      return least() >= from + kPollsAtRest;
    });
    CHECK_MESSAGE(rests, what_happened());
  }

  // 0 also while the tables are being made.
  std::int64_t count(const std::string& sql) const {
    try {
      return checker::query_number(daemon_.database(), sql);
    } catch (const std::runtime_error&) {
      return 0;
    }
  }

  void check_nothing_failed() const {
    CHECK_MESSAGE(count("SELECT count(*) FROM runs WHERE state IN ('dead', 'held')") == 0,
                  what_happened());
  }

  std::string what_happened() const {
    const json steps = checker::query_state(
        daemon_.database(),
        "SELECT t.trigger, r.state AS run, s.step_id, s.state, s.attempts, s.error FROM runs r "
        "JOIN "
        "streams t ON t.id = r.stream_id LEFT JOIN steps s ON s.run = r.id ORDER BY r.id");
    return steps.dump() + "\n" + daemon_.output();
  }

  const Folder folder_;
  const Sandbox sandbox_;
  Triggerd daemon_;
  std::optional<Process> running_;
  std::map<std::string, std::string> names_;
};

}  // namespace

Move make(std::string collection, std::string name, json fields, std::vector<Expected> then) {
  return {Move::Kind::make, std::move(collection), std::move(name), std::move(fields),
          std::move(then)};
}

Move change(std::string collection, std::string name, json fields, std::vector<Expected> then) {
  return {Move::Kind::change, std::move(collection), std::move(name), std::move(fields),
          std::move(then)};
}

Move remove(std::string collection, std::string name, std::vector<Expected> then) {
  return {Move::Kind::remove, std::move(collection), std::move(name), {}, std::move(then)};
}

void run_recipe(const Recipe& recipe) {
  CAPTURE(recipe.file);
  Scene scene(recipe);
  bool by_kill = true;
  for (const Move& move : recipe.moves) {
    scene.play(move, by_kill);
    by_kill = !by_kill;
  }
  scene.finish();
}

}  // namespace triggerd::recipes
