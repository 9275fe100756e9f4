// schema: the JSON Schema of triggers.yaml.
#include <fstream>
#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "triggerd/config/json_schema.h"

namespace triggerd {

int command_schema(const CommandOptions& options) {
  const CatalogLoad load = load_catalog_with(options.connectors);
  print_problems(load.problems, load.texts);
  if (load.catalog == nullptr) return kExitConfiguration;
  const std::string text = triggers_json_schema(*load.catalog).dump(2) + "\n";
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

}  // namespace triggerd
