#include "cli/recipes.h"

#include <algorithm>
#include <map>
#include <set>

#include "triggerd/embedded_file.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {
namespace {

constexpr std::string_view kEnding = ".yaml";
constexpr std::string_view kVariable = "${env:";
constexpr std::string_view kStandIn = "your-";
constexpr std::string_view kOwnConnector = "connectors/my_app.yaml";

// Where people find what stands in a variable or in place of an id.
const std::map<std::string_view, std::string_view> kPlaces{
    {"HIGHLEVEL_TOKEN", "HighLevel: Settings > Private Integrations"},
    {"PARTNERSTACK_PUBLIC_KEY", "PartnerStack: Settings > Integrations, the API keys"},
    {"PARTNERSTACK_SECRET_KEY", "PartnerStack: beside the public key"},
    {"STIBEE_KEY",
     "Stibee: workspace settings > API keys; version 2 needs one made since 2025-01-21"},
    {"CLUBOS_KEY", "Club OS: by e-mail from support@club-os.com"},
    {"CLUBOS_USERNAME", "Club OS: the user of the API, version 1"},
    {"CLUBOS_PASSWORD", "Club OS: the password of that user"},
    {"PAYACA_CLIENT_ID", "Payaca: My Company > Integrations > Create API key"},
    {"PAYACA_CLIENT_SECRET", "Payaca: shown once, with the client id"},
    {"your-location-id", "HighLevel: Settings > Business Profile > Location ID"},
    {"your-partner-key", "PartnerStack: the partner whom leads of yours belong to"},
    {"your-list-id", "Stibee: the number in the address of the list"},
    {"your-clubos-host", "Club OS: support says where version 3 is"},
};

std::string explained(std::string step, std::string_view name) {
  const auto place = kPlaces.find(name);
  if (place != kPlaces.end()) step += "   # " + std::string(place->second);
  return step;
}

std::string_view word_at(std::string_view text) {
  return text.substr(0, text.find_first_of("\"'},} \n#"));
}

}  // namespace

std::vector<RecipeTitle> recipe_titles() {
  std::vector<RecipeTitle> titles;
  for (const EmbeddedFile& file : embedded_recipes()) {
    if (file.path.find('/') != std::string_view::npos) continue;
    std::string_view about = file.text.substr(0, file.text.find('\n'));
    about.remove_prefix(std::min<std::size_t>(2, about.size()));  // "# "
    titles.push_back({file.path.substr(0, file.path.size() - kEnding.size()), about});
  }
  return titles;
}

std::optional<std::string_view> find_recipe(std::string_view name) {
  for (const EmbeddedFile& file : embedded_recipes()) {
    if (file.path == std::string(name) + std::string(kEnding)) return file.text;
  }
  return std::nullopt;
}

std::string recipe_hint(const std::string& name) {
  std::vector<std::string> names;
  for (const RecipeTitle& one : recipe_titles()) names.emplace_back(one.name);
  const std::string near = nearest_name(name, names);
  return near.empty() ? "`triggerd init --recipe list` shows them" : "did you mean `" + near + "`?";
}

std::string_view connector_of_recipe(std::string_view text) {
  if (text.find("connector: my_app") == std::string_view::npos) return {};
  for (const EmbeddedFile& file : embedded_recipes()) {
    if (file.path == kOwnConnector) return file.text;
  }
  return {};
}

std::vector<std::string> recipe_settings(std::string_view text) {
  std::vector<std::string> steps;
  std::set<std::string_view> told;
  for (std::size_t at = text.find(kVariable); at != std::string_view::npos;
       at = text.find(kVariable, at + 1)) {
    const std::string_view name = word_at(text.substr(at + kVariable.size()));
    if (!told.insert(name).second) continue;
    steps.push_back(explained("export " + std::string(name) + "=...", name));
  }
  for (std::size_t at = text.find(kStandIn); at != std::string_view::npos;
       at = text.find(kStandIn, at + 1)) {
    const std::string_view name = word_at(text.substr(at));
    if (!told.insert(name).second) continue;
    steps.push_back(explained("put your own in place of " + std::string(name), name));
  }
  return steps;
}

}  // namespace triggerd
