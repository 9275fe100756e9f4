// catalog: what can be polled and done.
#include "triggerd/catalog/catalog.h"

#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
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
  table.columns = {"name", "kind", "facts", "method", "path", "title"};
  for (const Connector* one : catalog.connectors()) {
    if (!connector.empty() && one->name != connector) continue;
    for (const Operation& operation : one->operations) {
      const nlohmann::json row = describe_operation(operation);
      all.push_back(row);
      table.rows.push_back({{"name", operation.full_name},
                            {"kind", row.value("kind", "")},
                            {"facts", operation.confirmed ? "confirmed" : "unconfirmed"},
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

// The operation that is meant where the connector's name was left out; empty when none is near.
std::string full_name_of(const Catalog& catalog, const std::string& name) {
  if (name.find('.') != std::string::npos) return {};
  std::vector<std::string> names;
  for (const std::string& full : catalog.operation_names()) {
    names.push_back(full.substr(full.find('.') + 1));
  }
  const bool exact = std::find(names.begin(), names.end(), name) != names.end();
  const std::string near = exact ? name : nearest_name(name, names);
  for (const std::string& full : catalog.operation_names()) {
    if (!near.empty() && full.ends_with("." + near)) return full;
  }
  return {};
}

}  // namespace

int command_catalog(const CommandOptions& options) {
  const CatalogLoad load = load_catalog_with(options.connectors);
  if (load.catalog == nullptr) return fail_problems(options, load.problems, load.texts);
  print_problems(load.problems, load.texts);
  const std::string& name = options.trigger;
  if (name.empty() || load.catalog->connector(name) != nullptr) {
    print_all(*load.catalog, name, options.json);
    return kExitOk;
  }
  if (const Operation* operation = load.catalog->operation(name)) {
    return print_one(*operation, options.json);
  }
  const std::string full = full_name_of(*load.catalog, name);
  if (!full.empty()) {
    return fail(options, kExitUsage,
                "there is no operation `" + name + "`; did you mean `" + full + "`?");
  }
  std::vector<std::string> known = load.catalog->operation_names();
  if (nearest_name(name, known).empty()) {
    known.clear();
    for (const Connector* connector : load.catalog->connectors()) known.push_back(connector->name);
    return fail(options, kExitUsage,
                "there is no operation or connector `" + name + "`" + known_names(name, known) +
                    "; `triggerd catalog` lists all operations");
  }
  return fail_unknown(options, "operation", name, known);
}

}  // namespace triggerd
