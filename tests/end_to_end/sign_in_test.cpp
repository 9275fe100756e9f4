// Accounts that sign in by OAuth: the real program against the sandbox's consent page, token
// endpoint and rotation.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "end_to_end/signed_in.h"

using namespace triggerd::end_to_end;

namespace {

constexpr Wait kMost{60'000};
constexpr int kDay = 86'400;

std::string contacts_of(const std::string& account, const std::string& name) {
  return "  " + name + ":\n    poll: highlevel.search_contacts\n    account: " + account +
         "\n    every: 1m\n    do:\n      - {id: seen, action: file, with: {path: ./events/" +
         name + ".jsonl, mode: append}}\n";
}

std::int64_t polls(const SignedIn& scene, const std::string& trigger) {
  const auto said = scene.say({"status", trigger, "--json"});
  const json rows = json::parse(said.text, nullptr, false);
  return rows.is_array() && !rows.empty() ? rows.front().value("polls", std::int64_t{0}) : 0;
}

json status_of(const SignedIn& scene, const std::string& trigger) {
  const auto said = scene.say({"status", trigger, "--json"});
  const json rows = json::parse(said.text, nullptr, false);
  REQUIRE_MESSAGE((rows.is_array() && !rows.empty()), said.text);
  return rows.front();
}

}  // namespace

TEST_SUITE_BEGIN("sign in");

TEST_CASE("a person signs in by a browser; polls go on over the end of the token (AUT-01)") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox, contacts_of("dental", "contacts"));
  CHECK(scene.token_row("dental")["state"] == "not signed in");
  CHECK(scene.say({"once"}).code == 5);
  CHECK(status_of(scene, "contacts")["last_error"] ==
        "not signed in: run `triggerd auth login dental`");
  {
    Process login = scene.start({"auth", "login", "dental"}, "login.log");
    std::string url;
    REQUIRE(wait_until(kMost, [&] {
      const std::string text = read_text(folder.at("login.log"));
      const std::size_t at = text.find("http://");
      const std::size_t end = text.find("\n\nwaiting");
      if (end != std::string::npos) url = text.substr(at, end - at);
      return !url.empty();
    }));
    CHECK(url.find("response_type=code") != std::string::npos);
    CHECK(url.find("scope=contacts.readonly%20oauth.write") != std::string::npos);
    CHECK(url.find("code_challenge") == std::string::npos);  // the connector says: none
    // Another state is not our sign-in; the wait goes on.
    std::string forged = sent_to(url);
    CHECK(browse(url.substr(0, url.find("&state=")) + "&state=forged").find("not the answer") !=
          std::string::npos);
    CHECK(browse(url).find("has arrived") != std::string::npos);
    REQUIRE_MESSAGE(login.wait(kMost) == 0, read_text(folder.at("login.log")));
  }
  CHECK(read_text(folder.at("login.log")).find("dental is signed in") != std::string::npos);
  const json row = scene.token_row("dental");
  CHECK(row["state"] == "ok");
  CHECK(row["kind"] == "oauth");
  CHECK(row["valid_until"].is_string());
  struct stat found {};
  REQUIRE(::stat(scene.token_file("dental").c_str(), &found) == 0);
  CHECK((found.st_mode & 07777U) == 0600);

  CHECK(scene.say({"once"}).code == 0);
  sandbox.create("contacts", {{"firstName", "Zoe"}, {"email", "zoe@example.com"}}, "c-new");
  // In the app's eyes the token ends now; ours knows nothing of it.
  sandbox.advance(kDay);
  const std::int64_t before = scene.token_requests();
  REQUIRE(scene.say({"check"}).code == 0);
  // It is minutes old; but it came from a person, and not from a renewal that was refused (AUT-07).
  CHECK(scene.say({"once"}).code == 0);
  CHECK(scene.token_requests() == before + 1);
  sandbox.advance(kDay);
  CHECK(scene.say({"once"}).code == 5);
  CHECK(scene.token_requests() == before + 1);
  CHECK(read_text(folder.at("events/contacts.jsonl")).find("c-new") != std::string::npos);
}

TEST_CASE("S-04: no token and no client secret is in the database, in logs or in listings") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox, contacts_of("dental", "contacts"));
  scene.sign_in("dental");
  REQUIRE(scene.say({"once"}).code == 0);
  const std::string file = read_text(scene.token_file("dental"));
  std::vector<std::string> secrets;
  for (const char* start : {"at-", "rt-"}) {
    for (std::size_t at = file.find(start); at != std::string::npos;
         at = file.find(start, at + 1)) {
      secrets.push_back(file.substr(at, 43));
    }
  }
  REQUIRE(secrets.size() >= 2);
  std::string all = scene.say({"once"}).text + scene.say({"status"}).text +
                    scene.say({"auth", "status", "--json"}).text + scene.say({"doctor"}).text;
  for (const char* name : {"triggerd.db", "triggerd.db-wal", "lock"}) {
    all += read_text(scene.state() + "/" + name);
  }
  for (const std::string& secret : secrets) CHECK(all.find(secret) == std::string::npos);
}

