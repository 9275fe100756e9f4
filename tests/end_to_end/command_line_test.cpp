// Command lines as an operator types them: what is printed, on which stream, and the exit code. The
// real program; the sandbox stands for the app.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "end_to_end/processes.h"

using namespace triggerd::end_to_end;

namespace {

constexpr Wait kMost{60'000};
constexpr Wait kCommandHolds{1'000};  // less than a start waits

const std::string kHead =
    "version: 1\n"
    "engine: {state: ./state}\n"
    "accounts:\n"
    "  main:\n"
    "    connector: highlevel\n"
    "    location_id: ve9EPM428h8vShlRW1KT\n"
    "    auth: {token: \"${env:HIGHLEVEL_TOKEN}\"}\n"
    "triggers:\n";

const std::string kContacts =
    "  contacts:\n"
    "    poll: highlevel.search_contacts\n"
    "    account: main\n"
    "    every: 1m\n";

const std::string kNotes =
    "  notes:\n"
    "    poll: highlevel.get_contact_notes\n"
    "    account: main\n"
    "    for_each: {contactId: contacts}\n";

struct Said {
  int code = -1;
  std::string text;  // stdout and stderr, as they come

  bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
  json parsed() const { return json::parse(text, nullptr, false); }
};

// A folder with triggers.yaml, as a person has it open in a terminal.
class Desk {
 public:
  explicit Desk(const std::string& triggers) { configure(triggers); }

  void configure(const std::string& triggers) const {
    folder_.write("triggers.yaml", kHead + triggers);
  }
  void write(const std::string& text) const { folder_.write("triggers.yaml", text); }

  Process start(std::vector<std::string> words, const std::string& output) const {
    words.insert(words.begin(), {"/usr/bin/env", "HIGHLEVEL_TOKEN=pit-x", TRIGGERD_PROGRAM});
    return {words, folder_.at(""), folder_.at(output)};
  }
  Said say(const std::vector<std::string>& words) {
    const std::string output = "said-" + std::to_string(++lines_);
    Process process = start(words, output);
    const std::optional<int> code = process.wait(kMost);
    REQUIRE(code.has_value());
    return {*code, read_text(folder_.at(output))};
  }
  // The same with the sandbox in the place of the app, on the folder's own state.
  Said say(std::vector<std::string> words, const Sandbox& sandbox) {
    words.insert(words.end(), {"--sandbox", sandbox.url(), "--state", folder_.at("state")});
    return say(words);
  }
  Process run(const Sandbox& sandbox) const {
    return start({"run", "--sandbox", sandbox.url(), "--state", folder_.at("state")}, "daemon.log");
  }
  std::string daemon_log() const { return read_text(folder_.at("daemon.log")); }
  bool daemon_says(const std::string& part) const {
    return wait_until(kMost, [&] { return daemon_log().find(part) != std::string::npos; });
  }
  const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
  int lines_ = 0;
};

// What a command that changes the state has while it works.
class HeldLock {
 public:
  explicit HeldLock(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    REQUIRE(::fcntl(descriptor_, F_OFD_SETLK, &whole) == 0);
  }
  ~HeldLock() { release(); }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;
  void release() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
};

void end(Process& daemon) {
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

}  // namespace

TEST_SUITE_BEGIN("command line");

TEST_CASE("test shows the poll's records, the steps that go, and each value, and acts on nothing") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts +
            "    start: backfill\n"
            "    do:\n"
            "      - {id: never, action: log, when: '.record.id == \"x\"', with: {message: no}}\n"
            "      - {id: per, action: log, each: '[7, 8]', with: {message: \"v${{ .each }}\"}}\n" +
            kNotes);
  for (int round = 0; round < 2; ++round) {
    const Said said = desk.say({"test", "contacts"}, sandbox);
    CAPTURE(said.text);
    CHECK(said.code == 0);
    CHECK(said.has("main: 12 records, active\n"));
    CHECK(said.has("  never: not sent (when)\n"));
    CHECK(said.has("  per: 7: {\"action\":\"log\",\"message\":\"v7\"}\n"));
    CHECK(said.has("  per: 8: "));
  }
  const Said child = desk.say({"test", "notes"}, sandbox);
  CHECK(child.has("run `triggerd once contacts` first"));
  const Said unknown = desk.say({"test", "contcats", "--json"}, sandbox);
  CHECK(unknown.code == 2);
  CHECK(unknown.parsed().value("message", "") ==
        "there is no trigger `contcats`; did you mean `contacts`?");
}

TEST_CASE("test looks links up, and keeps those that steps save to itself") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts +
            "    start: backfill\n"
            "    do:\n"
            "      - {id: keep, link: {save: leads, left: \"${{ .record.id }}\", "
            "right: \"p-${{ .record.id }}\"}}\n"
            "      - {id: pair, link: {find: leads, left: \"${{ .record.id }}\"}}\n"
            "      - {id: none, link: {find: others, left: \"${{ .record.id }}\"}}\n"
            "      - {id: known, action: log, when: '.steps.pair.found == \"p-\" + .record.id', "
            "with: {message: \"${{ .steps.pair.found }}\"}}\n"
            "      - {id: fresh, action: log, when: '.steps.none.found == null', "
            "with: {message: make}}\n"
            "      - {id: never, action: log, when: '.steps.pair.found == null', "
            "with: {message: make}}\n");
  for (int round = 0; round < 2; ++round) {
    const Said said = desk.say({"test", "contacts"}, sandbox);
    CAPTURE(said.text);
    CHECK(said.code == 0);
    CHECK(said.has("} gives {\"found\":\"p-"));
    CHECK(said.has("} gives {\"found\":null}\n"));
    CHECK(said.has("  known: {\"action\":\"log\",\"message\":\"p-"));
    CHECK(said.has("  fresh: {\"action\":\"log\",\"message\":\"make\"}\n"));
    CHECK(said.has("  never: not sent (when)\n"));
  }
  CHECK_FALSE(desk.say({"links"}, sandbox).has("p-"));
}

