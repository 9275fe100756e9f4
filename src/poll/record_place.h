// Where the records of an answer stand: the pointers of an operation with the request's values put
// in, cut at `*`. Used by the cut of a page and by known_page. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "triggerd/catalog/operation.h"

namespace triggerd {

struct RecordPlace {
  std::string at;      // the pointer, or what stands in front of `*`
  std::string behind;  // what stands behind it
  bool every = false;  // there is a `*`: the records are in each element or member at `at`
};

// In the order of ReadRules::records. `values` may be null where no pointer holds `{name}`.
std::vector<RecordPlace> record_places(const ReadRules& read, const nlohmann::json* values);

}  // namespace triggerd
