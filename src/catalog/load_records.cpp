// `records` and `where` of a read: which parts of an answer are its records.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

std::vector<std::string> tokens_of(const std::string& pointer) {
  std::vector<std::string> tokens;
  for (std::size_t at = pointer.find('/'); at != std::string::npos;) {
    const std::size_t next = pointer.find('/', at + 1);
    tokens.push_back(pointer.substr(at + 1, next == std::string::npos ? next : next - at - 1));
    at = next;
  }
  return tokens;
}

// The names in `{...}` of a token.
std::vector<std::string> names_in(const std::string& token) {
  std::vector<std::string> names;
  for (std::size_t open = token.find('{'); open != std::string::npos;
       open = token.find('{', open + 1)) {
    const std::size_t close = token.find('}', open);
    if (close == std::string::npos) break;
    names.push_back(token.substr(open + 1, close - open - 1));
  }
  return names;
}

void load_condition(YamlMap& map, ReadRules& rules) {
  RecordCondition condition;
  map.required("at");
  condition.at = load_pointer(map, "at");
  condition.equals = map.texts("equals").value_or(std::vector<std::string>{});
  condition.unless = map.texts("not").value_or(std::vector<std::string>{});
  condition.given = map.boolean("given");
  map.finish();
  if (condition.equals.empty() && condition.unless.empty() && !condition.given) {
    map.problem("at", "a condition needs `equals`, `not` or `given`");
  }
  rules.where.push_back(std::move(condition));
}

}  // namespace

void load_record_pointers(YamlMap& read, Operation& operation) {
  ReadRules& rules = *operation.read;
  rules.records = load_pointers(read, "records");
  if (rules.records.empty()) rules.records = {""};
  for (const std::string& pointer : rules.records) {
    const std::vector<std::string> tokens = tokens_of(pointer);
    const auto stars = std::count(tokens.begin(), tokens.end(), "*");
    if (stars > 1) read.problem("records", "`*` can stand in a pointer once");
    if (stars > 0 && rules.shape != Shape::list) {
      read.problem("records", "`*` is for shape list alone");
    }
    for (const std::string& token : tokens) {
      for (const std::string& name : names_in(token)) {
        known_param(read, read.node("records")->place, name, operation);
      }
    }
  }
}

void load_where(YamlMap& read, ReadRules& rules) {
  const YamlNode* node = read.node("where");
  if (node == nullptr) return;
  const std::string path = read.path_of("where");
  if (node->kind == YamlNode::Kind::map) {
    YamlMap map(read.document(), *node, path, read.problems());
    load_condition(map, rules);
    return;
  }
  read.each_item("where", [&](std::size_t index, const YamlNode& item) {
    YamlMap map(read.document(), item, path + "[" + std::to_string(index) + "]", read.problems());
    load_condition(map, rules);
  });
}

}  // namespace triggerd
