// What keeps the daemon running for months: monitoring, the supervisor's protocol, copies, replays
// and what is forgotten. The real program; the sandbox stands for the app.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "end_to_end/http_calls.h"
#include "end_to_end/processes.h"
#include "end_to_end/supervision.h"

using namespace triggerd::end_to_end;

namespace {

constexpr Wait kMost{60'000};

std::string head(const std::string& metrics) {
  return "version: 1\n"
         "engine: {state: ./state" +
         metrics +
         "}\n"
         "accounts:\n"
         "  main:\n"
         "    connector: highlevel\n"
         "    location_id: ve9EPM428h8vShlRW1KT\n"
         "    auth: {token: \"${env:HIGHLEVEL_TOKEN}\"}\n"
         "triggers:\n";
}

const std::string kServed = ", metrics: \"127.0.0.1:0\"";
std::string contacts(const Folder& folder) {
  return "  contacts:\n"
         "    poll: highlevel.search_contacts\n"
         "    account: main\n"
         "    every: 1m\n"
         "    start: backfill\n"
         "    do:\n"
         "      - id: keep\n"
         "        action: file\n"
         "        with:\n"
         "          path: " +
         folder.at("kept.jsonl") +
         "\n"
         "          line: {again: \"${{ .event.replay_of }}\"}\n";
}

struct Said {
  int code = -1;
  std::string text;
  bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
};

// One installation: a folder with triggers.yaml and state, and the sandbox.
class Place {
 public:
  explicit Place(const std::string& metrics = kServed) : sandbox_(folder_, {}) {
    folder_.write("triggers.yaml", head(metrics) + contacts(folder_));
  }

  Process run(const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> words{"/usr/bin/env", "HIGHLEVEL_TOKEN=pit-x"};
    words.insert(words.end(), environment.begin(), environment.end());
    for (const std::string& word :
         {std::string(TRIGGERD_PROGRAM), std::string("run"), std::string("--sandbox"),
          sandbox_.url(), std::string("--state"), folder_.at("state")}) {
      words.push_back(word);
    }
    return {words, folder_.at(""), folder_.at("daemon.log")};
  }
  Said say(std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/bin/env", "HIGHLEVEL_TOKEN=pit-x", TRIGGERD_PROGRAM});
    words.insert(words.end(), {"--state", folder_.at("state")});
    const std::string output = "said-" + std::to_string(++lines_);
    Process process(words, folder_.at(""), folder_.at(output));
    const std::optional<int> code = process.wait(kMost);
    REQUIRE(code.has_value());
    return {*code, read_text(folder_.at(output))};
  }
  bool log_says(const std::string& part, int times = 1) const {
    return wait_until(kMost, [&] {
      const std::string log = read_text(folder_.at("daemon.log"));
      int found = 0;
      for (std::size_t at = 0; (at = log.find(part, at)) != std::string::npos; ++at) ++found;
      return found >= times;
    });
  }
  // Where the daemon that runs now serves its figures.
  std::string served_at() const {
    REQUIRE(log_says("metrics are served address="));
    const std::string log = read_text(folder_.at("daemon.log"));
    const std::size_t at = log.rfind("metrics are served address=") + 27;
    return "http://" + log.substr(at, log.find('\n', at) - at);
  }
  std::vector<json> kept() const {
    std::vector<json> lines;
    std::ifstream file(folder_.at("kept.jsonl"));
    for (std::string line; std::getline(file, line);) {
      lines.push_back(json::parse(line, nullptr, false));
    }
    return lines;
  }
  bool kept_are(std::size_t count) const {
    return wait_until(kMost, [&] { return kept().size() == count; });
  }
  // The events of the trigger, all of them delivered and recorded as such.
  bool all_done(std::size_t count) {
    return wait_until(kMost, [&] {
      const json events = json::parse(say({"events", "contacts", "--json"}).text, nullptr, false);
      const auto done = [](const json& event) { return event.value("state", "") == "done"; };
      return events.size() == count && std::all_of(events.begin(), events.end(), done);
    });
  }
  const Folder& folder() const { return folder_; }
  const Sandbox& sandbox() const { return sandbox_; }

 private:
  Folder folder_;
  Sandbox sandbox_;
  int lines_ = 0;
};

void end(Process& daemon) {
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

// The value of the sample whose line begins like this; -1 when there is none.
double value_of(const std::string& page, const std::string& sample) {
  const std::size_t at = page.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + sample.size() + 2));
}

std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), pattern), last; found != last;
       ++found) {
    names.insert((*found)[1]);
  }
  return names;
}

}  // namespace

TEST_SUITE_BEGIN("operations");

