// Connector files with one flaw each, for the tests of loading.
#pragma once

#include "catalog/catalog_text.h"

namespace triggerd {

// One operation whose request and read are right, with more lines at its end.
inline std::string with_lines(const std::string& lines) {
  return acme_file("  items:\n    request: GET /items\n    read: {id: /id}\n" + lines);
}

// One operation with the parameters `page` and `after`, and more lines under `read`.
inline std::string with_read(const std::string& lines, const std::string& id = "/id") {
  return acme_file(
      "  items:\n    request: GET /items\n    params: {page: {type: integer}, after: x}\n"
      "    read:\n      id: " +
      id + "\n" + lines);
}

inline std::string with_id(const std::string& id) { return with_read("", id); }

inline std::string problems(const std::string& text) {
  return problems_text({{"acme.yaml", text}});
}

}  // namespace triggerd
