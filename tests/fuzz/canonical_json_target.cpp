// The canonical form: printed, read and printed again it is the same text and the same value.
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "triggerd/json_text.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

// The canonical form leaves members out that are null.
json without_nulls(const json& value) {
  json kept = value.is_object() ? json::object() : value.is_array() ? json::array() : value;
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      if (!member.is_null()) kept[name] = without_nulls(member);
    }
  }
  if (value.is_array()) {
    for (const json& member : value) kept.push_back(without_nulls(member));
  }
  return kept;
}

}  // namespace

void canonical_json_target(std::string_view input) {
  const Result<json, JsonProblem> value = parse_json(input);
  if (!value) return;
  const std::string text = canonical_json(*value);
  const Result<json, JsonProblem> back = parse_json(text);
  expect(back.has_value(), "the canonical form is JSON");
  expect(*back == without_nulls(*value), "the canonical form has the same value");
  expect(canonical_json(*back) == text, "the canonical form of the canonical form is itself");
  const Result<json, JsonProblem> compact = parse_json(compact_json(*value));
  expect(compact && canonical_json(*compact) == text, "spelling does not count");
}

}  // namespace triggerd::fuzz
