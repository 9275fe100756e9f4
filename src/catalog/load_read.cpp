#include <nlohmann/json.hpp>
#include <regex>

#include "catalog/load.h"
#include "triggerd/catalog/request.h"

namespace triggerd {
namespace {

Shape load_shape(YamlMap& map) {
  const std::string name =
      map.choice("shape", {"list", "object", "map", "value", "text", "binary"}).value_or("list");
  if (name == "object") return Shape::object;
  if (name == "map") return Shape::map;
  if (name == "value") return Shape::value;
  if (name == "text") return Shape::text;
  return name == "binary" ? Shape::binary : Shape::list;
}

// The alternatives of `id: [/_id, /id, [/resourceType, /name]]`.
IdRule load_id_list(YamlMap& map, const YamlNode& list) {
  IdRule rule;
  for (const YamlNode& item : list.items) {
    const YamlNode key{YamlNode::Kind::scalar, item.place, "id", false, {}, {}};
    const YamlNode holder{YamlNode::Kind::map, item.place, {}, false, {}, {{key, item}}};
    YamlMap one(map.document(), holder, map.path(), map.problems());
    rule.alternatives.push_back(load_pointers(one, "id"));
  }
  return rule;
}

IdRule load_id(YamlMap& map, Operation& operation) {
  const YamlNode* node = map.required("id");
  if (node == nullptr) return {};
  if (node->kind == YamlNode::Kind::list) return load_id_list(map, *node);
  if (node->kind != YamlNode::Kind::map) return {{{load_pointer(map, "id")}}, {}};
  YamlMap by_param(map.document(), *node, map.path_of("id"), map.problems());
  by_param.required("param");
  const Param* param = load_param_name(by_param, "param", operation);
  by_param.finish();
  return {{}, param == nullptr ? "" : param->name};
}

void load_map_shape(YamlMap& map, ReadRules& rules) {
  map.required("entry_key");
  map.required("members");
  rules.entry_key = map.text("entry_key").value_or("");
  rules.members = load_pointer(map, "members");
  try {
    const std::regex checked(rules.entry_key);
  } catch (const std::regex_error&) {
    map.problem("entry_key", "`" + rules.entry_key + "` is not a regular expression");
  }
}

// What must be there of a place: of `/groups/*/items` it is `/groups`.
std::string sure_part(const std::string& pointer) {
  const std::size_t cut = std::min((pointer + "/").find("/*/"), pointer.find("/{"));
  return pointer.substr(0, cut);
}

void load_records(YamlMap& map, Operation& operation) {
  ReadRules& rules = *operation.read;
  load_record_pointers(map, operation);
  const bool cut = rules.shape == Shape::list || rules.shape == Shape::object;
  if (!cut && map.has("records")) map.problem("records", "is for shapes list and object alone");
  if (map.has("require")) {
    rules.required = load_pointers(map, "require");
  } else if (cut && rules.records.size() == 1 && !sure_part(rules.records.front()).empty()) {
    // `{}` or an error page with status 200 must not pass for an empty list or an absent record.
    rules.required = {sure_part(rules.records.front())};
  }
}

void load_absent(YamlMap& map, const ReadRules& rules, OperationDraft& beside) {
  if (map.has("absent")) {
    beside.absent = load_statuses(map, "absent");
  } else if (rules.shape != Shape::list && rules.shape != Shape::map) {
    beside.absent = {404};
  }
}

void load_confirm(YamlMap& map, ReadRules& rules, ConnectorDraft& draft) {
  const YamlNode* node = map.node("confirm");
  if (node == nullptr) return;
  YamlMap entry(map.document(), *node, map.path_of("confirm"), map.problems());
  const YamlNode* name = entry.required("operation");
  entry.required("param");
  ConfirmRead confirm{entry.text("operation").value_or(""), entry.text("param").value_or("")};
  entry.finish();
  if (name != nullptr) {
    draft.references.push_back({map.document().file,
                                name->place,
                                map.path_of("confirm"),
                                confirm.operation,
                                {confirm.param}});
  }
  rules.confirm = std::move(confirm);
}

// The values with which a write that is otherwise safe to repeat is not.
nlohmann::json load_unsafe_with(YamlMap& map, Operation& operation) {
  nlohmann::json values = nlohmann::json::object();
  map.each("unsafe_with", [&](const std::string& name, const YamlNode& key, const YamlNode& node) {
    const Param* param = known_param(map, key.place, name, operation);
    if (param == nullptr) return;
    values[name] = yaml_to_json(node);
    const std::string wrong = check_param_value(*param, values[name]);
    if (!wrong.empty()) map.problem_at(node.place, "unsafe_with." + name + ": " + wrong);
  });
  if (map.has("unsafe_with") && !operation.write->retry_safe) {
    map.problem("unsafe_with", "needs `retry_safe: true`: without it nothing is repeated anyway");
  }
  return values;
}

// `record: {of: [get_contact], at: /contact}`
void load_touched(YamlMap& write, Operation& operation, ConnectorDraft& draft) {
  const YamlNode* node = write.node("record");
  if (node == nullptr) return;
  YamlMap map(write.document(), *node, write.path_of("record"), write.problems());
  TouchedRecord& touched = operation.write->record.emplace();
  map.required("of");
  for (const std::string& name : map.texts("of").value_or(std::vector<std::string>{})) {
    touched.of.push_back(draft.connector.name + "." + name);
    draft.references.push_back(
        {map.document().file, map.node("of")->place, map.path_of("of"), name, {}});
  }
  if (const Param* param = load_param_name(map, "param", operation)) touched.param = param->name;
  touched.at = load_pointer(map, "at");
  touched.id = map.has("id") ? load_pointer(map, "id") : "/id";
  touched.made_at = load_pointer(map, "made_at");
  touched.removes = map.boolean("removes").value_or(false);
  map.finish();
}

}  // namespace

void load_read(YamlMap& entry, Operation& operation, OperationDraft& beside,
               ConnectorDraft& draft) {
  YamlMap map(entry.document(), *entry.node("read"), entry.path_of("read"), entry.problems());
  ReadRules& rules = operation.read.emplace();
  rules.shape = load_shape(map);
  if (rules.shape == Shape::map) load_map_shape(map, rules);
  load_records(map, operation);
  load_where(map, rules);
  load_absent(map, rules, beside);
  rules.id = load_id(map, operation);
  rules.gone = load_pointer(map, "gone");
  rules.updated = load_stamp(map, "updated");
  rules.created = load_stamp(map, "created");
  rules.volatiles = load_pointers(map, "volatile");
  rules.unordered = load_pointers(map, "unordered");
  rules.remember = load_pointers(map, "remember");
  rules.location_echo = load_pointer(map, "location_echo");
  rules.conditional = map.boolean("conditional").value_or(true);
  load_paging(map, operation, draft);
  load_since(map, operation);
  load_window(map, operation);
  load_confirm(map, rules, draft);
  map.finish();
  if (map.has("gone") && rules.shape != Shape::list && rules.shape != Shape::object) {
    map.problem("gone", "is for shapes list and object alone");
  }
  if (rules.shape == Shape::list) return;
  if (map.has("where") && rules.shape != Shape::object) {
    map.problem("where", "is for shapes list and object alone");
  }
  for (const char* key : {"paging", "since", "confirm"}) {
    if (map.has(key)) map.problem(key, "is for shape list alone");
  }
}

void load_write(YamlMap& entry, Operation& operation, OperationDraft& beside,
                ConnectorDraft& draft) {
  YamlMap map(entry.document(), *entry.node("write"), entry.path_of("write"), entry.problems());
  WriteRules& rules = operation.write.emplace();
  rules.retry_safe = map.boolean("retry_safe").value_or(false);
  rules.unsafe_with = load_unsafe_with(map, operation);
  rules.idempotency_header = map.text("idempotency_header").value_or("");
  rules.success_at = load_pointer(map, "success_at");
  rules.result = load_pointers(map, "result");
  beside.absent = load_statuses(map, "absent");
  load_touched(map, operation, draft);
  map.finish();
}

}  // namespace triggerd
