// Values for an operation's parameters, from `params`, `for_each` or a step's `with`.
#include <algorithm>

#include "config/loading.h"
#include "triggerd/catalog/request.h"

namespace triggerd {
namespace {

std::string level_name(TokenLevel level) {
  switch (level) {
    case TokenLevel::any:
      return "any";
    case TokenLevel::location:
      return "location";
    case TokenLevel::company:
      return "company (agency)";
  }
  return {};
}

bool levels_fit(const Operation& operation, const GivenParams& given) {
  return std::all_of(given.accounts.begin(), given.accounts.end(), [&](const Account* account) {
    return operation.token == TokenLevel::any || account->level == TokenLevel::any ||
           account->level == operation.token;
  });
}

// Whether the accounts fill a parameter; names the first one that cannot.
bool is_filled(const Param& param, const GivenParams& given, std::string& lacking) {
  if (param.from_account.empty() || given.accounts.empty()) return false;
  for (const Account* account : given.accounts) {
    if (account->keys.contains(param.from_account)) continue;
    lacking = account->name;
    return false;
  }
  return true;
}

// Where a parameter that only the user can give comes from.
std::string missing_hint(const Operation& operation, const Param& param) {
  if (operation.kind == OperationKind::write) return "give it under `with:`";
  if (param.fan_out.empty()) return "give it under `params:`";
  const std::string& source = param.fan_out.front().operation;
  const std::string full =
      source.find('.') != std::string::npos ? source : operation.connector + "." + source;
  return "give one under `params:`, or poll it for each of many: `for_each: {" + param.name +
         ": TRIGGER}`, where TRIGGER polls " + full;
}

std::vector<std::string> open_names(const Operation& operation) {
  std::vector<std::string> names;
  for (const Param& param : operation.params) {
    if (!param.hidden) names.push_back(param.name);
  }
  return names;
}

}  // namespace

const Param* find_given_param(Loading& loading, const Operation& operation,
                              const GivenParam& given) {
  const std::string path = given.path + "." + given.name;
  const Param* param = operation.find_param(given.name);
  if (param == nullptr) {
    const std::vector<std::string> names = open_names(operation);
    const std::string hint = did_you_mean(given.name, names);
    loading.problem(given.key->place,
                    path + ": " + operation.full_name + " has no parameter `" + given.name + "`",
                    !hint.empty()   ? hint
                    : names.empty() ? "it has none"
                                    : "it has " + listed(names));
    return nullptr;
  }
  if (param->hidden) {
    loading.problem(given.key->place, path + ": is set by triggerd, which walks the pages itself",
                    "remove it");
    return nullptr;
  }
  return param;
}

bool check_given_param(Loading& loading, const Operation& operation, const GivenParam& given,
                       bool templates_allowed) {
  const Param* param = find_given_param(loading, operation, given);
  if (param == nullptr) return false;
  const std::string path = given.path + "." + given.name;
  if (given.value->kind == YamlNode::Kind::null && param->nullable && templates_allowed)
    return true;
  if (given.value->kind == YamlNode::Kind::null) {
    loading.problem(given.value->place, path + ": is empty", "give a value, or leave the key out");
    return false;
  }
  nlohmann::json value = yaml_to_json(*given.value);
  if (holds_template(value)) {
    if (templates_allowed) return true;
    loading.problem(given.value->place, path + ": an expression cannot stand here",
                    "values of a poll are fixed; `for_each` varies them");
    return false;
  }
  if (!templates_allowed) {
    auto resolved = resolve_secrets(value, loading.sources);
    if (!resolved) {
      loading.problem(given.value->place, path + ": " + resolved.error(),
                      secret_hint(value.is_string() ? value.get<std::string>() : ""));
      return false;
    }
    value = std::move(*resolved);
  }
  const std::string fault = check_param_value(*param, value);
  if (fault.empty()) return true;
  loading.problem(given.value->place, path + ": " + fault);
  return false;
}

void check_required_params(Loading& loading, const Operation& operation, const GivenParams& given) {
  for (const Param& param : operation.params) {
    if (!param.required || param.hidden || !param.fallback.is_null()) continue;
    // The page size is asked for by the walk itself.
    const bool by_walk = operation.read && operation.read->paging.size > 0 &&
                         operation.read->paging.size_param == param.name;
    if (by_walk) continue;
    std::string lacking;
    if (given.names.contains(param.name) || is_filled(param, given, lacking)) continue;
    if (!param.from_account.empty() && (given.accounts.empty() || !levels_fit(operation, given))) {
      continue;  // said already
    }
    loading.problem(
        given.place,
        given.path + ": " + operation.full_name + " needs the parameter `" + param.name + "`",
        lacking.empty()
            ? missing_hint(operation, param)
            : "give it, or add `" + param.from_account + "` to the account `" + lacking + "`");
  }
  if (operation.one_of.empty()) return;
  for (const std::string& name : operation.one_of) {
    std::string lacking;
    const Param* param = operation.find_param(name);
    if (given.names.contains(name)) return;
    if (param != nullptr && is_filled(*param, given, lacking)) return;
  }
  loading.problem(given.place, given.path + ": " + operation.full_name + " needs one of " +
                                   listed(operation.one_of));
}

void check_token_levels(Loading& loading, const Operation& operation, const GivenParams& given) {
  if (operation.token == TokenLevel::any) return;
  for (const Account* account : given.accounts) {
    if (account->level == TokenLevel::any || account->level == operation.token) continue;
    std::vector<std::string> fitting;
    for (const auto& [name, other] : loading.config.accounts) {
      if (other.connector != nullptr && other.connector->name == operation.connector &&
          other.level == operation.token) {
        fitting.push_back(name);
      }
    }
    loading.problem(
        given.place,
        given.path + ": " + operation.full_name + " needs a " + level_name(operation.token) +
            " token, but account `" + account->name + "` is a " + level_name(account->level) +
            " account",
        fitting.empty() ? "add an account of that level" : "accounts that fit: " + listed(fitting));
  }
}

}  // namespace triggerd
