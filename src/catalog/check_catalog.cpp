#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

bool holds(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(name, names);
  return nearest.empty() ? "" : "did you mean `" + nearest + "`?";
}

void check_reference(const ConnectorDraft& draft, const Reference& reference,
                     std::vector<Problem>& problems) {
  const auto add = [&](const std::string& what, std::string hint) {
    problems.push_back(
        {reference.file, reference.place, reference.where + ": " + what, std::move(hint)});
  };
  std::vector<std::string> names;
  const Operation* found = nullptr;
  for (const Operation& operation : draft.connector.operations) {
    names.push_back(operation.name);
    if (operation.name == reference.operation) found = &operation;
  }
  if (found == nullptr) {
    add("`" + reference.operation + "` is not an operation of " + draft.connector.name,
        did_you_mean(reference.operation, names));
    return;
  }
  if (reference.kind && *reference.kind != found->kind) {
    add("`" + reference.operation + "` is not a " +
            (*reference.kind == OperationKind::read ? "read" : "write") + " operation",
        "");
  }
  std::vector<std::string> params;
  for (const Param& param : found->params) params.push_back(param.name);
  for (const std::string& param : reference.params) {
    if (param.empty() || holds(params, param)) continue;
    add("`" + param + "` is not a parameter of " + reference.operation,
        did_you_mean(param, params));
  }
}

void check_account_keys(const ConnectorDraft& draft, std::vector<Problem>& problems) {
  std::vector<std::string> keys;
  for (const AccountKey& key : draft.connector.account_keys) keys.push_back(key.name);
  for (const AccountUse& use : draft.account_uses) {
    if (holds(keys, use.key)) continue;
    problems.push_back({use.file, use.place,
                        use.where + ": `" + use.key + "` is not a key of an account",
                        did_you_mean(use.key, keys)});
  }
}

void check_groups(const ConnectorDraft& draft, std::vector<Problem>& problems) {
  std::vector<std::string> groups;
  for (const RateLimit& limit : draft.connector.limits) {
    if (!limit.group.empty()) groups.push_back(limit.group);
  }
  for (const Reference& use : draft.group_uses) {
    if (holds(groups, use.operation)) continue;
    problems.push_back({use.file, use.place,
                        use.where + ": no limit has the group `" + use.operation + "`",
                        did_you_mean(use.operation, groups)});
  }
}

void compile_programs(const ConnectorDraft& draft, std::vector<Problem>& problems) {
  if (draft.expressions == nullptr) return;
  for (const ExpressionProblem& wrong : draft.expressions->compile()) {
    for (const ProgramUse& use : draft.programs) {
      if (use.id == wrong.id) {
        problems.push_back({use.file, use.place, use.where + ": " + wrong.what, ""});
      }
    }
  }
}

bool record_is_body(const ReadRules& rules) {
  switch (rules.shape) {
    case Shape::value:
      return true;
    case Shape::list:
    case Shape::object:
      return holds(rules.records, "");
    case Shape::map:
    case Shape::text:
    case Shape::binary:
      return false;
  }
  return false;
}

// A rule of the connector that looks into the body is sharper than "this status means absent", so
// it stands before it; rules by status alone stay behind, in the connector's own list.
void lay_in_errors(const Connector& connector, const OperationDraft& beside, Operation& operation) {
  for (const ErrorRule& rule : connector.errors) {
    if (!rule.at.empty()) operation.errors.push_back(rule);
  }
  if (!beside.absent.empty()) {
    operation.errors.push_back({beside.absent, "", {}, {}, ErrorClass::absent});
  }
}

void lay_in_connector(ConnectorDraft& draft) {
  const Connector& connector = draft.connector;
  for (std::size_t i = 0; i < connector.operations.size(); ++i) {
    Operation& operation = draft.connector.operations[i];
    HeaderList headers = connector.headers;
    add_headers(headers, operation.headers);
    operation.headers = std::move(headers);
    lay_in_errors(connector, draft.operations[i], operation);
    if (!operation.read || !record_is_body(*operation.read)) continue;
    for (const std::string& pointer : connector.volatiles) {
      if (!holds(operation.read->volatiles, pointer)) operation.read->volatiles.push_back(pointer);
    }
  }
}

// Each alternative gets a copy of the operation that it asks, with the connector's parts in it.
void lay_in_alternatives(std::vector<Operation>& operations) {
  for (Operation& operation : operations) {
    for (Alternative& other : operation.alternatives) {
      const auto found = std::find_if(operations.begin(), operations.end(),
                                      [&](const auto& one) { return one.name == other.operation; });
      if (found == operations.end()) continue;  // said already
      auto asked = std::make_shared<Operation>(*found);
      asked->alternatives.clear();  // one turn is enough, and it cannot go round
      other.asked = std::move(asked);
    }
  }
}

void check_account_list(const Connector& connector, const std::string& file,
                        std::vector<Problem>& problems) {
  const Operation& list = *connector.account_list;
  const auto add = [&](const std::string& what) {
    problems.push_back({file, {1, 1}, list.name + ".lists_accounts: " + what, ""});
  };
  if (!list.read || list.read->shape != Shape::list) add("is for reads that give a list");
  const auto& keys = connector.account_keys;
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const AccountKey& one) {
    return one.name == list.lists_accounts->key;
  });
  if (key == keys.end() || key->level == TokenLevel::any) {
    add("`key` must be a key of an account that has a level");
  }
  const bool asks =
      std::any_of(connector.auth.begin(), connector.auth.end(),
                  [](const AuthRule& rule) { return rule.kind == AuthKind::derived; });
  if (!asks) add("needs a kind of auth `derived`, by which tokens are asked for");
}

void set_account_list_apart(ConnectorDraft& draft, std::vector<Problem>& problems) {
  std::vector<Operation>& operations = draft.connector.operations;
  const auto list = std::find_if(operations.begin(), operations.end(), [](const Operation& one) {
    return one.lists_accounts.has_value();
  });
  if (list == operations.end()) return;
  draft.connector.account_list = std::move(*list);
  operations.erase(list);
  check_account_list(draft.connector, draft.head_file, problems);
}

}  // namespace

void finish_connector(ConnectorDraft& draft, std::vector<Problem>& problems) {
  if (draft.head_file.empty()) {
    problems.push_back({draft.first_file,
                        {1, 1},
                        "no file of connector " + draft.connector.name + " has `base_url`",
                        ""});
    return;
  }
  for (const Reference& reference : draft.references) check_reference(draft, reference, problems);
  check_account_keys(draft, problems);
  check_groups(draft, problems);
  compile_programs(draft, problems);
  lay_in_connector(draft);
  lay_in_alternatives(draft.connector.operations);
  std::vector<Operation>& operations = draft.connector.operations;
  set_account_list_apart(draft, problems);
  std::sort(operations.begin(), operations.end(),
            [](const Operation& a, const Operation& b) { return a.name < b.name; });
}

}  // namespace triggerd
