// Accounts that an agency's app lists: the real program follows the sandbox's list, and hundreds of
// locations share what one agency may ask for.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "end_to_end/processes.h"

using namespace triggerd::end_to_end;

namespace {

constexpr Wait kMost{60'000};

std::string padded(int number) {
  const std::string text = std::to_string(number);
  return std::string(3 - text.size(), '0') + text;
}

// The agency has one location by itself.
class AgencyScene {
 public:
  AgencyScene(double speed, int locations, const std::string& triggers)
      : speed_(speed), sandbox_(folder_, options(speed)) {
    sandbox_.post("/control/accounts", {{"company_id", kCompany}});
    for (int i = 0; i < locations; ++i) add_location("loc" + padded(i));
    folder_.write("triggers.yaml",
                  "version: 1\nengine: {state: ./state, allow_plain_secrets: true}\naccounts:\n"
                  "  agency:\n    connector: highlevel\n    company_id: " +
                      std::string(kCompany) +
                      "\n    auth: {oauth: {client_id: a-b, client_secret: c, scopes: "
                      "[oauth.readonly, oauth.write]}}\n"
                      "accounts_from: {agency: agency, every: 1m, labels: {tier: gold}}\n"
                      "triggers:\n" +
                      triggers);
  }

  void add_location(const std::string& id) const {
    sandbox_.post("/control/mutate", {{"company", kCompany},
                                      {"collection", "locations"},
                                      {"op", "create"},
                                      {"id", id},
                                      {"fields", {{"id", id}, {"name", "Place " + id}}}});
  }
  void install(const std::string& id, bool installed) const {
    sandbox_.post("/control/installs", {{"location_id", id}, {"installed", installed}});
  }
  void add_workflow(const std::string& location, const std::string& id) const {
    sandbox_.post(
        "/control/mutate",
        {{"location", location},
         {"collection", "workflows"},
         {"op", "create"},
         {"id", id},
         {"fields", {{"id", id}, {"name", id}, {"locationId", location}, {"status", "draft"}}}});
  }
  Process start() const {
    std::ostringstream speed;
    speed << speed_;
    return {line({"run", "--speed", speed.str()}), folder_.at(""), folder_.at("run.log")};
  }
  std::string say(const std::vector<std::string>& words) const {
    folder_.write("said", "");
    Process process(line(words), folder_.at(""), folder_.at("said"));
    REQUIRE_MESSAGE(process.wait(kMost), "it does not come to its end");
    return read_text(folder_.at("said"));
  }
  // Accounts that are polled, each with the polls of its stream once the baseline is there.
  std::map<std::string, int> polled() const {
    std::map<std::string, int> polls;
    const json rows = json::parse(say({"status", "--json", "--limit", "2000"}), nullptr, false);
    if (!rows.is_array()) return polls;
    for (const json& row : rows) {
      polls[row.value("account", "")] =
          row.value("state", "") == "active" ? row.value("polls", 0) : 0;
    }
    return polls;
  }
  std::vector<json> requests() const {
    std::vector<json> lines;
    std::istringstream truth(read_text(sandbox_.truth()));
    for (std::string text; std::getline(truth, text);) {
      json line = json::parse(text, nullptr, false);
      if (line.is_object() && line.value("type", "") == "request") lines.push_back(std::move(line));
    }
    return lines;
  }
  std::string log() const { return read_text(folder_.at("run.log")); }
  const Folder& folder() const { return folder_; }
  const Sandbox& sandbox() const { return sandbox_; }

 private:
  static SandboxOptions options(double speed) {
    SandboxOptions options;
    options.speed = speed;
    options.contacts = 1;
    return options;
  }
  std::vector<std::string> line(const std::vector<std::string>& words) const {
    std::vector<std::string> line{TRIGGERD_PROGRAM};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"-c", folder_.at("triggers.yaml"), "--sandbox", sandbox_.url()});
    return line;
  }

  const Folder folder_;
  const double speed_;
  const Sandbox sandbox_;
};

std::string owner_of(const json& request) {
  return request.value("location", request.value("company", ""));
}

// Of the form 2026-11-22T01:02:03.456Z, all on few days.
double seconds_of(const std::string& at) {
  const auto number = [&at](std::size_t from, std::size_t count) {
    return std::stod(at.substr(from, count));
  };
  return ((number(8, 2) * 24 + number(11, 2)) * 60 + number(14, 2)) * 60 + number(17, 6);
}

}  // namespace

TEST_SUITE_BEGIN("agency");

