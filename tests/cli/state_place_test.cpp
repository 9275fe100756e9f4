#include "cli/state_place.h"

#include <doctest/doctest.h>

#include "config/expression_advice.h"

using namespace triggerd;

namespace {

std::string state_in(const std::string& text) {
  std::vector<std::string> triggers;
  bool sound = true;
  return state_of_text("t.yaml", text, triggers, sound);
}

}  // namespace

TEST_CASE("engine.state is read from a file that loads, with the names of its triggers") {
  std::vector<std::string> triggers;
  bool sound = false;
  CHECK(state_of_text("t.yaml", "engine: {state: /s}\ntriggers:\n  b: {}\n  a: {}\n", triggers,
                      sound) == "/s");
  CHECK(sound);
  CHECK(triggers == std::vector<std::string>{"b", "a"});
  CHECK(state_in("version: 1\n") == "");
}

TEST_CASE("REL-01 engine.state is read from a file that no parser understands") {
  const std::string broken = "triggers:\n  a: [\n";
  CHECK(state_in("engine:\n  # where\n\n  state: ./here  # ours\n" + broken) == "./here");
  CHECK(state_in("version: 1\nengine: {state: \"./there\", outbox_max: 5}\n" + broken) ==
        "./there");
  CHECK(state_in("engine:\n  outbox_max: 5\naccounts:\n  state: ./no\n" + broken) == "");
  CHECK(state_in(broken) == "");
}

TEST_CASE("a name is unknown only where it certainly stands for a member of the top object") {
  using Names = std::vector<std::string>;
  CHECK(unknown_names(".recrod.id") == Names{"recrod"});
  CHECK(unknown_names("  .stesp.x | length") == Names{"stesp"});
  CHECK(unknown_names("[.record.id, .evnet.id]") == Names{"evnet"});
  CHECK(unknown_names(".record | .recrod").empty());
  CHECK(unknown_names("map(.recrod)").empty());
  CHECK(unknown_names("\"a .recrod\" + .record.b.recrod").empty());
  CHECK(unknown_names("$x.recrod").empty());
  CHECK(unknown_names(".record[0].recrod").empty());
  CHECK(unknown_names("..recrod?").empty());
}
