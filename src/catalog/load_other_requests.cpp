// Parameters that lead to other operations: `alternatives` of an operation, `then` of a parameter.
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

std::vector<std::string> names_of(const nlohmann::json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

}  // namespace

void load_alternatives(YamlMap& entry, Operation& operation, ConnectorDraft& draft) {
  entry.each_item("alternatives", [&](std::size_t index, const YamlNode& item) {
    const std::string path = entry.path_of("alternatives") + "[" + std::to_string(index) + "]";
    YamlMap map(entry.document(), item, path, entry.problems());
    map.required("param");
    const YamlNode* name = map.required("operation");
    Alternative other;
    if (const Param* param = load_param_name(map, "param", operation)) other.param = param->name;
    other.operation = map.text("operation").value_or("");
    other.with = map.json("with").value_or(nlohmann::json::object());
    map.finish();
    if (!other.with.is_object()) {
      map.problem("with", "must be a map");
      other.with = nlohmann::json::object();
    }
    if (name != nullptr) {
      std::vector<std::string> params = names_of(other.with);
      params.push_back(other.param);
      draft.references.push_back({map.document().file, name->place, path, other.operation,
                                  std::move(params), std::nullopt});
    }
    operation.alternatives.push_back(std::move(other));
  });
}

void load_follow_up(YamlMap& param, Param& to, ConnectorDraft& draft) {
  const YamlNode* node = param.node("then");
  if (node == nullptr) return;
  YamlMap map(param.document(), *node, param.path_of("then"), param.problems());
  const YamlNode* name = map.required("operation");
  map.required("param");
  FollowUp then{map.text("operation").value_or(""), map.text("param").value_or(""), {}};
  map.each("with", [&](const std::string& key, const YamlNode&, const YamlNode& value) {
    if (value.kind != YamlNode::Kind::scalar || !value.text.starts_with('/')) {
      map.problem_at(value.place,
                     "with." + key + ": must be a pointer into the answer, such as /contact/id");
      return;
    }
    then.with.emplace_back(key, value.text);
  });
  map.finish();
  if (to.required) param.problem("then", "is for parameters that are not required");
  if (name != nullptr) {
    std::vector<std::string> params{then.param};
    for (const auto& [key, pointer] : then.with) params.push_back(key);
    draft.references.push_back({map.document().file, name->place, map.path(), then.operation,
                                std::move(params), OperationKind::write});
  }
  to.then = std::move(then);
}

}  // namespace triggerd
