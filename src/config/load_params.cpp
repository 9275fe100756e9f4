// params and for_each of a trigger.
#include "config/loading.h"

namespace triggerd {
namespace {

constexpr std::size_t kFanOutMax = 10'000;  // streams of one trigger and account by fixed values

// A value that has been checked, with its references replaced.
nlohmann::json resolved_value(const Loading& loading, const YamlNode& node) {
  nlohmann::json value = yaml_to_json(node);
  auto resolved = resolve_secrets(value, loading.sources);
  return resolved ? std::move(*resolved) : value;
}

// Fixed values of one parameter.
void load_values(Loading& loading, const Operation* operation, GivenParam given, ForEach& each) {
  std::set<std::string> seen;
  for (const YamlNode& item : given.value->items) {
    const std::string path = given.path + "." + given.name;
    if (item.kind != YamlNode::Kind::scalar) {
      loading.problem(item.place, path + ": must be a list of single values");
      continue;
    }
    if (!seen.insert(item.text).second) {
      loading.problem(item.place, path + ": `" + item.text + "` stands here twice");
    }
    GivenParam one = given;
    one.value = &item;
    if (operation != nullptr && !check_given_param(loading, *operation, one, false)) {
      // An unknown parameter is unknown for each of its values; once is enough.
      if (operation->find_param(given.name) == nullptr) return;
      continue;
    }
    each.values.push_back(resolved_value(loading, item));
  }
  if (given.value->items.empty()) {
    loading.problem(given.value->place, given.path + "." + given.name + ": is an empty list");
  }
}

void check_fan_out_size(Section& section, const Trigger& trigger) {
  std::size_t streams = 1;
  for (const ForEach& each : trigger.for_each) {
    if (!each.values.empty()) streams *= each.values.size();
    if (streams > kFanOutMax) {
      section.problem("for_each", "makes more than 10000 streams of each account");
      return;
    }
  }
}

}  // namespace

bool load_params(Loading& loading, Section& section, Trigger& trigger) {
  bool sound = true;
  section.each("params", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    if (trigger.operation == nullptr) return;
    const GivenParam given{name, &key, &value, section.path_of("params")};
    if (!check_given_param(loading, *trigger.operation, given, false)) {
      sound = false;
      // A value that is there but wrong is not missing.
      trigger.params[name] = nullptr;
      return;
    }
    trigger.params[name] = resolved_value(loading, value);
  });
  return sound;
}

void load_for_each(Loading& loading, Section& section, Trigger& trigger) {
  const std::string path = section.path_of("for_each");
  int parents = 0;
  section.each(
      "for_each", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
        if (trigger.params.contains(name)) {
          loading.problem(key.place, path + "." + name + ": is given under `params` too");
        }
        ForEach each;
        each.param = name;
        if (value.kind == YamlNode::Kind::list) {
          load_values(loading, trigger.operation, {name, &key, &value, path}, each);
        } else if (value.kind == YamlNode::Kind::scalar) {
          each.parent = value.text;
          if (++parents > 1) {
            loading.problem(value.place,
                            path + "." + name + ": only one parameter can follow a trigger",
                            "list the values of the others: [a, b]");
          }
        } else {
          loading.problem(value.place,
                          path + "." + name + ": must be a list of values or a trigger's id");
        }
        trigger.for_each.push_back(std::move(each));
      });
  if (section.has("for_each") && trigger.for_each.empty()) section.problem("for_each", "is empty");
  check_fan_out_size(section, trigger);
}

}  // namespace triggerd
