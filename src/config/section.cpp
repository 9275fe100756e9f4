#include "config/section.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/check.h"
#include "triggerd/json_text.h"

namespace triggerd {

Section::Section(SectionKind kind, const YamlDocument& document, const YamlNode& node,
                 std::string path, std::vector<Problem>& problems)
    : kind_(kind), map_(document, node, std::move(path), problems) {
  for (const KeyRule& rule : rules_of(kind_)) {
    if (rule.required) {
      map_.required(rule.name);
    } else if (map_.has(rule.name) && !rule.available) {
      for (const auto& [key, value] : node.members) {
        if (key.text != rule.name) continue;
        map_.problem_at(key.place,
                        "`" + rule.name + "` is not available in this version of triggerd",
                        "remove it");
      }
    }
  }
}

const KeyRule& Section::rule(const std::string& key, std::initializer_list<KeyType> types) const {
  const std::vector<KeyRule>& rules = rules_of(kind_);
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const KeyRule& rule) { return rule.name == key; });
  TRIGGERD_CHECK(found != rules.end());
  TRIGGERD_CHECK(types.size() == 0 ||
                 std::find(types.begin(), types.end(), found->type) != types.end());
  return *found;
}

const YamlNode* Section::node(const std::string& key) {
  rule(key, {});
  return map_.node(key);
}

std::optional<std::string> Section::text(const std::string& key) {
  rule(key, {KeyType::text, KeyType::expression});
  std::optional<std::string> found = map_.text(key);
  if (found && found->find_first_not_of(" \t\n") == std::string::npos) {
    map_.problem(key, "is empty");
    return std::nullopt;
  }
  return found;
}

std::optional<std::int64_t> Section::integer(const std::string& key) {
  const KeyRule& bounds = rule(key, {KeyType::integer});
  const std::optional<std::int64_t> found = map_.integer(key);
  if (!found) return std::nullopt;
  if (*found >= bounds.minimum.value_or(*found) && *found <= bounds.maximum.value_or(*found)) {
    return found;
  }
  const std::string least = std::to_string(bounds.minimum.value_or(0));
  map_.problem(key, bounds.minimum == bounds.maximum
                        ? "must be " + least
                        : "must be " + least + " to " + std::to_string(bounds.maximum.value_or(0)));
  return std::nullopt;
}

std::optional<bool> Section::boolean(const std::string& key) {
  rule(key, {KeyType::boolean});
  return map_.boolean(key);
}

namespace {

// "5" and "5 minutes" mean 5m; what cannot be guessed gets the bounds.
std::string duration_hint(const std::string& key, const std::string& written, Millis least,
                          Millis most) {
  const std::string range =
      "`" + key + "` is " + format_duration(least) + " to " + format_duration(most);
  const std::size_t digits = written.find_first_not_of("0123456789");
  const std::string number = written.substr(0, digits);
  std::string unit = digits == std::string::npos ? "m" : written.substr(digits);
  unit.erase(0, unit.find_first_not_of(" \t"));
  const bool known = !unit.empty() && std::string("smhd").find(unit.front()) != std::string::npos;
  if (number.empty() || !known) return range + "; units are ms, s, m, h and d";
  const Result<Millis, std::string> meant = parse_duration(number + unit.front());
  if (!meant || *meant < least || *meant > most) return range + "; units are ms, s, m, h and d";
  return "write `" + key + ": " + number + unit.front() + "`; " + range;
}

}  // namespace

std::optional<Millis> Section::duration(const std::string& key) {
  const KeyRule& bounds = rule(key, {KeyType::duration});
  const std::size_t before = problems().size();
  const std::optional<Millis> found = map_.duration(key);
  const Millis least{bounds.minimum.value_or(0)};
  const Millis most{bounds.maximum.value_or(INT64_MAX)};
  if (!found && problems().size() > before && bounds.maximum) {
    problems().back().hint = duration_hint(key, map_.text(key).value_or(""), least, most);
  }
  if (!found) return std::nullopt;
  if (*found >= least && *found <= most) return found;
  const bool is_short = *found < least;
  map_.problem(key,
               "`" + *map_.text(key) + "` is too " + (is_short ? "short" : "long") + "; `" + key +
                   "` is " + format_duration(least) + " to " + format_duration(most),
               "write `" + key + ": " + format_duration(is_short ? least : most) + "`");
  return std::nullopt;
}

