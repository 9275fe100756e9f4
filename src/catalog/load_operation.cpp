#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// `request: POST /contacts/search`
void load_request(YamlMap& map, Operation& operation) {
  if (map.required("request") == nullptr) return;
  const std::string text = map.text("request").value_or("GET /");
  const std::size_t space = text.find(' ');
  operation.method = text.substr(0, space);
  operation.path = space == std::string::npos ? "" : text.substr(space + 1);
  const std::vector<std::string> methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  if (std::find(methods.begin(), methods.end(), operation.method) == methods.end()) {
    const std::string nearest = nearest_name(operation.method, methods);
    map.problem("request", "`" + operation.method + "` is not GET, POST, PUT, PATCH or DELETE",
                nearest.empty() ? "write it as `GET /path`" : "did you mean `" + nearest + "`?");
  }
  if (!operation.path.starts_with('/') || operation.path.starts_with("//")) {
    map.problem("request", "the path must begin with one slash", "write it as `GET /path`");
  }
  const std::string segments = operation.path + "/";
  if (segments.find("/../") != std::string::npos || segments.find("/./") != std::string::npos) {
    map.problem("request", "the path must not hold the segments `.` and `..`");
  }
  if (operation.path.find_first_of("?# \\") != std::string::npos) {
    map.problem("request", "the path must not hold a query, a fragment or blanks",
                "parameters go under `params:`");
  }
}

void load_kind(YamlMap& map, Operation& operation, OperationDraft& beside, ConnectorDraft& draft) {
  const bool reads = map.has("read");
  const bool writes = map.has("write");
  if (reads == writes) {
    map.problem_at(map.here().place, reads ? "has both `read` and `write`; it must be one of them"
                                           : "needs `read:` or `write:`");
    return;
  }
  operation.kind = reads ? OperationKind::read : OperationKind::write;
  if (reads) {
    load_read(map, operation, beside, draft);
  } else {
    load_write(map, operation, beside, draft);
  }
}

void load_account_list(YamlMap& map, Operation& operation) {
  const YamlNode* node = map.node("lists_accounts");
  if (node == nullptr) return;
  YamlMap list(map.document(), *node, map.path_of("lists_accounts"), map.problems());
  list.required("key");
  AccountList& rules = operation.lists_accounts.emplace();
  rules.key = list.text("key").value_or("");
  rules.name_at = load_pointer(list, "name");
  rules.used_at = load_pointer(list, "used");
  list.finish();
}

void load_operation(YamlMap& map, const FileDefaults& defaults, Operation& operation,
                    ConnectorDraft& draft) {
  OperationDraft beside{map.document().file, {}};
  operation.title = map.text("title").value_or(operation.name);
  operation.description = map.text("about").value_or("");
  operation.category = map.text("category").value_or(defaults.category);
  operation.source = map.text("source").value_or(defaults.source);
  operation.deprecated = map.boolean("deprecated").value_or(false);
  operation.confirmed = map.boolean("confirmed").value_or(true);
  operation.token = load_token_level(map, "token", defaults.token);
  operation.scopes = map.texts("scopes").value_or(defaults.scopes);
  operation.headers = defaults.headers;
  add_headers(operation.headers, load_headers(map));
  if (const YamlNode* group = map.node("limit_group")) {
    operation.limit_group = map.text("limit_group").value_or("");
    draft.group_uses.push_back(
        {map.document().file, group->place, map.path_of("limit_group"), operation.limit_group, {}});
  }
  load_request(map, operation);
  load_body(map, operation);
  load_params(map, operation, draft);
  load_alternatives(map, operation, draft);
  operation.errors = load_errors(map);
  load_kind(map, operation, beside, draft);
  load_account_list(map, operation);
  map.finish();
  draft.operations.push_back(std::move(beside));
}

}  // namespace

void load_operations(YamlMap& root, const FileDefaults& defaults, ConnectorDraft& draft) {
  std::vector<Operation>& operations = draft.connector.operations;
  draft.enums = defaults.enums;
  root.each("operations", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    if (!is_name(name)) {
      root.problem_at(key.place, "`" + name + "` is not a name of an operation",
                      "names are of a-z, 0-9 and _, and begin with a letter");
    }
    const auto known = std::find_if(operations.begin(), operations.end(),
                                    [&](const Operation& other) { return other.name == name; });
    if (known != operations.end()) {
      const auto index = static_cast<std::size_t>(known - operations.begin());
      root.problem_at(key.place,
                      "`" + name + "` is already described in " + draft.operations[index].file);
    }
    Operation operation;
    operation.name = name;
    operation.connector = draft.connector.name;
    operation.full_name = draft.connector.name + "." + name;
    YamlMap map(root.document(), value, name, root.problems());
    load_operation(map, defaults, operation, draft);
    operations.push_back(std::move(operation));
  });
}

}  // namespace triggerd
