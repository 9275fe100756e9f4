// The steps (`do:`) of a trigger.
#include <algorithm>

#include "config/loading.h"

namespace triggerd {
namespace {

constexpr std::size_t kStepsMax = 100;

// One step of the file with what it may refer to.
struct StepReading {
  Loading& loading;
  const Trigger& trigger;
  const YamlNode& node;
  std::string path;
  StepScope scope;
};

std::string own_text(const YamlNode& node, std::string_view key) {
  const YamlNode* found = node.find(key);
  return found != nullptr && found->kind == YamlNode::Kind::scalar ? found->text : std::string{};
}

// The id of each step: as written, else the action's last part, with -2, -3 where that is taken.
std::vector<std::string> name_steps(Loading& loading, const YamlNode& list,
                                    const std::string& path) {
  std::set<std::string> taken;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string id = own_text(list.items[i], "id");
    if (id.empty()) continue;
    const Place place = list.items[i].find("id")->place;
    const std::string step_path = path + "[" + std::to_string(i) + "].id";
    check_name(loading, place, step_path, id);
    if (!taken.insert(id).second) {
      loading.problem(place, step_path + ": there is a step `" + id + "` already");
    }
  }
  std::vector<std::string> ids;
  for (const YamlNode& item : list.items) {
    std::string id = own_text(item, "id");
    if (id.empty()) {
      const std::string action =
          item.find("link") != nullptr ? kLinkAction : own_text(item, "action");
      const std::string name = action.substr(action.rfind('.') + 1);
      id = name;
      for (int n = 2; !taken.insert(id).second; ++n) id = name + "-" + std::to_string(n);
    }
    ids.push_back(std::move(id));
  }
  return ids;
}

// Steps are mostly writes; a read is meant where its name says so.
std::optional<OperationKind> wanted_kind(const std::string& action) {
  const std::string name = action.substr(action.rfind('.') + 1);
  for (const char* verb : {"get", "search", "list", "find", "read", "fetch", "retrieve"}) {
    if (name.starts_with(verb)) return std::nullopt;
  }
  return OperationKind::write;
}

const Operation* find_action(StepReading& reading, Section& section, const std::string& action) {
  const Catalog& catalog = reading.loading.catalog;
  if (catalog.operation(action) == nullptr && action.find('.') == std::string::npos) {
    std::vector<std::string> names;
    for (const BuiltInAction& built_in : built_in_actions()) names.push_back(built_in.name);
    const std::string hint = did_you_mean(action, names);
    if (!hint.empty()) {
      section.problem("action", "there is no action `" + action + "`", hint);
      return nullptr;
    }
  }
  return find_operation(reading.loading, action, section.node("action")->place,
                        section.path_of("action"), wanted_kind(action));
}

void load_action(StepReading& reading, Section& section, Step& step) {
  if (section.has("link") && section.has("action")) {
    section.problem("link", "stands in place of `action`", "write it as a step of its own");
  } else if (section.has("link")) {
    load_link(reading.loading, section, reading.scope, step);
    return;
  } else {
    section.map().required("action");
  }
  const std::optional<std::string> action = section.text("action");
  const YamlNode* with = section.node("with");
  if (with != nullptr && with->kind == YamlNode::Kind::map) {
    step.with = yaml_to_json(*with);
    load_templates(reading.loading, *with, section.path_of("with"), reading.scope);
  }
  if (!action) return;
  step.action = *action;
  const WithPlace place{with, section.node("action")->place, reading.path};
  if (const BuiltInAction* built_in = find_built_in(*action)) {
    if (section.has("account")) {
      section.problem("account", "`" + *action + "` takes no account", "remove it");
    }
    check_built_in(reading.loading, *built_in, place);
    return;
  }
  const Operation* operation = find_action(reading, section, *action);
  if (operation == nullptr) return;
  check_operation_with(reading.loading, *operation, place,
                       load_operation_account(reading.loading, reading.trigger, section, "action",
                                              *operation, step.account));
}

Step load_step(StepReading& reading, const std::string& id) {
  Loading& loading = reading.loading;
  Section section = loading.section(SectionKind::step, reading.node, reading.path);
  Step step;
  step.id = id;
  step.place = reading.node.place;
  section.text("id");
  load_action(reading, section, step);
  step.when = load_expression(loading, section, "when", reading.scope);
  step.each = load_expression(loading, section, "each", reading.scope);
  // Its own answer is what it judges.
  StepScope with_own = reading.scope;
  with_own.earlier.push_back(id);
  step.success_when = load_expression(loading, section, "success_when", with_own);
  step.retry = load_retry(section, loading.default_retry);
  step.continue_on_error = section.choice("on_error").value_or("stop") == "continue";
  step.timeout = section.duration("timeout").value_or(loading.default_timeout);
  if (step.action != kLinkAction) {
    load_confirm(loading, reading.trigger, section, reading.scope, step);
  }
  section.finish();
  return step;
}

// The jq path to a place in a step's answer.
std::string answer_path(const std::string& id, std::string_view pointer) {
  std::string path = ".steps[\"" + id + "\"]";
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    path += "[\"" + std::string(pointer.substr(0, end)) + "\"]";
    pointer.remove_prefix(end);
  }
  return path;
}

