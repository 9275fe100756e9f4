#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/yaml/reader.h"

namespace triggerd {
namespace {

std::string kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "empty";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return {};
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

YamlMap::YamlMap(const YamlDocument& document, const YamlNode& node, std::string path,
                 std::vector<Problem>& problems)
    : document_(&document), node_(&node), path_(std::move(path)), problems_(&problems) {
  if (node.kind == YamlNode::Kind::map) return;
  problem_at(node.place, "must be a map (`key: value` lines), but is " + kind_name(node));
}

bool YamlMap::has(std::string_view key) { return node(key) != nullptr; }

const YamlNode* YamlMap::node(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return node_->find(key);
}

const YamlNode* YamlMap::required(std::string_view key) {
  const YamlNode* found = node(key);
  // A map that is no map has its own problem already.
  if (found == nullptr && node_->kind == YamlNode::Kind::map) {
    problem_at(node_->place, "`" + std::string(key) + "` is missing");
  }
  return found;
}

std::optional<std::string> YamlMap::text(std::string_view key) {
  const YamlNode* found = node(key);
  if (found == nullptr) return std::nullopt;
  if (found->kind == YamlNode::Kind::scalar) return found->text;
  problem(key, "must be a text, but is " + kind_name(*found));
  return std::nullopt;
}

std::optional<std::int64_t> YamlMap::integer(std::string_view key) {
  const YamlNode* found = node(key);
  if (found == nullptr) return std::nullopt;
  const nlohmann::json value = yaml_to_json(*found);
  if (value.is_number_integer() &&
      !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
    return value.get<std::int64_t>();
  }
  problem(key, "must be a whole number");
  return std::nullopt;
}

std::optional<bool> YamlMap::boolean(std::string_view key) {
  const YamlNode* found = node(key);
  if (found == nullptr) return std::nullopt;
  const nlohmann::json value = yaml_to_json(*found);
  if (value.is_boolean()) return value.get<bool>();
  problem(key, "must be true or false");
  return std::nullopt;
}

std::optional<Millis> YamlMap::duration(std::string_view key) {
  const std::optional<std::string> spelled = text(key);
  if (!spelled) return std::nullopt;
  const Result<Millis, std::string> read = parse_duration(*spelled);
  if (read) return *read;
  problem(key, "`" + *spelled + "`: " + read.error(), "units are ms, s, m, h and d");
  return std::nullopt;
}

std::optional<nlohmann::json> YamlMap::json(std::string_view key) {
  const YamlNode* found = node(key);
  if (found == nullptr) return std::nullopt;
  return yaml_to_json(*found);
}

std::optional<std::vector<std::string>> YamlMap::texts(std::string_view key) {
  const YamlNode* found = node(key);
  if (found == nullptr) return std::nullopt;
  if (found->kind == YamlNode::Kind::scalar) return std::vector<std::string>{found->text};
  if (found->kind != YamlNode::Kind::list) {
    problem(key, "must be a text or a list of texts, but is " + kind_name(*found));
    return std::nullopt;
  }
  std::vector<std::string> all;
  for (const YamlNode& item : found->items) {
    if (item.kind == YamlNode::Kind::scalar) {
      all.push_back(item.text);
    } else {
      problems_->push_back(
          {document_->file,
           item.place,
           path_of(key) + ": must be a list of texts, but holds " +
               (item.kind == YamlNode::Kind::null ? "an empty item" : kind_name(item)),
           {}});
    }
  }
  return all;
}

std::optional<std::string> YamlMap::choice(std::string_view key,
                                           const std::vector<std::string>& choices) {
  std::optional<std::string> chosen = text(key);
  if (!chosen || std::find(choices.begin(), choices.end(), *chosen) != choices.end()) return chosen;
  const std::string nearest = nearest_name(*chosen, choices);
  problem(key, "`" + *chosen + "` is not one of " + listed(choices),
          nearest.empty() ? "" : "did you mean `" + nearest + "`?");
  return std::nullopt;
}

void YamlMap::each(std::string_view key,
                   const std::function<void(const std::string& name, const YamlNode& key_node,
                                            const YamlNode& value)>& visit) {
  const YamlNode* found = node(key);
  if (found == nullptr || found->kind == YamlNode::Kind::null) return;
  if (found->kind != YamlNode::Kind::map) {
    problem(key, "must be a map (`name: ...` lines), but is " + kind_name(*found));
    return;
  }
  for (const auto& [name, value] : found->members) visit(name.text, name, value);
}

void YamlMap::each_item(std::string_view key,
                        const std::function<void(std::size_t index, const YamlNode& item)>& visit) {
  const YamlNode* found = node(key);
  if (found == nullptr || found->kind == YamlNode::Kind::null) return;
  if (found->kind != YamlNode::Kind::list) {
    problem(key, "must be a list (`- ` lines), but is " + kind_name(*found));
    return;
  }
  for (std::size_t i = 0; i < found->items.size(); ++i) visit(i, found->items[i]);
}

void YamlMap::problem(std::string_view key, std::string what, std::string hint) {
  const YamlNode* found = node_->find(key);
  problems_->push_back({document_->file, found == nullptr ? node_->place : found->place,
                        path_of(key) + ": " + what, std::move(hint)});
}

void YamlMap::problem_at(Place place, std::string what, std::string hint) {
  problems_->push_back(
      {document_->file, place, path_.empty() ? what : path_ + ": " + what, std::move(hint)});
}

void YamlMap::warn(std::string_view key, std::string what, std::string hint) {
  problem(key, std::move(what), std::move(hint));
  problems_->back().warning = true;
}

void YamlMap::finish() {
  for (const auto& [key, value] : node_->members) {
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
    const std::string nearest = nearest_name(key.text, known_);
    problem_at(
        key.place, "`" + key.text + "` is not a key that is known here",
        nearest.empty() ? "known here: " + listed(known_) : "did you mean `" + nearest + "`?");
  }
}

std::string YamlMap::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

}  // namespace triggerd