std::optional<std::string> Section::choice(const std::string& key) {
  const KeyRule& allowed = rule(key, {KeyType::choice});
  const std::size_t before = problems().size();
  std::optional<std::string> chosen = map_.choice(key, allowed.choices);
  if (problems().size() > before) return std::nullopt;
  return chosen;
}

std::vector<const YamlNode*> Section::text_nodes(const std::string& key) {
  rule(key, {KeyType::texts, KeyType::choices, KeyType::pointers});
  std::vector<const YamlNode*> nodes;
  if (!map_.texts(key)) return nodes;
  const YamlNode* found = map_.node(key);
  if (found->kind == YamlNode::Kind::scalar) nodes.push_back(found);
  for (const YamlNode& item : found->items) {
    if (item.kind == YamlNode::Kind::scalar) nodes.push_back(&item);
  }
  if (nodes.empty() && found->items.empty()) map_.problem(key, "is an empty list");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (nodes[j]->text != nodes[i]->text) continue;
      problem_at(nodes[i]->place, key, "`" + nodes[i]->text + "` stands here twice");
      break;
    }
  }
  return nodes;
}

std::vector<std::string> Section::choices(const std::string& key) {
  const KeyRule& allowed = rule(key, {KeyType::choices});
  std::vector<std::string> chosen;
  for (const YamlNode* node : text_nodes(key)) {
    if (std::find(allowed.choices.begin(), allowed.choices.end(), node->text) ==
        allowed.choices.end()) {
      problem_at(node->place, key, "`" + node->text + "` is not one of " + listed(allowed.choices),
                 did_you_mean(node->text, allowed.choices));
    } else {
      chosen.push_back(node->text);
    }
  }
  return chosen;
}

namespace {

// Nothing, or what is wrong with a pointer that must name a field.
std::optional<std::pair<std::string, std::string>> pointer_fault(const std::string& text) {
  if (!text.empty() && is_json_pointer(text) && text != "/") return std::nullopt;
  const std::string what = "`" + text + "` is not a JSON pointer to a field";
  if (text.empty() || text.front() == '/')
    return std::pair{what, std::string("write /name or /name/part")};
  std::string guess = text.front() == '.' ? text.substr(1) : text;
  if (guess.starts_with("record.")) guess.erase(0, 7);
  std::replace(guess.begin(), guess.end(), '.', '/');
  return std::pair{what, "write /" + guess};
}

}  // namespace

std::vector<std::string> Section::pointers(const std::string& key) {
  rule(key, {KeyType::pointers});
  std::vector<std::string> found;
  for (const YamlNode* node : text_nodes(key)) {
    if (const auto fault = pointer_fault(node->text)) {
      problem_at(node->place, key, fault->first, fault->second);
    } else {
      found.push_back(node->text);
    }
  }
  return found;
}

std::optional<std::string> Section::pointer(const std::string& key) {
  rule(key, {KeyType::pointer});
  std::optional<std::string> found = map_.text(key);
  if (!found) return found;
  if (const auto fault = pointer_fault(*found)) {
    map_.problem(key, fault->first, fault->second);
    return std::nullopt;
  }
  return found;
}

std::optional<Section> Section::section(const std::string& key) {
  const KeyRule& below = rule(key, {KeyType::section});
  const YamlNode* found = map_.node(key);
  if (found == nullptr) return std::nullopt;
  return Section(below.section, map_.document(), *found, path_of(key), problems());
}

void Section::each(const std::string& key,
                   const std::function<void(const std::string& name, const YamlNode& key_node,
                                            const YamlNode& value)>& visit) {
  rule(key, {KeyType::open_map, KeyType::named_sections});
  map_.each(key, visit);
}

void Section::each_item(const std::string& key,
                        const std::function<void(std::size_t index, const YamlNode& item)>& visit) {
  rule(key, {KeyType::section_list});
  map_.each_item(key, visit);
}

void Section::problem_at(Place place, const std::string& key, std::string what, std::string hint) {
  problems().push_back({map_.document().file, place, path_of(key) + ": " + what, std::move(hint)});
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? "" : "did you mean `" + nearest + "`?";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace triggerd
