// Every key that may stand in triggers.yaml: its type, bounds, choices and a sentence for editors.
// The one table behind both the checker (section.h) and the JSON Schema (json_schema.cpp), so they
// cannot differ. Constant after start; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triggerd {

// The maps of the file that have fixed keys.
enum class SectionKind {
  root,
  engine,
  retention,
  account,
  defaults,
  trigger,
  transition,
  step,
  retry,
  confirm,
  link,
  oauth,
  follow,
  agency,
  reconcile,
  reconcile_side,
  reconcile_do,
  webhook,
  exec,
  file,
  log,
};

enum class KeyType {
  text,
  integer,
  boolean,
  duration,
  choice,      // one of `choices`
  choices,     // one of them or a list
  texts,       // a text or a list of texts
  pointer,     // JSON pointer
  pointers,    // one or a list
  expression,  // jq
  any,
  open_map,        // a map whose keys are free here (params, with, headers)
  section,         // a map with the keys of `section`
  named_sections,  // name -> section
  section_list,    // a list of sections
};

struct KeyRule {
  std::string name;
  KeyType type = KeyType::text;
  std::string about;
  bool required = false;
  bool available = true;  // false: part of the language, but not of this version
  std::vector<std::string> choices = {};
  std::optional<std::int64_t> minimum = {},
                              maximum = {};  // of integers; of durations in milliseconds
  SectionKind section = SectionKind::root;   // of the last three types
};

const std::vector<KeyRule>& rules_of(SectionKind kind);

// The actions that need no connector, and the section of their `with`.
struct BuiltInAction {
  std::string name;
  SectionKind with = SectionKind::root;
};
const std::vector<BuiltInAction>& built_in_actions();
const BuiltInAction* find_built_in(const std::string& action);

}  // namespace triggerd
