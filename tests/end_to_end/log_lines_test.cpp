// What the daemon writes to its log over a day of odd records and failures: one line a fact, which
// a program can read, and nothing of what the records say.
#include <doctest/doctest.h>

#include <sstream>

#include "end_to_end/processes.h"

using namespace triggerd::end_to_end;

namespace {

constexpr Wait kMost{60'000};

// Texts that would end a line, a field or a JSON string, move the terminal, or be missed.
const std::string kCanary = "canaryofthelog";
const std::string kHostile =
    kCanary + "\nlevel=error fact=\"forged\"\r\x1b[2J\",\"level\":\"error\xe2\x80\xa8\xe2\x80\xae";

}  // namespace

TEST_SUITE_BEGIN("operations");

TEST_CASE("S-34: each line of the log is one fact that jq reads, and holds nothing of a record") {
  const Folder place;
  const Sandbox sandbox(place, {});
  sandbox.create("contacts", {{"firstName", kHostile}, {"email", kCanary + "@example.com"}});
  place.write("triggers.yaml",
              "version: 1\n"
              "engine: {state: ./state}\n"
              "accounts:\n"
              "  main:\n"
              "    connector: highlevel\n"
              "    location_id: ve9EPM428h8vShlRW1KT\n"
              "    auth: {token: \"${env:HIGHLEVEL_TOKEN}\"}\n"
              "triggers:\n"
              "  fails:\n"
              "    poll: highlevel.search_contacts\n"
              "    account: main\n"
              "    start: backfill\n"
              "    when: .record.firstName | tonumber\n"
              "  dies:\n"
              "    poll: highlevel.search_contacts\n"
              "    account: main\n"
              "    start: backfill\n"
              "    do:\n"
              "      - action: exec\n"
              "        with: {command: [/bin/false]}\n"
              "        retry: {attempts: 1}\n"
              "      - {id: later, action: log, when: .record.nothing, with: {message: no}}\n");
  Process daemon(
      {"/usr/bin/env", "HIGHLEVEL_TOKEN=pit-x", TRIGGERD_PROGRAM, "run", "--sandbox", sandbox.url(),
       "--state", place.at("state"), "--log-format", "json", "--log-level", "debug"},
      place.at(""), place.at("daemon.log"));
  const auto log = [&] { return read_text(place.at("daemon.log")); };
  REQUIRE(wait_until(kMost, [&] {
    const std::string text = log();
    return text.find("a filter failed") != std::string::npos &&
           text.find("dead letters") != std::string::npos;
  }));
  daemon.signal(15);
  REQUIRE(daemon.wait(kMost) == 0);
  std::istringstream lines(log());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CAPTURE(line);
    const json fact = json::parse(line, nullptr, false);
    REQUIRE(fact.is_object());
    CHECK(fact.contains("time"));
    CHECK(fact.contains("level"));
    CHECK(fact.value("fact", "") != "forged");
    CHECK(line.find(kCanary) == std::string::npos);
  }
  CHECK(count > 5);
}

TEST_SUITE_END();
