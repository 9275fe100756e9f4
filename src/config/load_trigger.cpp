// One entry of triggers: of triggers.yaml.
#include <algorithm>

#include "config/loading.h"

namespace triggerd {
namespace {

constexpr std::size_t kNameBytesMax = 100;

const Operation* load_operation(Loading& loading, Section& section) {
  const std::optional<std::string> name = section.text("poll");
  if (!name) return nullptr;
  const Operation* operation = find_operation(loading, *name, section.node("poll")->place,
                                              section.path_of("poll"), OperationKind::read);
  if (operation == nullptr || operation->kind == OperationKind::read) return operation;
  section.problem("poll", "`" + *name + "` writes; only read operations can be polled",
                  "use it as `action:` of a step");
  return nullptr;
}

// `all` leaves out the accounts that cannot be used for the operation.
std::vector<std::string> fitting_accounts(const Loading& loading, const Operation& operation) {
  std::vector<std::string> names;
  for (const auto& [name, account] : loading.config.accounts) {
    if (fits_account(operation, account)) names.push_back(name);
  }
  return names;
}

bool fits_followed(const Loading& loading, const Operation& operation) {
  const auto& followed = loading.config.followed;
  return std::any_of(followed.begin(), followed.end(),
                     [&](const auto& one) { return fits_account(operation, one.second.sample); });
}

// An account by name; adds a problem when there is none, or when it belongs to another connector.
bool check_account(Loading& loading, const Operation* operation, const YamlNode& node,
                   const std::string& path) {
  const Account* account = loading.config.account(node.text);
  if (account == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, known] : loading.config.accounts) names.push_back(name);
    const std::string hint = did_you_mean(node.text, names);
    loading.problem(node.place, path + ": there is no account `" + node.text + "`",
                    node.text == "all" ? "write `accounts: all`, with an s, for every account"
                    : hint.empty()     ? "accounts stand under `accounts:`"
                                       : hint);
    return false;
  }
  if (operation == nullptr || account->connector == nullptr) return false;
  if (account->connector->name == operation->connector) return true;
  loading.problem(node.place, path + ": account `" + node.text + "` is one of " +
                                  account->connector->name + ", but " + operation->full_name +
                                  " needs one of " + operation->connector);
  return false;
}

std::vector<std::string> load_all_accounts(Loading& loading, Section& section,
                                           const Operation* operation) {
  if (operation == nullptr) return {};
  std::vector<std::string> names = fitting_accounts(loading, *operation);
  if (names.empty() && !fits_followed(loading, *operation)) {
    section.problem("accounts", "no account fits " + operation->full_name,
                    "it needs an account of the connector " + operation->connector +
                        (operation->token == TokenLevel::company    ? " with a company's token"
                         : operation->token == TokenLevel::location ? " with a location's token"
                                                                    : ""));
  }
  return names;
}

