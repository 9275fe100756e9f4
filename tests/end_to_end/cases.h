// For each operation: which record of the sandbox's world to make, change and remove so that its
// trigger must see it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::end_to_end {

enum class Style {
  several,       // of many records one more appears, changes and goes
  single,        // the one record changes, goes and comes back
  oldest,        // as single, but another record takes the place of the one that goes
  changes_only,  // it can neither come nor go
};

struct Case {
  std::string operation;
  std::string collection;
  json change;                        // merge patch that the trigger must see
  json copied_with = json::object();  // merge patch of the copy that is the new record
  json like = json::object();         // members that the copied record has
  std::string latest_by = {};         // of those, the one with the greatest value here
  Style style = Style::several;
  int copies_before = 0;  // so many more records before the baseline, to fill a page
  // The event's key; empty: the record's id.
  std::function<std::string(const json&)> key = {};
};

const std::vector<Case>& contact_cases();
const std::vector<Case>& calendar_cases();
const std::vector<Case>& conversation_and_sales_cases();
const std::vector<Case>& account_and_other_cases();

std::string id_of(const json& record);

}  // namespace triggerd::end_to_end
