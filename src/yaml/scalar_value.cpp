#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "triggerd/yaml/reader.h"

namespace triggerd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class NumberKind { none, integer, number };

// JSON's own grammar of numbers.
NumberKind number_kind(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return NumberKind::none;
  if (at == text.size()) return NumberKind::integer;
  if (text[at] == '.') {
    ++at;
    if (digits() == 0) return NumberKind::none;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return NumberKind::none;
  }
  return at == text.size() ? NumberKind::number : NumberKind::none;
}

template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

nlohmann::json scalar_to_json(const YamlNode& node) {
  if (node.quoted) return node.text;
  if (node.text == "true" || node.text == "True" || node.text == "TRUE") return true;
  if (node.text == "false" || node.text == "False" || node.text == "FALSE") return false;
  switch (number_kind(node.text)) {
    case NumberKind::none:
      break;
    case NumberKind::integer:
      if (auto value = read_number<std::int64_t>(node.text)) return *value;
      if (auto value = read_number<std::uint64_t>(node.text)) return *value;
      break;
    case NumberKind::number:
      if (auto value = read_number<double>(node.text); value && std::isfinite(*value)) {
        return *value;
      }
      break;
  }
  return node.text;
}

}  // namespace

nlohmann::json yaml_to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return nullptr;
    case YamlNode::Kind::scalar:
      return scalar_to_json(node);
    case YamlNode::Kind::list: {
      nlohmann::json list = nlohmann::json::array();
      for (const YamlNode& item : node.items) list.push_back(yaml_to_json(item));
      return list;
    }
    case YamlNode::Kind::map: {
      nlohmann::json map = nlohmann::json::object();
      for (const auto& [key, value] : node.members) map[key.text] = yaml_to_json(value);
      return map;
    }
  }
  return nullptr;
}

}  // namespace triggerd
