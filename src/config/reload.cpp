#include "triggerd/config/reload.h"

#include <algorithm>
#include <map>
#include <set>

namespace triggerd {
namespace {

struct Versions {
  const StoredConfig& stored;
  const Config& next;
  const std::string& file;
};

using StoredById = std::map<std::string, const StoredTrigger*, std::less<>>;

// Adding or removing an account is an ordinary edit; when none is left, the trigger watches another
// world.
bool shares_account(const StoredTrigger& stored, const Trigger& trigger) {
  if (stored.accounts.empty() || trigger.accounts.empty()) return true;
  return std::any_of(stored.accounts.begin(), stored.accounts.end(), [&](const std::string& name) {
    return std::binary_search(trigger.accounts.begin(), trigger.accounts.end(), name);
  });
}

// The first account of the trigger that now stands for another location, company or host.
std::string moved_account(const StoredTrigger& stored, const Trigger& trigger,
                          const Versions& versions) {
  for (const std::string& name : trigger.accounts) {
    if (!std::binary_search(stored.accounts.begin(), stored.accounts.end(), name)) continue;
    const auto was = versions.stored.identities.find(name);
    const Account* account = versions.next.account(name);
    if (was == versions.stored.identities.end() || account == nullptr) continue;
    const std::string identity = account_identity(*account);
    if (was->second == identity) continue;
    return "account `" + name + "` was " + was->second + " and is " + identity;
  }
  return {};
}

struct Edit {
  std::string key;   // of the trigger, where the problem is shown
  std::string what;  // empty: the source is the same
};

// `params` and `for_each` share one hash; where only one of them is written, it is that one.
Edit edited_source(const Trigger& trigger) {
  if (trigger.for_each.empty() && !trigger.params.empty())
    return {"params", "`params` was changed"};
  if (trigger.params.empty() && !trigger.for_each.empty()) {
    return {"for_each", "`for_each` was changed"};
  }
  return {"params", "`params` or `for_each` was changed"};
}

// What was edited, in the words of the file.
Edit edited_key(const StoredTrigger& stored, const Trigger& trigger, const Versions& versions) {
  if (trigger.operation == nullptr) return {};
  if (stored.operation != trigger.operation->full_name) {
    return {"poll", "`poll` was " + stored.operation + " and is " + trigger.operation->full_name};
  }
  if (stored.source_hash != trigger.source_hash) return edited_source(trigger);
  if (!shares_account(stored, trigger)) return {"account", "`account` was changed"};
  return {"account", moved_account(stored, trigger, versions)};
}

void compare(const StoredTrigger& stored, const Trigger& trigger, const Versions& versions,
             ReloadPlan& plan) {
  const Edit edited = edited_key(stored, trigger, versions);
  if (edited.what.empty()) return;
  switch (trigger.on_change) {
    case OnChange::refuse:
      plan.refused.push_back(
          {versions.file, trigger.place,
           "triggers." + trigger.id + "." + edited.key + ": " + edited.what +
               ", so its cursor would mean something else",
           "say `on_change: rebaseline` to begin anew in silence, or `on_change: keep` to keep "
           "cursor and records"});
      return;
    case OnChange::keep:
      plan.changed.push_back(trigger.id);
      return;
    case OnChange::rebaseline:
      plan.rebaselined.push_back(trigger.id);
      return;
  }
}

}  // namespace

ReloadPlan plan_reload(const StoredConfig& stored, const Config& next, const std::string& file) {
  const Versions versions{stored, next, file};
  ReloadPlan plan;
  StoredById by_id;
  for (const StoredTrigger& trigger : stored.triggers) by_id[trigger.id] = &trigger;
  std::set<std::string> living;
  for (const Trigger& trigger : next.triggers) {
    auto known = by_id.find(trigger.id);
    if (known == by_id.end() && !trigger.formerly.empty()) {
      known = by_id.find(trigger.formerly);
      if (known != by_id.end()) plan.renamed.emplace_back(trigger.formerly, trigger.id);
    }
    if (known == by_id.end()) {
      plan.added.push_back(trigger.id);
      continue;
    }
    living.insert(known->first);
    compare(*known->second, trigger, versions, plan);
  }
  for (const auto& [id, trigger] : by_id) {
    if (!living.contains(id)) plan.removed.push_back(id);
  }
  sort_problems(plan.refused);
  return plan;
}

}  // namespace triggerd