TEST_CASE("locations that join an agency are polled, those that leave wait with what they knew") {
  const AgencyScene scene(
      60, 3,
      "  workflows:\n    poll: highlevel.list_workflows\n    accounts: all\n"
      "    labels: {tier: gold}\n    every: 1m\n"
      "    do:\n      - {action: file, with: {path: ./events.jsonl, mode: append}}\n"
      "  silver: {poll: highlevel.list_workflows, accounts: all, labels: {tier: silver}, do: []}\n"
      "  one: {poll: highlevel.list_workflows, accounts_from: {agency: agency}, labels: {name: "
      "Place loc001}, do: []}\n");
  Process daemon = scene.start();
  const auto polls_of = [&](const std::string& location) {
    const auto polled = scene.polled();
    const auto found = polled.find("agency." + location);
    return found == polled.end() ? -1 : found->second;
  };
  REQUIRE_MESSAGE(wait_until(kMost, [&] { return polls_of("loc002") > 0; }), scene.log());
  CHECK(polls_of("loc000") >= 0);
  const json rows = json::parse(scene.say({"status", "--json"}));
  std::set<std::string> singled;
  for (const json& row : rows) {
    CHECK(row["trigger"] != "silver");
    if (row["trigger"] == "one") singled.insert(row["account"].get<std::string>());
  }
  CHECK(singled == std::set<std::string>{"agency.loc001"});

  scene.add_location("loc900");
  CHECK_MESSAGE(wait_until(kMost, [&] { return polls_of("loc900") > 0; }), scene.log());
  scene.install("loc002", false);
  CHECK_MESSAGE(wait_until(kMost, [&] { return polls_of("loc002") < 0; }), scene.log());
  CHECK(polls_of("loc001") > 0);
  CHECK(scene.say({"status"}).find("agency agency: 4 accounts found, 1 retired") !=
        std::string::npos);
  CHECK(scene.say({"check"}).find("agency agency: 4 accounts found") != std::string::npos);
  CHECK(scene.say({"auth", "status"}).find("agency.loc900") != std::string::npos);

  scene.add_workflow("loc002", "made-meanwhile");
  scene.install("loc002", true);
  // It goes on where it was: what came meanwhile is new, and no part of a first, silent poll.
  CHECK_MESSAGE(
      wait_until(kMost,
                 [&] {
                   return read_text(scene.folder().at("events.jsonl")).find("made-meanwhile") !=
                          std::string::npos;
                 }),
      scene.log());
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

TEST_CASE("an answer that is no list retires nobody") {
  const AgencyScene scene(60, 2,
                          "  workflows: {poll: highlevel.list_workflows, accounts: all, every: 1m, "
                          "do: []}\n");
  Process daemon = scene.start();
  REQUIRE_MESSAGE(wait_until(kMost, [&] { return scene.polled().size() == 3; }), scene.log());
  const auto lists = [&] {
    const auto requests = scene.requests();
    return std::count_if(requests.begin(), requests.end(), [](const json& one) {
      return one.value("operation", "") == "oauth_installed_locations";
    });
  };
  for (const char* kind : {"html", "empty_object", "truncate", "invalid_json"}) {
    CAPTURE(kind);
    scene.sandbox().post(
        "/control/faults",
        {{"operation", "oauth_installed_locations"}, {"kind", kind}, {"count", 2}, {"at", 10}});
    const auto before = lists();
    REQUIRE(wait_until(kMost, [&] { return lists() >= before + 3; }));
    CHECK(scene.polled().size() == 3);
  }
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

TEST_CASE("five hundred locations of one agency poll and act within their budgets") {
  constexpr int kLocations = 500;
  const AgencyScene scene(30, kLocations,
                          "  workflows:\n    poll: highlevel.list_workflows\n    accounts: all\n"
                          "    every: 5m\n    do:\n"
                          "      - {action: highlevel.create_contact, with: {firstName: \"${{ "
                          ".record.name }}\"}}\n");
  scene.sandbox().post("/control/faults", {{"operation", "list_workflows"},
                                           {"kind", "throttle"},
                                           {"retry_after", "40"},
                                           {"count", 5},
                                           {"after", 100}});
  Process daemon = scene.start();
  const auto all_polled = [&] {
    const auto polls = scene.polled();
    return polls.size() == kLocations + 1 &&
           std::all_of(polls.begin(), polls.end(), [](const auto& one) { return one.second > 0; });
  };
  REQUIRE_MESSAGE(wait_until(kMost, all_polled), scene.log());
  for (int i = 0; i < kLocations; ++i) {
    scene.add_workflow("loc" + padded(i), "flow" + padded(i));
  }
  const auto acts = [&] {
    const json state = scene.sandbox().get("/control/state");
    return state.at("requests_by_operation").value("create_contact", 0);
  };
  CHECK_MESSAGE(wait_until(kMost, [&] { return acts() >= kLocations; }),
                acts() << " have acted; " << scene.say({"dead"}) << scene.say({"held"}));
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);

  // As the answers left: what was on its way when a wait was stated may be written behind it.
  constexpr double kOnItsWay = 3;
  std::map<std::string, double> closed_from, closed_until;
  int throttled = 0, refused = 0, early = 0;
  std::set<std::string> acted;
  for (const json& one : scene.requests()) {
    const std::string owner = owner_of(one);
    const bool writes = one.value("operation", "") == "create_contact";
    if (writes && one.value("status", 0) < 300) acted.insert(owner);
    const double at = seconds_of(one.at("at").get<std::string>());
    if (at > closed_from[owner] + kOnItsWay && at < closed_until[owner]) ++early;
    if (one.value("status", 0) != 429) continue;
    ++(one["fault"].is_null() ? refused : throttled);
    closed_from[owner] = at;
    closed_until[owner] = at + std::stod(one.value("retry_after", "0"));
  }
  CHECK(acted.size() == kLocations);
  CHECK(throttled == 5);
  CHECK(early == 0);
  // The sandbox refuses the 101st request within ten seconds.
  CHECK(refused == 0);
}

TEST_SUITE_END();
