// connector check: a connector file as strictly as `run` reads it, without an account.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/connector_file.h"
#include "cli/outcome.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

std::vector<const Connector*> connectors_in(const CatalogLoad& load, const std::string& path) {
  std::vector<const Connector*> found;
  for (const auto& [file, text] : load.texts) {
    // Those that come with the program have such names, too, and are no files.
    if (!file.starts_with(path) || !std::filesystem::exists(file)) continue;
    std::vector<Problem> ignored;
    const auto document = parse_yaml(file, text, ignored);
    for (const char* key : {"connector", "overrides"}) {
      const YamlNode* name = document ? document->root.find(key) : nullptr;
      const Connector* one = name == nullptr ? nullptr : load.catalog->connector(name->text);
      const bool known = std::find(found.begin(), found.end(), one) != found.end();
      if (one != nullptr && !known) found.push_back(one);
    }
  }
  return found;
}

int command_connector_check(const CommandOptions& options) {
  const CatalogLoad load = load_catalog_with(options.connectors);
  if (load.catalog == nullptr) return fail_problems(options, load.problems, load.texts);
  print_problems(load.problems, load.texts);
  nlohmann::json all = nlohmann::json::array();
  for (const Connector* connector : connectors_in(load, options.connectors)) {
    int reads = 0, unconfirmed = 0;
    for (const Operation& operation : connector->operations) {
      reads += operation.kind == OperationKind::read ? 1 : 0;
      unconfirmed += operation.confirmed ? 0 : 1;
    }
    const int writes = static_cast<int>(connector->operations.size()) - reads;
    all.push_back({{"connector", connector->name},
                   {"reads", reads},
                   {"writes", writes},
                   {"unconfirmed", unconfirmed}});
    if (options.json) continue;
    std::cout << connector->name << ": " << reads << " reads, " << writes << " writes, "
              << unconfirmed << " of them unconfirmed; no problems\n";
  }
  if (options.json) std::cout << all.dump(2) << '\n';
  return kExitOk;
}

}  // namespace triggerd
