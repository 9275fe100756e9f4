// for_each over another trigger's records, checked once all triggers are known; then what depends
// on it: required parameters, what is remembered for children, and the hashes.
#include <algorithm>
#include <map>

#include "config/loading.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

ForEach* parent_link(Trigger& trigger) {
  for (ForEach& each : trigger.for_each) {
    if (!each.parent.empty()) return &each;
  }
  return nullptr;
}

class TriggerFinish {
 public:
  explicit TriggerFinish(Loading& loading) : loading_(loading) {
    std::vector<Trigger>& triggers = loading_.config.triggers;
    states_.resize(triggers.size(), State::open);
    inherited_.resize(triggers.size());
    for (std::size_t i = 0; i < triggers.size(); ++i) index_.emplace(triggers[i].id, i);
  }

  void run() {
    for (std::size_t i = 0; i < states_.size(); ++i) finish(i);
    for (Trigger& trigger : loading_.config.triggers) remember(trigger);
    for (Trigger& trigger : loading_.config.triggers) hash(trigger);
  }

 private:
  enum class State { open, busy, done };

  Trigger& trigger(std::size_t i) { return loading_.config.triggers[i]; }
  const OpenTrigger& open(std::size_t i) const { return loading_.open_triggers[i]; }

  Place place_of_param(std::size_t i, const std::string& param) const {
    const YamlNode* each = open(i).node->find("for_each");
    const YamlNode* value = each == nullptr ? nullptr : each->find(param);
    return value == nullptr ? open(i).node->place : value->place;
  }

  // Parents first, since children inherit from them.
  void finish(std::size_t i) {
    if (states_[i] != State::open) return;
    states_[i] = State::busy;
    bool sound = true;
    if (ForEach* link = parent_link(trigger(i))) sound = follow(i, *link);
    states_[i] = State::done;
    if (sound) check_params(i);
  }

  bool follow(std::size_t i, ForEach& link) {
    const Place place = place_of_param(i, link.param);
    const std::string path = open(i).path + ".for_each." + link.param;
    const auto found = index_.find(link.parent);
    if (found == index_.end()) {
      loading_.problem(place, path + ": there is no trigger `" + link.parent + "`",
                       hint_for_missing(link.parent));
      return false;
    }
    finish(found->second);
    if (states_[found->second] == State::busy) {
      loading_.problem(place, link.parent == trigger(i).id
                                  ? path + ": a trigger cannot follow itself"
                                  : path + ": `" + link.parent + "` follows this trigger in turn");
      return false;
    }
    const Trigger& parent = trigger(found->second);
    if (parent.operation == nullptr || trigger(i).operation == nullptr) return false;
    inherited_[i] = inherited_[found->second];
    for (const ForEach& each : parent.for_each) inherited_[i].insert(each.param);
    inherit_params(i, parent);
    check_parent(i, link, parent);
    return true;
  }

  std::string hint_for_missing(const std::string& name) const {
    const std::vector<std::string> ids(loading_.trigger_ids.begin(), loading_.trigger_ids.end());
    const std::string hint = did_you_mean(name, ids);
    return hint.empty() ? "a single value is written as a list: [" + name + "]" : hint;
  }

  // A child's required parameter that the parent has fixed has the parent's value.
  void inherit_params(std::size_t i, const Trigger& parent) {
    Trigger& child = trigger(i);
    for (const Param& param : child.operation->params) {
      const auto value = parent.params.find(param.name);
      if (!param.required || param.hidden || value == parent.params.end()) continue;
      const auto own = [&](const ForEach& each) { return each.param == param.name; };
      if (child.params.contains(param.name) ||
          std::any_of(child.for_each.begin(), child.for_each.end(), own)) {
        continue;
      }
      child.params[param.name] = *value;
    }
  }

  void check_parent(std::size_t i, ForEach& link, const Trigger& parent) {
    const Trigger& child = trigger(i);
    const Place place = place_of_param(i, link.param);
    const std::string path = open(i).path + ".for_each." + link.param;
    check_source(i, link, parent);
    for (const std::string& account : child.accounts) {
      if (std::binary_search(parent.accounts.begin(), parent.accounts.end(), account) ||
          parent.accounts.empty()) {
        continue;
      }
      loading_.problem(place,
                       path + ": `" + parent.id + "` does not poll the account `" + account + "`",
                       "both need the same accounts");
    }
    if (!child.accounts_from.empty() && !parent.all_accounts &&
        parent.accounts_from != child.accounts_from) {
      loading_.problem(place,
                       path + ": `" + parent.id + "` does not poll the accounts of `" +
                           child.accounts_from + "`",
                       "both need the same `accounts_from`");
    }
    if (!parent.enabled && child.enabled) {
      loading_.warn(place, path + ": `" + parent.id + "` is not enabled, so it gives no records");
    }
  }