TEST_CASE("AUT-04: a daemon and commands beside it share one credential; each token is used once") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox, contacts_of("dental", "contacts"));
  scene.sign_in("dental");
  Process daemon = scene.start({"run"}, "run.log");
  REQUIRE(wait_until(kMost, [&] { return polls(scene, "contacts") >= 1; }));
  for (int i = 0; i < 3; ++i) scene.sign_in("dental");
  CHECK(scene.token_requests(200) == 4);
  CHECK(scene.token_requests() == 4);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
  CHECK(scene.token_row("dental")["state"] == "ok");
}

TEST_CASE("AUT-04: fifty streams meet the end of a token together; its family of tokens lives on") {
  constexpr double kSpeed = 120;
  constexpr int kStreams = 50;
  Folder folder;
  SandboxOptions options;
  options.speed = kSpeed;
  const Sandbox sandbox(folder, options);
  std::string triggers;
  for (int i = 0; i < kStreams; ++i) {
    triggers +=
        "  t" + std::to_string(i) +
        ": {poll: highlevel.list_businesses_by_location, account: dental, every: 1m, do: []}\n";
  }
  const SignedIn scene(folder, sandbox, triggers, "businesses");
  Process daemon = scene.start({"run", "--sandbox", sandbox.url(), "--speed", "120"}, "run.log");
  const auto rows = [&] {
    const auto said = scene.say({"status", "--json", "--sandbox", sandbox.url()});
    const json listed = json::parse(said.text, nullptr, false);
    return listed.is_array() ? listed : json::array();
  };
  const auto all = [&](const std::function<bool(const json&)>& holds) {
    const json listed = rows();
    return listed.size() == kStreams && std::all_of(listed.begin(), listed.end(), holds);
  };
  // Old enough that a refusal is believed: ten minutes of the sandbox.
  REQUIRE(wait_until(kMost, [&] { return all([](auto& row) { return row["polls"] >= 12; }); }));
  const std::int64_t signed_in = scene.token_requests();
  // It stands still meanwhile, so that all are due together when it goes on.
  daemon.signal(SIGSTOP);
  sandbox.advance(kDay);
  std::set<std::string> minutes;
  REQUIRE(wait_until(kMost, [&] {
    const json account =
        sandbox.post("/control/accounts", {{"connector", "highlevel"}, {"location_id", kLocation}});
    minutes.insert(account.at("now").get<std::string>().substr(0, 16));
    return minutes.size() > 3;
  }));
  daemon.signal(SIGCONT);
  REQUIRE(wait_until(kMost, [&] { return scene.token_requests() > signed_in; }));
  REQUIRE(wait_until(kMost, [&] { return all([](auto& row) { return row["polls"] >= 20; }); }));
  CHECK(scene.token_requests() == signed_in + 1);
  // A refresh token that is used twice would have ended all of them, and answered 400.
  CHECK(scene.token_requests(200) == signed_in + 1);
  CHECK(all([](auto& row) { return row["failures"] == 0 && row["last_error"].is_null(); }));
  std::int64_t refused = 0;
  std::istringstream truth(read_text(sandbox.truth()));
  for (std::string line; std::getline(truth, line);) {
    const json one = json::parse(line, nullptr, false);
    if (one.is_object() && one.value("status", 0) == 401) ++refused;
  }
  CHECK(refused > 1);  // many have met it, indeed
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

TEST_CASE("a token of a location is asked for with the agency's; without it the account waits") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox,
                       contacts_of("minted", "contacts") + contacts_of("dental", "others"));
  scene.sign_in("dental");
  CHECK(scene.say({"once"}).code == 5);
  CHECK(status_of(scene, "others")["last_error"].is_null());
  CHECK(status_of(scene, "contacts")["last_error"].get<std::string>().find("agency") !=
        std::string::npos);
  scene.sign_in("agency");
  const auto said = scene.say({"once"});
  CHECK_MESSAGE(said.code == 0, said.text);
  CHECK(status_of(scene, "contacts")["polls"].get<int>() >= 1);
}

TEST_CASE("a sandbox signs OAuth accounts in by itself, again and again") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox,
                       contacts_of("minted", "minted") + contacts_of("dental", "contacts"));
  for (int i = 0; i < 3; ++i) {
    const auto said = scene.say({"once", "--sandbox", sandbox.url()});
    CHECK_MESSAGE(said.code == 0, said.text);
  }
  Process daemon = scene.start({"run", "--sandbox", sandbox.url()}, "run.log");
  const auto has = [&](const char* part) {
    return read_text(folder.at("run.log")).find(part) != std::string::npos;
  };
  REQUIRE(wait_until(kMost, [&] { return has("configuration is loaded"); }));
  daemon.signal(SIGHUP);
  CHECK(wait_until(kMost, [&] { return has("configuration is as it was"); }));
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(kMost) == 0);
}

TEST_CASE("AUT-09: a token that others could read ends `auth login` with exit code 4") {
  Folder folder;
  const Sandbox sandbox(folder, {});
  const SignedIn scene(folder, sandbox, contacts_of("dental", "contacts"));
  scene.sign_in("dental");
  REQUIRE(::chmod(scene.token_file("dental").c_str(), 0644) == 0);
  const std::string before = read_text(scene.token_file("dental"));
  const auto said = scene.say({"auth", "login", "dental", "--paste"}, "code\n");
  CHECK(said.code == 4);
  CHECK(said.text.find("chmod 600") != std::string::npos);
  CHECK(scene.token_row("dental")["state"] == "unreadable");
  CHECK(read_text(scene.token_file("dental")) == before);
}

TEST_SUITE_END();