// Parameters that are no part of the step's own request: each becomes a step behind it, which has
// its own attempts and key, so that a failure repeats that part alone.
std::vector<Step> take_follow_ups(StepReading& reading, Step& step) {
  std::vector<Step> more;
  const Operation* operation = reading.loading.catalog.operation(step.action);
  if (operation == nullptr) return more;
  for (const Param& param : operation->params) {
    if (!param.then || !step.with.contains(param.name)) continue;
    if (!step.each.empty()) {
      reading.loading.problem(
          step.place, reading.path + ": `" + param.name + "` cannot stand beside `each`",
          "add a step with " + operation->connector + "." + param.then->operation);
    }
    Step after;
    after.id = step.id + "-" + param.name;
    const std::vector<std::string>& all = reading.scope.all;
    if (std::find(all.begin(), all.end(), after.id) != all.end()) {
      reading.loading.problem(step.place,
                              reading.path + ": `" + param.name + "` makes a step `" + after.id +
                                  "`, and there is one already",
                              "give that one another id");
    }
    after.action = operation->connector + "." + param.then->operation;
    after.account = step.account;
    after.retry = step.retry;
    after.continue_on_error = step.continue_on_error;
    after.timeout = step.timeout;
    after.place = step.place;
    after.when = answer_path(step.id, "") + " != null";
    after.with[param.then->param] = step.with[param.name];
    for (const auto& [name, pointer] : param.then->with) {
      after.with[name] = "${{ " + answer_path(step.id, pointer) + " }}";
    }
    step.with.erase(param.name);
    reading.loading.config.expressions->add(after.when);
    (void)JsonTemplate::parse(after.with, *reading.loading.config.expressions);
    more.push_back(std::move(after));
  }
  return more;
}

}  // namespace

std::vector<const Account*> load_operation_account(Loading& loading, const Trigger& trigger,
                                                   Section& section,
                                                   const std::string& operation_key,
                                                   const Operation& operation,
                                                   std::string& chosen) {
  std::vector<const Account*> accounts;
  if (const std::optional<std::string> name = section.text("account")) {
    const Account* account = loading.config.account(*name);
    if (account == nullptr) {
      std::vector<std::string> names;
      for (const auto& [known, value] : loading.config.accounts) names.push_back(known);
      section.problem("account", "there is no account `" + *name + "`", did_you_mean(*name, names));
      return accounts;
    }
    chosen = *name;
    if (account->connector == nullptr) return accounts;
    if (account->connector->name != operation.connector) {
      section.problem("account", "account `" + *name + "` is one of " + account->connector->name +
                                     ", but " + operation.full_name + " needs one of " +
                                     operation.connector);
      return accounts;
    }
    accounts.push_back(account);
    return accounts;
  }
  for (const Account* account : polled_accounts(loading, trigger)) {
    if (account == nullptr || account->connector == nullptr) continue;
    if (account->connector->name != operation.connector) {
      section.map().problem_at(section.node(operation_key)->place,
                               operation.full_name + " needs an account of " + operation.connector +
                                   ", but the trigger polls " + account->connector->name,
                               operation_key == "action" ? "write `account: NAME` in this step"
                                                         : "write `account: NAME` beside it");
      return {};
    }
    accounts.push_back(account);
  }
  return accounts;
}

void load_steps(Loading& loading, Section& section, Trigger& trigger) {
  const YamlNode* list = section.node("do");
  if (list == nullptr) return;
  const std::string path = section.path_of("do");
  const std::vector<std::string> ids = list->kind == YamlNode::Kind::list
                                           ? name_steps(loading, *list, path)
                                           : std::vector<std::string>{};
  if (ids.size() > kStepsMax) {
    section.problem("do", "has more than " + std::to_string(kStepsMax) + " steps");
    return;
  }
  section.each_item("do", [&](std::size_t index, const YamlNode& item) {
    StepReading reading{loading, trigger, item, path + "[" + std::to_string(index) + "]", {}};
    reading.scope.all = ids;
    reading.scope.earlier.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(index));
    Step step = load_step(reading, ids[index]);
    std::vector<Step> more = take_follow_ups(reading, step);
    trigger.steps.push_back(std::move(step));
    for (Step& after : more) trigger.steps.push_back(std::move(after));
  });
}

}  // namespace triggerd