  void check_source(std::size_t i, ForEach& link, const Trigger& parent) {
    const Operation& operation = *trigger(i).operation;
    YamlNode key;
    key.place = place_of_param(i, link.param);
    const YamlNode* each = open(i).node->find("for_each");
    for (const auto& [name, value] : each->members) {
      if (name.text == link.param) key.place = name.place;
    }
    const std::string path = open(i).path + ".for_each";
    const Param* param = find_given_param(loading_, operation, {link.param, &key, nullptr, path});
    if (param == nullptr) return;
    std::vector<std::string> sources;
    for (const FanOutSource& source : param->fan_out) {
      const bool full = source.operation.find('.') != std::string::npos;
      const std::string name =
          full ? source.operation : operation.connector + "." + source.operation;
      if (name == parent.operation->full_name) {
        link.parent_value = source.value;
        if (!source.value.empty() && parent.remember == Remember::fingerprint) {
          loading_.problem(place_of_param(i, link.param),
                           path + "." + link.param + ": needs " + source.value + " of `" +
                               parent.id + "`, which remembers nothing but hashes",
                           "write `remember: fields` there");
        }
        return;
      }
      sources.push_back(name);
    }
    loading_.problem(place_of_param(i, link.param),
                     path + "." + link.param + ": records of " + parent.operation->full_name +
                         " give no `" + link.param + "`",
                     sources.empty() ? "list its values: [a, b]"
                                     : "triggers that poll " + listed(sources) + " do");
  }

  void check_params(std::size_t i) {
    const Trigger& checked = trigger(i);
    if (checked.operation == nullptr) return;
    GivenParams given{inherited_[i], {}, open(i).node->place, open(i).path};
    for (const auto& [name, value] : checked.params.items()) given.names.insert(name);
    for (const ForEach& each : checked.for_each) given.names.insert(each.param);
    given.accounts = polled_accounts(loading_, checked);
    // Problems of the whole trigger stand at its operation.
    if (const YamlNode* poll = open(i).node->find("poll")) given.place = poll->place;
    check_token_levels(loading_, *checked.operation, given);
    check_required_params(loading_, *checked.operation, given);
  }

  void remember(Trigger& trigger) {
    std::set<std::string> pointers(trigger.watch.begin(), trigger.watch.end());
    if (trigger.transition) pointers.insert(trigger.transition->field);
    if (trigger.operation != nullptr && trigger.operation->read) {
      const std::vector<std::string>& own = trigger.operation->read->remember;
      pointers.insert(own.begin(), own.end());
    }
    for (const Trigger& child : loading_.config.triggers) {
      for (const ForEach& each : child.for_each) {
        if (each.parent == trigger.id && !each.parent_value.empty()) {
          pointers.insert(each.parent_value);
        }
      }
    }
    trigger.remember_pointers.assign(pointers.begin(), pointers.end());
  }

  static void hash(Trigger& trigger) {
    nlohmann::json steps = nlohmann::json::array();
    for (const Step& step : trigger.steps) steps.push_back(step_to_json(step));
    trigger.steps_hash = hash128_hex(canonical_json(steps));
    std::map<std::string, std::string> fan_out;  // which values is no part of it
    for (const ForEach& each : trigger.for_each) fan_out[each.param] = each.parent;
    const nlohmann::json source = {
        {"operation", trigger.operation == nullptr ? "" : trigger.operation->full_name},
        {"params", trigger.params},
        {"for_each", fan_out}};
    trigger.source_hash = hash128_hex(canonical_json(source));
    const nlohmann::json watched = {{"watch", trigger.watch},
                                    {"ignore", trigger.ignore},
                                    {"remember", static_cast<int>(trigger.remember)},
                                    {"pointers", trigger.remember_pointers}};
    trigger.watch_hash = hash128_hex(canonical_json(watched));
  }

  Loading& loading_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<State> states_;
  std::vector<std::set<std::string>> inherited_;  // parameters that come from the parent's streams
};

}  // namespace

void finish_triggers(Loading& loading) { TriggerFinish(loading).run(); }

}  // namespace triggerd