TEST_CASE("COM-07: a start waits a moment for a command that holds the state, and not for ever") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  CHECK(desk.say({"once"}, sandbox).code == 0);
  HeldLock held(desk.folder().at("state/lock"));
  const std::vector<std::string> once{"once", "--sandbox", sandbox.url(), "--state",
                                      desk.folder().at("state")};
  Process waiting = desk.start(once, "waiting");
  CHECK_FALSE(waiting.wait(kCommandHolds).has_value());
  held.release();
  CHECK(waiting.wait(kMost) == 0);

  const HeldLock kept(desk.folder().at("state/lock"));
  const Said refused = desk.say({"once"}, sandbox);
  CHECK(refused.code == 4);
  CHECK(refused.has("is in use by"));
}

TEST_CASE(
    "a pause and a backfill before the first poll are kept, and what cannot be is not claimed") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts + kNotes);
  const Said backfill = desk.say({"backfill", "contacts"});
  CHECK(backfill.code == 0);
  CHECK(backfill.has("contacts has not been polled yet: its first poll makes an event of every"));
  const Said child = desk.say({"backfill", "notes"});
  CHECK(child.code == 1);
  CHECK(child.has("they come with the records of `contacts`"));
  CHECK(desk.say({"pause", "notes"}).code == 0);
  CHECK(desk.say({"once"}, sandbox).code == 0);
  const json events = desk.say({"events", "contacts", "--json"}).parsed();
  CHECK(events.size() == 12);
  const Said status = desk.say({"status", "notes", "--limit", "1"});
  CAPTURE(status.text);
  CHECK(status.has("paused"));
  CHECK(status.has("... 11 more (--limit)"));
  for (const json& row : desk.say({"status", "notes", "--json"}).parsed()) {
    CHECK(row["health"] == "paused");
    CHECK(row["polls"] == 0);
    CHECK(row["item"].is_object());
  }
}

