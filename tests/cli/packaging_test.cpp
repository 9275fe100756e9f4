// What is installed beside the program: the unit, the alerts, the board.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "triggerd/yaml/reader.h"

using namespace triggerd;

namespace {

const std::string kPackaging = std::string(TRIGGERD_SOURCE) + "/packaging/";

std::string text_of(const std::string& name) {
  std::ifstream file(kPackaging + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string said(const std::string& line) {
  FILE* pipe = ::popen((line + " 2>&1").c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

bool is_there(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

TEST_CASE("the unit is closed as far as systemd can judge it: exposure at most 1.5") {
  if (!is_there("systemd-analyze")) {
    MESSAGE("not run: there is no systemd-analyze here");
    return;
  }
  const std::string text =
      said("systemd-analyze security --offline=true --no-pager " + kPackaging + "triggerd.service");
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("exposure level for [^:]*: ([0-9.]+)"))) {
    MESSAGE("not run: systemd-analyze refuses here: ", text.substr(0, 200));
    return;
  }
  CHECK(std::stod(found[1]) <= 1.5);
}

TEST_CASE("SHU-04, SHU-05, SHU-07: the unit bounds restarts and memory, and feeds the watchdog") {
  const std::string unit = text_of("triggerd.service");
  for (const char* line :
       {"\nType=notify\n", "\nWatchdogSec=60s\n", "\nRestart=on-failure\n", "\nRestartSec=5s\n",
        "\nRestartPreventExitStatus=2 3\n", "\nMemoryMax=1G\n", "\nLimitCORE=0\n",
        "\nTimeoutStopSec=45s\n", "\nUMask=0077\n", "\nStateDirectoryMode=0700\n"}) {
    CAPTURE(line);
    CHECK(unit.find(line) != std::string::npos);
  }
}

TEST_CASE(
    "the alerts are YAML, each with a name of its own, a severity and a way to look further") {
  std::vector<Problem> problems;
  const auto document = parse_yaml("alerts.yaml", text_of("alerts.yaml"), problems);
  REQUIRE_MESSAGE(document, (problems.empty() ? "" : problems.front().what));
  const YamlNode* groups = document->root.find("groups");
  REQUIRE(groups != nullptr);
  std::set<std::string> names;
  for (const YamlNode& rule : groups->items.at(0).find("rules")->items) {
    const YamlNode* name = rule.find("alert");
    REQUIRE(name != nullptr);
    CAPTURE(name->text);
    CHECK(names.insert(name->text).second);
    CHECK(rule.find("expr") != nullptr);
    CHECK(rule.find("for") != nullptr);
    CHECK(rule.find("labels")->find("severity") != nullptr);
    CHECK(rule.find("annotations")->find("summary") != nullptr);
    CHECK(rule.find("annotations")->find("description") != nullptr);
  }
  CHECK(names.size() >= 12);
  if (is_there("promtool")) {
    CHECK(said("promtool check rules " + kPackaging + "alerts.yaml").find("SUCCESS") !=
          std::string::npos);
  } else {
    MESSAGE("not run: there is no promtool here");
  }
}

TEST_CASE("the board is JSON with panels that ask something and do not lie on each other") {
  const nlohmann::json board = nlohmann::json::parse(text_of("board.json"), nullptr, false);
  REQUIRE(board.is_object());
  std::set<std::pair<int, int>> places;
  std::set<int> ids;
  for (const nlohmann::json& panel : board["panels"]) {
    CHECK(ids.insert(panel["id"].get<int>()).second);
    CHECK(
        places.insert({panel["gridPos"]["x"].get<int>(), panel["gridPos"]["y"].get<int>()}).second);
    CHECK_FALSE(panel["targets"].empty());
  }
  CHECK(ids.size() >= 15);
}
