// init: a starter triggers.yaml, small enough to be read at once. It loads clean as soon as its two
// variables are set.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/command_line.h"

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

}  // namespace

int command_init(const CommandOptions& options) {
  const std::string path = options.output.empty() ? "triggers.yaml" : options.output;
  if (std::filesystem::exists(path) && !options.force) {
    std::cerr << "triggerd: " << path << " exists; --force replaces it\n";
    return kExitFailed;
  }
  std::ofstream file(path, std::ios::trunc);
  file << kStarter;
  file.close();
  if (!file.good()) {
    std::cerr << "triggerd: cannot write " << path << '\n';
    return kExitFailed;
  }
  std::cout << "wrote " << path << "; next:\n"
            << "  put your location id into it\n"
            << "  export HIGHLEVEL_TOKEN=...\n"
            << "  triggerd check -c " << path << "\n"
            << "  triggerd test contacts -c " << path << "\n"
            << "  triggerd run -c " << path << "\n";
  return kExitOk;
}

}  // namespace triggerd
