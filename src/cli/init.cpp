// init: a starter triggers.yaml, small enough to be read at once. It loads clean as soon as its two
// variables are set.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/command_line.h"
#include "cli/recipes.h"

namespace triggerd {

namespace {

constexpr const char* kStarter = R"yaml(# yaml-language-server: $schema=triggers.schema.json
# (write that file with `triggerd schema -o triggers.schema.json`)
version: 1

engine:
  state: ./state

accounts:
  main:
    connector: highlevel
    location_id: your-location-id           # Settings > Business Profile > Location ID
    auth: {token: "${env:HIGHLEVEL_TOKEN}"}   # Settings > Private Integrations

defaults: {every: 5m}

triggers:
  # Fires for each contact that is created or that changes its e-mail or its tags.
  contacts:
    poll: highlevel.search_contacts
    account: main
    every: 1m
    watch: [/email, /tags]
    do:
      - action: file
        with: {path: ./events/contacts.jsonl, mode: append}
)yaml";

// False, with a word about it, when the file exists or cannot be written.
bool write_new(const std::string& path, std::string_view text, bool force) {
  if (std::filesystem::exists(path) && !force) {
    std::cerr << "triggerd: " << path << " exists; --force replaces it\n";
    return false;
  }
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file.good()) std::cerr << "triggerd: cannot write " << path << '\n';
  return file.good();
}

int write_recipe(const CommandOptions& options, const std::string& path) {
  if (options.id == "list") {
    for (const RecipeTitle& one : recipe_titles()) {
      std::cout << one.name << "\n    " << one.about << '\n';
    }
    return kExitOk;
  }
  const std::optional<std::string_view> text = find_recipe(options.id);
  if (!text) {
    std::cerr << "triggerd: there is no recipe `" << options.id << "`; " << recipe_hint(options.id)
              << '\n';
    return kExitUsage;
  }
  const std::string folder = std::filesystem::path(path).parent_path() / "connectors";
  const std::string_view connector = connector_of_recipe(*text);
  if (!write_new(path, *text, options.force)) return kExitFailed;
  std::string more;
  if (!connector.empty()) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (!write_new(folder + "/my_app.yaml", connector, options.force)) return kExitFailed;
    more = " --connectors " + folder;
  }
  std::cout << "wrote " << path << "; next:\n";
  for (const std::string& step : recipe_settings(*text)) std::cout << "  " << step << '\n';
  if (!connector.empty()) {
    std::cout << "  describe your app in " << folder << "/my_app.yaml\n";
  }
  std::cout << "  triggerd check -c " << path << more << "\n"
            << "  triggerd run -c " << path << more << "\n";
  return kExitOk;
}

}  // namespace

int command_init(const CommandOptions& options) {
  const std::string path = options.output.empty() ? "triggers.yaml" : options.output;
  if (!options.id.empty()) return write_recipe(options, path);
  if (!write_new(path, kStarter, options.force)) return kExitFailed;
  std::cout << "wrote " << path << "; next:\n"
            << "  put your location id into it\n"
            << "  export HIGHLEVEL_TOKEN=...\n"
            << "  triggerd check -c " << path << "\n"
            << "  triggerd test contacts -c " << path << "\n"
            << "  triggerd run -c " << path << "\n";
  return kExitOk;
}

}  // namespace triggerd
