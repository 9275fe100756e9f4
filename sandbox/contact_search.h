// Filters, sort and cursor of Search Contacts: the body that the OpenAPI leaves out, as public
// clients send it. Called by the search route only; works on records, knows no world.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "world.h"

namespace triggerd::sandbox {

class ContactSearch {
 public:
  // Fills `problems` when the body is not understood; then the object must not be used.
  ContactSearch(const nlohmann::json& body, std::vector<std::string>& problems);

  bool matches(const nlohmann::json& contact) const;
  bool has_cursor() const { return cursor_.is_array(); }
  // The sort keys of a record plus its id: what it shows as searchAfter.
  nlohmann::json cursor_of(const Row& row) const;
  // Whether these keys come after the cursor of the last page.
  bool past_cursor(const nlohmann::json& keys) const;
  // Below 0 where the left keys come first.
  int compare(const nlohmann::json& left_keys, const nlohmann::json& right_keys) const;

 private:
  struct SortKey {
    std::string field;
    bool ascending = true;
  };
  nlohmann::json filters_ = nlohmann::json::array();
  std::string query_;
  std::vector<SortKey> sort_;
  nlohmann::json cursor_;
};

}  // namespace triggerd::sandbox