std::vector<std::string> load_accounts(Loading& loading, Section& section, Trigger& trigger) {
  const Operation* operation = trigger.operation;
  std::vector<std::string> names;
  const bool one = section.has("account"), several = section.has("accounts");
  if (one && several) {
    section.problem("accounts", "`account` and `accounts` cannot stand together");
    return names;
  }
  if (section.has("accounts_from")) {
    if (one || several) {
      section.problem("accounts_from", "stands in place of `account` and `accounts`");
    }
    load_accounts_from(loading, section, trigger);
    return names;
  }
  if (several) {
    const YamlNode& node = *section.node("accounts");
    if (node.kind == YamlNode::Kind::scalar && node.text == "all") {
      trigger.all_accounts = true;
      return load_all_accounts(loading, section, operation);
    }
    for (const YamlNode* item : section.text_nodes("accounts")) {
      if (check_account(loading, operation, *item, section.path_of("accounts"))) {
        names.push_back(item->text);
      }
    }
  } else if (one) {
    if (section.text("account") &&
        check_account(loading, operation, *section.node("account"), section.path_of("account"))) {
      names.push_back(section.node("account")->text);
    }
  } else if (!loading.default_account.empty()) {
    YamlNode node;
    node.text = loading.default_account;
    node.place = section.map().here().place;
    if (check_account(loading, operation, node, section.path_of("account"))) {
      names.push_back(node.text);
    }
  } else if (section.map().here().kind == YamlNode::Kind::map) {
    section.map().problem_at(section.map().here().place, "`account` is missing",
                             "write `account: NAME`, `accounts: [A, B]` or `accounts: all`");
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// `labels` narrows what `accounts: all` and `accounts_from` take.
void choose_by_labels(Loading& loading, Section& section, Trigger& trigger) {
  if (!section.has("labels")) return;
  load_labels(loading, section, trigger.labels);
  if (!trigger.all_accounts && !section.has("accounts_from")) {
    section.problem("labels", "chooses among `accounts: all` or `accounts_from`",
                    "write `accounts: all` beside it");
    return;
  }
  const bool some = !trigger.accounts.empty();
  std::erase_if(trigger.accounts, [&](const std::string& name) {
    return !has_labels(*loading.config.account(name), trigger.labels);
  });
  if (some && trigger.accounts.empty() && loading.config.followed.empty()) {
    section.problem("labels", "no account has these labels");
  }
}

void load_formerly(Loading& loading, Section& section, Trigger& trigger) {
  const std::optional<std::string> formerly = section.text("formerly");
  if (!formerly) return;
  trigger.formerly = *formerly;
  if (loading.trigger_ids.contains(*formerly)) {
    section.problem("formerly", *formerly == trigger.id
                                    ? "names this trigger itself"
                                    : "the trigger `" + *formerly + "` still exists");
  }
  for (const Trigger& other : loading.config.triggers) {
    if (other.formerly != *formerly) continue;
    section.problem("formerly", "`" + other.id + "` was formerly `" + *formerly + "` too");
  }
}

void load_switches(Loading& loading, Section& section, Trigger& trigger) {
  const std::string priority = section.choice("priority").value_or("normal");
  trigger.priority = priority == "low"    ? Priority::low
                     : priority == "high" ? Priority::high
                                          : Priority::normal;
  const std::string ordering = section.choice("ordering").value_or("record");
  trigger.ordering = ordering == "none" ? Ordering::none : Ordering::record;
  const std::string on_change = section.choice("on_change").value_or("");
  trigger.on_change = on_change == "keep"         ? OnChange::keep
                      : on_change == "rebaseline" ? OnChange::rebaseline
                                                  : OnChange::refuse;
  trigger.suppress_echo = section.choice("echo").value_or("suppress") == "suppress";
  trigger.enabled = section.boolean("enabled").value_or(true);
  load_formerly(loading, section, trigger);
}

}  // namespace

bool check_name(Loading& loading, Place place, const std::string& path, const std::string& name) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bool sound = !name.empty() && name.size() <= kNameBytesMax &&
                     kLetters.find(name.front()) != std::string_view::npos &&
                     name.find_first_not_of(std::string(kLetters) + "_-.") == std::string::npos;
  if (!sound) {
    loading.problem(place, path +
                               ": a name is 1 to 100 of A-Z, a-z, 0-9, `-`, `_` and `.`, and "
                               "begins with a letter or digit");
  }
  return sound;
}

const Operation* find_operation(Loading& loading, const std::string& name, Place place,
                                const std::string& path, std::optional<OperationKind> kind) {
  const Operation* operation = loading.catalog.operation(name);
  if (operation != nullptr) return operation;
  std::vector<std::string> names = loading.catalog.operation_names();
  // A read is no stand-in for a write, nor the other way round.
  std::erase_if(names, [&](const std::string& known) {
    return kind && loading.catalog.operation(known)->kind != *kind;
  });
  std::string nearest = nearest_name(name, names);
  if (nearest.empty() && name.find('.') == std::string::npos) {
    // The connector's name was left out: search_contacts.
    std::vector<std::string> short_names;
    for (const std::string& full : names) short_names.push_back(full.substr(full.find('.') + 1));
    const std::string near_short = nearest_name(name, short_names);
    for (const std::string& full : names) {
      if (!near_short.empty() && full.ends_with("." + near_short)) nearest = full;
    }
  }
  const bool write = kind == OperationKind::write;
  const std::string listing = write ? "`triggerd catalog` lists all operations; not every write of "
                                      "an app is part of this version"
                                    : "`triggerd catalog` lists them";
  loading.problem(place, path + ": there is no operation `" + name + "`",
                  nearest.empty() ? listing : "did you mean `" + nearest + "`?");
  return nullptr;
}

void load_trigger(Loading& loading, const std::string& id, const YamlNode& key,
                  const YamlNode& value) {
  const std::string path = "triggers." + id;
  check_name(loading, key.place, path, id);
  Section section = loading.section(SectionKind::trigger, value, path);
  Trigger trigger;
  trigger.id = id;
  trigger.place = key.place;
  trigger.operation = load_operation(loading, section);
  trigger.accounts = load_accounts(loading, section, trigger);
  choose_by_labels(loading, section, trigger);
  trigger.every = section.duration("every").value_or(loading.default_every);
  load_detection(loading, section, trigger);
  const bool params_sound = load_params(loading, section, trigger);
  load_for_each(loading, section, trigger);
  load_switches(loading, section, trigger);
  load_steps(loading, section, trigger);
  section.finish();
  loading.config.triggers.push_back(std::move(trigger));
  loading.open_triggers.push_back({&value, path, params_sound});
}

}  // namespace triggerd