TEST_CASE("a broken file beside a healthy daemon: REL-01 status says so and every command works") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  Process daemon = desk.run(sandbox);
  REQUIRE(desk.daemon_says("configuration is loaded"));
  desk.write(kHead + "  contacts: [broken\n");
  REQUIRE(desk.daemon_says("the configuration has problems"));
  const Said status = desk.say({"status"});
  CAPTURE(status.text);
  CHECK(status.code == 0);
  CHECK(status.has("running: pid "));
  CHECK(status.has("has changed and was refused at 20"));
  CHECK(status.has("run `triggerd check`"));
  CHECK(desk.say({"pause", "contacts"}).has("contacts is paused"));
  CHECK(desk.say({"status"}).has("paused"));
  CHECK(desk.say({"rebaseline", "contacts", "-c", "/nowhere.yaml", "--state", "state"}).code == 0);
  for (const char* listing : {"events", "dead", "held"}) CHECK(desk.say({listing}).code == 0);
  CHECK(desk.say({"doctor"}).has("configuration refused"));
  desk.configure(kContacts);
  REQUIRE(desk.daemon_says("the configuration is as it was"));
  CHECK_FALSE(desk.say({"status"}).has("refused"));
  end(daemon);
}

TEST_CASE("REL-04 a refused edit: check says before what the reload says, at the edited key") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  Process daemon = desk.run(sandbox);
  REQUIRE(desk.daemon_says("configuration is loaded"));
  desk.configure(kContacts + "    params: {pageLimit: 50}\n");
  const std::string expected =
      ":13:5: error: triggers.contacts.params: `params` was changed, so its cursor";
  CHECK(desk.daemon_says(expected));
  CHECK(desk.daemon_says("   13 |     params: {pageLimit: 50}"));
  const Said check = desk.say({"check"});
  CHECK(check.code == 3);
  CHECK(check.has(expected));
  const json told = desk.say({"check", "--json"}).parsed();
  REQUIRE(told.contains("problems"));
  CHECK(told["problems"][0]["line"] == 13);
  desk.configure(kContacts + "    when: .record.email\n" + "  more:\n" + kContacts.substr(12));
  CHECK(desk.daemon_says("added=more"));
  CHECK(desk.daemon_says("changed=contacts"));
  end(daemon);
}

TEST_CASE("status shows what waits for an operator, and what is switched off") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts +
            "    start: backfill\n    when: .record.id | tonumber\n"
            "  off:\n    poll: highlevel.search_contacts\n    account: main\n"
            "    enabled: false\n");
  const Said once = desk.say({"once"}, sandbox);
  const std::size_t told = once.text.find("a filter failed");
  CHECK(told != std::string::npos);
  CHECK(once.text.find("a filter failed", told + 1) == std::string::npos);
  const Said status = desk.say({"status"});
  CAPTURE(status.text);
  CHECK(status.has("12 held (12 because their filter failed): `triggerd held`"));
  CHECK(status.has(" off "));
  CHECK(desk.say({"held", "--limit", "5"}).has("... 7 more (--limit)"));
  CHECK(desk.say({"held", "--json"}).parsed().size() == 12);
  CHECK(desk.say({"status", "--totals", "contacts", "--json"}).parsed().size() == 1);
  const json budgets = desk.say({"status", "--budget", "--json"}).parsed();
  REQUIRE(budgets.size() == 1);
  CHECK(budgets[0].at("account") == "main");
  CHECK(budgets[0].at("day_used").get<int>() > 0);
  CHECK(desk.say({"status", "--budget", "--totals"}).code == 2);
}

TEST_CASE("names that are not there are said, with exit code 2") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  const Said none = desk.say({"status"});
  CHECK(none.code == 4);
  CHECK(none.has("there is no state in ./state yet"));
  CHECK(desk.say({"once"}, sandbox).code == 0);
  const std::vector<std::vector<std::string>> lines = {{"status", "contcats"},
                                                       {"status", "--totals", "contcats"},
                                                       {"events", "contcats"},
                                                       {"dead", "retry", "contcats"},
                                                       {"held", "release", "contcats"},
                                                       {"pause", "contcats"},
                                                       {"test", "contcats"},
                                                       {"once", "contcats"},
                                                       {"backfill", "contcats"}};
  for (const std::vector<std::string>& line : lines) {
    const Said said = desk.say(line);
    CAPTURE(line.front());
    CHECK(said.code == 2);
    CHECK(said.has("there is no trigger `contcats`; did you mean `contacts`?"));
  }
  CHECK(desk.say({"events", "zzz"}).has("there are contacts"));
  CHECK(desk.say({"events", "evt_x", "--json"}).parsed().value("ok", true) == false);
  CHECK(desk.say({"catalog", "search_contacts"}).has("did you mean `highlevel.search_contacts`?"));
  CHECK(desk.say({"status", "--limit", "0"}).code == 2);
  CHECK(desk.say({"stat"}).has("did you mean `status`?"));
  CHECK(desk.say({"check", "triggers.yaml"}).has("named with -c FILE"));
  CHECK(desk.say({"pause", "a", "b", "c"}).has("not expected here: b c"));
  desk.configure("  contacts:\n    poll: highlevel.search_contcats\n    account: main\n");
  const json problems = desk.say({"check", "--json"}).parsed();
  REQUIRE(problems.contains("problems"));
  CHECK(problems["problems"][0]["line"] == 10);
  CHECK(problems["problems"][0]["hint"] == "did you mean `highlevel.search_contacts`?");
}

