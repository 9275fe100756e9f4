// catalog: what can be polled and done.
#include "triggerd/catalog/catalog.h"

#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/table_text.h"
#include "triggerd/catalog/describe.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

namespace {

int print_one(const Operation& operation, bool json) {
  if (json) {
    std::cout << describe_operation(operation).dump(2) << '\n';
  } else {
    std::cout << describe_operation_text(operation);
  }
  return kExitOk;
}

void print_all(const Catalog& catalog, const std::string& connector, bool json) {
  nlohmann::json all = nlohmann::json::array();
  Listing table;
  table.columns = {"name", "kind", "method", "path", "title"};
  for (const Connector* one : catalog.connectors()) {
    if (!connector.empty() && one->name != connector) continue;
    for (const Operation& operation : one->operations) {
      const nlohmann::json row = describe_operation(operation);
      all.push_back(row);
      table.rows.push_back({{"name", operation.full_name},
                            {"kind", row.value("kind", "")},
                            {"method", operation.method},
                            {"path", operation.path},
                            {"title", operation.title}});
    }
  }
  if (json) {
    std::cout << all.dump(2) << '\n';
  } else {
    std::cout << table_text(table, {});
  }
}

}  // namespace

int command_catalog(const CommandOptions& options) {
  const CatalogLoad load = load_catalog_with(options.connectors);
  print_problems(load.problems, load.texts);
  if (load.catalog == nullptr) return kExitConfiguration;
  const std::string& name = options.trigger;
  if (name.empty() || load.catalog->connector(name) != nullptr) {
    print_all(*load.catalog, name, options.json);
    return kExitOk;
  }
  if (const Operation* operation = load.catalog->operation(name)) {
    return print_one(*operation, options.json);
  }
  const std::string near = nearest_name(name, load.catalog->operation_names());
  std::cerr << "triggerd: there is no operation `" << name << "`"
            << (near.empty() ? "" : "; did you mean `" + near + "`?") << '\n';
  return kExitFailed;
}

}  // namespace triggerd
