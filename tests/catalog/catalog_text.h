// Connector files in short, for the tests of this folder.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "triggerd/catalog/catalog.h"

namespace triggerd {

// Four lines in front of the operations, so that the first of them stands in line 5.
inline std::string acme_file(const std::string& operations) {
  return "connector: acme\nbase_url: https://api.acme.test\nauth: [{kind: none}]\noperations:\n" +
         operations;
}

inline std::string problems_text(const std::vector<CatalogFile>& files) {
  std::string text;
  for (const Problem& problem : load_catalog(files).problems) {
    text += problem.file + ":" + std::to_string(problem.place.line) + ":" +
            std::to_string(problem.place.column) + ": " + problem.what + "\n";
    if (!problem.hint.empty()) text += "  hint: " + problem.hint + "\n";
  }
  return text;
}

// The catalog with one connector, `acme`, that has these operations.
inline std::shared_ptr<const Catalog> acme_catalog(const std::string& operations) {
  const std::vector<CatalogFile> files = {{"acme.yaml", acme_file(operations)}};
  CatalogLoad load = load_catalog(files);
  REQUIRE_MESSAGE(load.catalog != nullptr, problems_text(files));
  return load.catalog;
}

}  // namespace triggerd