TEST_CASE(
    "the daemon serves its figures, is healthy, and ready once its configuration is applied") {
  Place place;
  Process daemon = place.run();
  const std::string url = place.served_at();
  REQUIRE(place.kept_are(12));
  const std::string own = "{trigger=\"contacts\",account=\"main\"";
  std::string page;
  CHECK(wait_until(kMost, [&] {
    page = http_get(url, "/metrics").text;
    return value_of(page, "triggerd_attempts_total{trigger=\"contacts\",outcome=\"succeeded\"}") ==
           12;
  }));
  CAPTURE(page);
  CHECK(value_of(page, "triggerd_polls_total" + own + "}") >= 1);
  CHECK(value_of(page, "triggerd_events_total" + own + ",kind=\"new\"}") == 12);
  CHECK(value_of(page, "triggerd_streams" + own + ",health=\"ok\"}") == 1);
  CHECK(value_of(page, "triggerd_account_requests_today{account=\"main\"}") >= 1);
  CHECK(value_of(page, "triggerd_account_budget_left{account=\"main\"}") > 100'000);
  CHECK(value_of(page, "triggerd_account_suspended{account=\"main\"}") == 0);
  CHECK(value_of(page, "triggerd_config_last_reload_successful") == 1);
  CHECK(value_of(page, "triggerd_database_bytes") >= 4'096);
  CHECK(value_of(page, "triggerd_disk_free_bytes") > 0);
  CHECK(value_of(page, "process_open_fds") > 3);
  CHECK(http_get(url, "/healthz").status == 200);
  CHECK(http_get(url, "/readyz").status == 200);
  CHECK(page.find("pit-x") == std::string::npos);

  place.folder().write("triggers.yaml", head(kServed) + "  contacts: {poll: nothing}\n");
  REQUIRE(place.log_says("the running one stays"));
  CHECK(wait_until(kMost, [&] {
    return value_of(http_get(url, "/metrics").text, "triggerd_config_last_reload_successful") == 0;
  }));
  CHECK(http_get(url, "/readyz").status == 200);
  end(daemon);
}

TEST_CASE("every metric that the alerts, the board and the page on operations name is served") {
  Place place;
  Process daemon = place.run();
  const std::string url = place.served_at();
  std::string page;
  REQUIRE(wait_until(kMost, [&] {
    page = http_get(url, "/metrics").text;
    return page.find("# TYPE triggerd_disk_free_bytes") != std::string::npos;
  }));
  std::set<std::string> served = names_in(page, std::regex("# TYPE ([a-z_]+) "));
  CHECK(served.size() > 25);
  const std::set<std::string> all = served;
  for (const std::string& name : all) {
    if (page.find(name + "_bucket") == std::string::npos) continue;
    for (const char* ending : {"_bucket", "_sum", "_count"}) served.insert(name + ending);
  }
  const std::regex named("\\b((?:triggerd|process)_[a-z_]+[a-z])\\b");
  const std::string source = TRIGGERD_SOURCE;
  for (const char* file :
       {"/packaging/alerts.yaml", "/packaging/board.json", "/docs/operations.md"}) {
    const std::set<std::string> names = names_in(read_text(source + file), named);
    CHECK(names.size() >= 10);
    for (const std::string& name : names) {
      CAPTURE(file);
      CHECK_MESSAGE(served.contains(name), name);
    }
  }
  const std::set<std::string> told = names_in(read_text(source + "/docs/operations.md"), named);
  for (const std::string& name : all) CHECK_MESSAGE(told.contains(name), "not described: ", name);
  end(daemon);
}

TEST_CASE("SHU-08: a taken port is said and polling goes on; it is served where a reload says so") {
  Place first;
  Process holder = first.run();
  const std::string taken = first.served_at().substr(std::string("http://").size());
  Place second(", metrics: \"" + taken + "\"");
  Process daemon = second.run();
  CHECK(second.log_says("metrics are not served"));
  CHECK(second.kept_are(12));
  second.folder().write("triggers.yaml", head(kServed) + contacts(second.folder()));
  CHECK(http_get(second.served_at(), "/healthz").status == 200);
  end(daemon);
  end(holder);
}

TEST_CASE(
    "SHU-07: a supervisor hears of readiness, reloads and stop, and of turns while they come") {
  Place place;
  Systemd systemd(place.folder());
  Process daemon = place.run(systemd.environment());
  CHECK(systemd.tells("READY=1\nSTATUS=1 triggers, "));
  CHECK(systemd.tells("WATCHDOG=1"));
  CHECK(systemd.tells("WATCHDOG=1"));
  daemon.signal(SIGHUP);
  CHECK(systemd.tells("RELOADING=1\nMONOTONIC_USEC="));
  const std::string url = place.served_at();
  REQUIRE(http_get(url, "/healthz").status == 200);
  {
    StoppedThread loop(daemon.pid());
    if (loop.reason().empty()) {
      systemd.told();
      // Many watchdog intervals of half a second; the figures are still served meanwhile.
      CHECK_FALSE(wait_until(Wait{2'500}, [&] { return !systemd.told().empty(); }));
      CHECK(http_get(url, "/metrics").status == 200);
      loop.go_on();
      CHECK(systemd.tells("WATCHDOG=1"));
    } else {
      MESSAGE("not run: a thread cannot be stopped here: ", loop.reason());
    }
  }
  daemon.signal(SIGTERM);
  CHECK(systemd.tells("STOPPING=1"));
  CHECK(daemon.wait(kMost) == 0);
}

TEST_CASE("replay fires finished events again, by a running daemon or by the next one") {
  Place place;
  {
    Process daemon = place.run();
    REQUIRE(place.all_done(12));
    CHECK(place.say({"replay", "contacts"}).has("12 events of contacts fired again"));
    CHECK(place.all_done(24));
    CHECK(place.kept_are(24));
    std::set<std::string> again;
    for (const json& line : place.kept()) again.insert(line["again"].dump());
    CHECK(again.size() == 13);  // twelve ids, and nothing
    end(daemon);
  }
  CHECK(place.say({"replay", "contacts", "--since", "1ms"}).has("0 events"));
  CHECK(place.say({"replay", "contacts", "--since", "yesterday"}).code == 2);
  CHECK(place.say({"replay", "contcats"}).has("did you mean `contacts`"));
  const Said unknown = place.say({"replay", "contacts", "--event", "evt_none"});
  CHECK(unknown.code == 1);
  CHECK(unknown.has("contacts has no event `evt_none`"));
}

TEST_CASE("S-37: a forgotten record is gone from the state's files and does not fire again") {
  Place place;
  const std::string mail = "canary.of.forget@example.com";
  const json made = place.sandbox().create("contacts", {{"email", mail}});
  const std::string id = made.value("id", "");
  REQUIRE_FALSE(id.empty());
  const auto holds = [&] {
    for (const char* name : {"state/triggerd.db", "state/triggerd.db-wal"}) {
      if (read_text(place.folder().at(name)).find(mail) != std::string::npos) return true;
    }
    return false;
  };
  Process daemon = place.run();
  REQUIRE(place.kept_are(13));
  CHECK(holds());
  const Said which = place.say({"forget", id});
  CHECK(which.code == 2);
  CHECK(which.has("is known to contacts: name one of them, or `all`"));
  REQUIRE(wait_until(kMost, [&] { return place.say({"forget", id, "all"}).code == 0; }));
  CHECK_FALSE(holds());
  CHECK(place.say({"forget", "no-such-record", "all"}).code == 2);
  // The list is read anew, since another record of it has changed.
  const json other = place.sandbox().create("contacts", {{"email", "other@example.com"}});
  for (const char* verb : {"pause", "resume"}) CHECK(place.say({verb, "contacts"}).code == 0);
  REQUIRE(place.all_done(14));
  const json events = json::parse(place.say({"events", "contacts", "--json"}).text);
  CHECK(std::count_if(events.begin(), events.end(),
                      [&](const json& event) { return event.value("key", "") == id; }) == 1);
  end(daemon);
}

TEST_CASE(
    "COM-17, UPG-06: a copy made beside the daemon is restored, and repeats say what they are") {
  Place place;
  const std::string copy = place.folder().at("copy.db");
  {
    Process daemon = place.run();
    REQUIRE(place.all_done(12));
    const Said made = place.say({"backup", copy});
    CAPTURE(made.text);
    CHECK(made.code == 0);
    CHECK(place.say({"backup", copy}).has("exists; --force replaces it"));
    CHECK(place.say({"backup", copy, "--force"}).code == 0);
    struct stat found {};
    REQUIRE(::stat(copy.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600);
    const Said refused = place.say({"restore", copy});
    CHECK(refused.code == 4);
    CHECK(refused.has("is in use by pid"));
    end(daemon);
  }
  const Said restored = place.say({"restore", copy});
  CAPTURE(restored.text);
  CHECK(restored.code == 0);
  CHECK(restored.has("epoch 2"));
  CHECK(restored.has("triggerd.db.before-restore-"));
  CHECK(place.say({"restore", place.folder().at("triggers.yaml")}).code == 1);
  Process daemon = place.run();
  // A command that comes first would hold the lock that the daemon wants.
  REQUIRE(place.log_says("configuration is loaded", 2));
  CHECK(place.say({"replay", "contacts"}).code == 0);
  CHECK(place.all_done(24));
  CHECK(place.kept_are(24));
  const json events = json::parse(place.say({"events", "contacts", "--json"}).text);
  const json event = json::parse(place.say({"events", events[0].value("event_id", "")}).text);
  CHECK(event["steps"][0]["attempts"][0]["number"] == 2);
  end(daemon);
}

TEST_SUITE_END();
