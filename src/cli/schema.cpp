// schema: the JSON Schemas of triggers.yaml and of connector files.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "triggerd/catalog/connector_schema.h"
#include "triggerd/config/json_schema.h"

namespace triggerd {

namespace {

int write_schema(const CommandOptions& options, const nlohmann::json& schema) {
  const std::string text = schema.dump(2) + "\n";
  if (options.output.empty()) {
    std::cout << text;
    return kExitOk;
  }
  std::ofstream file(options.output, std::ios::trunc);
  file << text;
  file.close();
  if (file.good()) return kExitOk;
  std::cerr << "triggerd: cannot write " << options.output << '\n';
  return kExitFailed;
}

}  // namespace

int command_schema(const CommandOptions& options) {
  if (options.of_connectors) return write_schema(options, connector_json_schema());
  const CatalogLoad load = load_catalog_with(options.connectors);
  print_problems(load.problems, load.texts);
  if (load.catalog == nullptr) return kExitConfiguration;
  return write_schema(options, triggers_json_schema(*load.catalog));
}

}  // namespace triggerd