TEST_CASE("a sandbox's state beside the real one is named, and found with --sandbox") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  CHECK(desk.say({"once", "--sandbox", sandbox.url()}).code == 0);
  CHECK(desk.say({"status"}).has("add --state ./state-sandbox"));
  CHECK(desk.say({"status", "--sandbox", sandbox.url()}).has("contacts"));
}

TEST_CASE("check prices an unknown fan-out as unknown, and --online asks each account once") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts + kNotes);
  const Said check = desk.say({"check"});
  CAPTURE(check.text);
  CHECK(check.code == 0);
  CHECK(check.has("288 a record, at most "));
  const Said online = desk.say({"check", "--online"}, sandbox);
  CAPTURE(online.text);
  CHECK(online.code == 0);
  CHECK(online.has("online main: ok (highlevel.search_contacts)"));
  sandbox.post("/control/faults",
               {{"kind", "status"}, {"status", 401}, {"operation", "*"}, {"count", 100}});
  const Said refused = desk.say({"check", "--online"}, sandbox);
  CAPTURE(refused.text);
  CHECK(refused.code == 1);
  CHECK(refused.has("online main: refused (highlevel.search_contacts)"));
}

TEST_CASE("status --watch repeats itself until it is interrupted") {
  const Folder place;
  const Sandbox sandbox(place, {});
  Desk desk(kContacts);
  CHECK(desk.say({"once"}, sandbox).code == 0);
  Process watch = desk.start({"status", "--watch"}, "watched");
  CHECK(wait_until(kMost, [&] {
    const std::string text = read_text(desk.folder().at("watched"));
    return text.find("no daemon") != text.rfind("no daemon");
  }));
  watch.signal(SIGINT);
  CHECK(watch.wait(kMost) == 0);
}

TEST_CASE("init, its hint, and the check of what it wrote") {
  Desk desk(kContacts);
  CHECK(desk.say({"init"}).has("exists"));
  CHECK(desk.say({"init", "my.yaml"}).code == 0);
  const Said check = desk.say({"check", "-c", "my.yaml"});
  CHECK(check.has("`your-location-id` stands in for your own id"));
}

TEST_CASE("init writes a recipe and says what to fill in, and it passes the check") {
  Desk desk(kContacts);
  const Sandbox sandbox(desk.folder(), {});  // stands in for the credentials
  CHECK(desk.say({"init", "--recipe", "list"}).has("stibee_notes"));
  const Said unknown = desk.say({"init", "--recipe", "stibee_note"});
  CHECK(unknown.code == 2);
  CHECK(unknown.has("did you mean `stibee_notes`?"));
  const Said wrote = desk.say({"init", "flow.yaml", "--recipe", "stibee_notes"});
  for (const char* told : {"export STIBEE_KEY=", "export HIGHLEVEL_TOKEN=", "your-list-id"}) {
    CAPTURE(told);
    CHECK(wrote.has(told));
  }
  CHECK(desk.say({"check", "-c", "flow.yaml"}, sandbox).code == 0);
  const Said own = desk.say({"init", "own.yaml", "--recipe", "my_app_todos_to_tasks"});
  CHECK(own.has("connectors/my_app.yaml"));
  CHECK(desk.say({"check", "-c", "own.yaml", "--connectors", "connectors"}, sandbox).code == 0);
}

TEST_SUITE_END();
