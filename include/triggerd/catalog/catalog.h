// The connectors of this program: the embedded ones, with files of a directory laid over them
// (`--connectors DIR`, one file or folder per connector, which replaces the connector of that
// name, or corrects single keys of it). Loaded once at start and at reload; found by config/, poll/
// and cli/catalog. Immutable, any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

class Catalog {
 public:
  const Connector* connector(std::string_view name) const;
  const Operation* operation(std::string_view full_name) const;  // "highlevel.search_contacts"
  std::vector<const Connector*> connectors() const;              // by name
  std::vector<std::string> operation_names() const;              // all full names, sorted

  std::map<std::string, Connector, std::less<>> by_name;
};

struct CatalogFile {
  std::string path;  // as shown in problems
  std::string text;
};

struct CatalogLoad {
  std::shared_ptr<const Catalog> catalog;  // null when there are problems that are no warnings
  std::vector<Problem> problems;
  std::map<std::string, std::string> texts;  // file -> text, for rendering problems
};

// Parses and checks everything: every pointer, parameter, reference and format.
CatalogLoad load_catalog(const std::vector<CatalogFile>& files);
// The embedded connectors, with those of `directory` over them (empty: none). A single file may
// stand in its place.
CatalogLoad load_catalog_with(const std::string& directory);

}  // namespace triggerd
