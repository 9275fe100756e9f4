#include "triggerd/config/found_accounts.h"

#include <algorithm>
#include <set>

#include "triggerd/config/sign_in.h"

namespace triggerd {
namespace {

constexpr std::size_t kIdBytesMax = 64;

// Ids of the file's accounts, which need no second one.
std::set<std::string> known_ids(const Config& config, const Account& sample,
                                const std::string& key) {
  std::set<std::string> ids;
  for (const auto& [name, account] : config.accounts) {
    if (account.connector != sample.connector || account.level != sample.level) continue;
    const auto id = account.keys.find(key);
    if (id != account.keys.end()) ids.insert(id->second);
  }
  return ids;
}

Account account_of(const FollowedAgency& followed, const std::string& agency,
                   const FoundAccount& found) {
  Account account = followed.sample;
  account.name = found_account_name(agency, found.id);
  account.keys[account.connector->account_list->lists_accounts->key] = found.id;
  if (!found.name.empty()) account.labels["name"] = found.name;
  account.pool = account.connector->name + "/" + account.name;
  account.sign_in = std::make_shared<SignIn>(*followed.sample.sign_in);
  return account;
}

bool takes(const Trigger& trigger, const std::string& agency, const Account& account) {
  const bool asked = trigger.all_accounts || trigger.accounts_from == agency;
  return asked && trigger.operation != nullptr && fits_account(*trigger.operation, account) &&
         has_labels(account, trigger.labels);
}

}  // namespace

std::string found_account_name(const std::string& agency, const std::string& id) {
  static constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  const bool sound = !id.empty() && id.size() <= kIdBytesMax &&
                     id.find_first_not_of(kAllowed) == std::string::npos;
  return sound ? agency + "." + id : std::string{};
}

std::shared_ptr<const Config> with_found_accounts(std::shared_ptr<const Config> base,
                                                  const FoundAccounts& found) {
  auto config = std::make_shared<Config>(*base);
  bool added = false;
  for (const auto& [agency, followed] : base->followed) {
    const auto list = found.find(agency);
    if (list == found.end()) continue;
    const std::set<std::string> known = known_ids(
        *base, followed.sample, followed.sample.connector->account_list->lists_accounts->key);
    for (const FoundAccount& one : list->second) {
      const std::string name = found_account_name(agency, one.id);
      if (name.empty() || known.contains(one.id) || base->account(name) != nullptr) continue;
      Account account = account_of(followed, agency, one);
      for (Trigger& trigger : config->triggers) {
        if (takes(trigger, agency, account)) trigger.accounts.push_back(name);
      }
      config->accounts.insert_or_assign(name, std::move(account));
      added = true;
    }
  }
  if (!added) return base;
  for (Trigger& trigger : config->triggers) {
    std::sort(trigger.accounts.begin(), trigger.accounts.end());
  }
  return config;
}

}  // namespace triggerd
