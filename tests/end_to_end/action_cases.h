// For each write: the step of a trigger that makes it, and what the sandbox's world and the user
// see of it. Read by every_action_test.cpp; one file of cases (action_cases_*.cpp) per part of the
// API.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::end_to_end {

// In `with`, `expect` and `answer` a text such as "@contacts/0" stands for the id of the first
// record of that collection (in the order of GET /control/record), "@contacts/0/email" for a member
// of it, both as they are after `prepare`.
struct ActionCase {
  std::string operation;         // "create_contact"
  json with = json::object();    // values of the step
  std::string missing = {};      // a required one: `check` refuses the step without it
  std::string collection = {};   // where the effect shows; empty: it has none
  std::string op = {};           // create, update or delete
  json expect = json::object();  // members of the record after it; before it for a delete
  json answer = json::object();  // members that `.steps.ID` has
  bool repeatable = true;        // whether repeating it does no harm
  std::function<void(const Sandbox&)> prepare = {};
  std::string account = "location";  // or "agency": the level of the step's account
  std::string served = {};           // the sandbox's name of the operation, where it is another
  int effects = 1;                   // how many records have the effect
};

const std::vector<ActionCase>& contact_actions();
const std::vector<ActionCase>& calendar_actions();
const std::vector<ActionCase>& other_actions();
// A part of the last.
void add_record_actions(std::vector<ActionCase>& all);

}  // namespace triggerd::end_to_end
