// triggers.yaml with the embedded catalog: refused with problems that have a place, or loaded.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd::fuzz {
namespace {

SecretSources one_secret() {
  SecretSources sources;
  sources.env = [](const std::string& name) {
    return name == "NONE" ? std::nullopt : std::optional<std::string>("secret");
  };
  sources.file = sources.env;
  return sources;
}

}  // namespace

void config_target(std::string_view input) {
  static const std::shared_ptr<const Catalog> catalog = load_catalog_with("").catalog;
  expect(catalog != nullptr, "the embedded catalog is right");
  const ConfigLoad load = load_config("triggers.yaml", std::string(input), catalog, one_secret());
  expect(load.text == input, "the text is kept");
  const auto lines = 1 + std::count(input.begin(), input.end(), '\n');
  bool wrong = false;
  for (const Problem& problem : load.problems) {
    wrong = wrong || !problem.warning;
    expect(!problem.what.empty(), "a problem says what is wrong");
    // A lone carriage return ends a line of YAML as well.
    expect(problem.place.line <= lines + std::count(input.begin(), input.end(), '\r'),
           "a problem's line is in the file");
    const std::string shown = render_problem(problem, load.text);
    expect(shown.starts_with("triggers.yaml"), "a problem names the file");
  }
  expect((load.config == nullptr) == wrong, "a configuration is loaded exactly without errors");
}

}  // namespace triggerd::fuzz
