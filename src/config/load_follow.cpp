// accounts_from: of triggers.yaml and of its triggers: an agency whose locations become accounts.
#include <algorithm>

#include "config/loading.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {
namespace {

const AuthRule* derived_rule(const Connector& connector) {
  for (const AuthRule& rule : connector.auth) {
    if (rule.kind == AuthKind::derived) return &rule;
  }
  return nullptr;
}

// Why the account cannot be followed; empty: it can.
std::string why_not(const Account& agency) {
  if (agency.connector == nullptr || agency.auth == nullptr) return "has problems of its own";
  const Connector& connector = *agency.connector;
  if (!connector.account_list || derived_rule(connector) == nullptr) {
    return "is one of " + connector.name + ", whose accounts cannot be listed";
  }
  const TokenLevel needed = connector.account_list->token;
  if (agency.sign_in == nullptr || agency.auth->kind == AuthKind::derived ||
      (needed != TokenLevel::any && agency.level != needed)) {
    return "cannot ask for tokens of other accounts: it must be an agency that signs in by OAuth";
  }
  return {};
}

// What the accounts that are found have in common.
Account sample_of(const Account& agency) {
  const Connector& connector = *agency.connector;
  const std::string& key = connector.account_list->lists_accounts->key;
  Account sample;
  sample.name = agency.name + ".*";
  sample.connector = &connector;
  sample.auth = derived_rule(connector);
  sample.keys = agency.keys;
  sample.keys[key] = "";
  sample.base_url = agency.base_url;
  for (const AccountKey& one : connector.account_keys) {
    if (one.name == key) sample.level = one.level;
    // It belongs to the agency's credentials.
    if (!one.start_of.empty()) sample.keys.erase(one.name);
  }
  sample.sign_in = std::make_shared<SignIn>();
  sample.sign_in->request = *sample.auth->token;
  sample.sign_in->agency = agency.name;
  sample.labels["agency"] = agency.name;
  sample.place = agency.place;
  return sample;
}

// The agency that a section names, once it can be followed; null after a problem.
FollowedAgency* follow(Loading& loading, Section& section) {
  const std::optional<std::string> name = section.text("agency");
  if (!name) return nullptr;
  const Account* agency = loading.config.account(*name);
  if (agency == nullptr) {
    std::vector<std::string> names;
    for (const auto& [known, account] : loading.config.accounts) names.push_back(known);
    section.problem("agency", "there is no account `" + *name + "`", did_you_mean(*name, names));
    return nullptr;
  }
  const std::string fault = why_not(*agency);
  if (!fault.empty()) {
    section.problem("agency", "account `" + *name + "` " + fault);
    return nullptr;
  }
  const Operation& list = *agency->connector->account_list;
  for (const Param& param : list.params) {
    if (!param.required || param.from_account.empty()) continue;
    if (agency->keys.contains(param.from_account)) continue;
    section.problem("agency", "account `" + *name + "` has no `" + param.from_account +
                                  "`, by which its accounts are listed");
    return nullptr;
  }
  const auto [followed, added] = loading.config.followed.try_emplace(*name);
  if (added) followed->second.sample = sample_of(*agency);
  return &followed->second;
}

}  // namespace

void load_follow(Loading& loading, Section& root) {
  std::optional<Section> section = root.section("accounts_from");
  if (!section) return;
  FollowedAgency* followed = follow(loading, *section);
  const std::optional<Millis> every = section->duration("every");
  std::map<std::string, std::string> labels;
  load_labels(loading, *section, labels);
  if (followed != nullptr) {
    followed->every = every.value_or(followed->every);
    labels.merge(followed->sample.labels);
    followed->sample.labels = std::move(labels);
  }
  section->finish();
}

void load_accounts_from(Loading& loading, Section& section, Trigger& trigger) {
  std::optional<Section> from = section.section("accounts_from");
  if (!from) return;
  if (const FollowedAgency* followed = follow(loading, *from)) {
    trigger.accounts_from = followed->sample.sign_in->agency;
    if (trigger.operation != nullptr &&
        trigger.operation->connector != followed->sample.connector->name) {
      from->problem("agency", "`" + trigger.accounts_from + "` is one of " +
                                  followed->sample.connector->name + ", but " +
                                  trigger.operation->full_name + " needs one of " +
                                  trigger.operation->connector);
    }
  }
  from->finish();
}

std::vector<const Account*> polled_accounts(const Loading& loading, const Trigger& trigger) {
  std::vector<const Account*> accounts;
  for (const std::string& name : trigger.accounts) {
    accounts.push_back(loading.config.account(name));
  }
  for (const auto& [agency, followed] : loading.config.followed) {
    const bool fits =
        trigger.operation != nullptr && fits_account(*trigger.operation, followed.sample);
    // Asked for by name, it is checked also where it does not fit.
    if (trigger.accounts_from == agency || (trigger.all_accounts && fits)) {
      accounts.push_back(&followed.sample);
    }
  }
  return accounts;
}

}  // namespace triggerd
