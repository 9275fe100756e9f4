#include "poll/since_values.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::string_view kPlaceholder = "{since}";

json replaced(const json& value, const json& bound) {
  if (value == kPlaceholder) return bound;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    std::string result = *text;
    const std::string spelled = plain_text(bound);
    for (std::size_t at = result.find(kPlaceholder); at != std::string::npos;
         at = result.find(kPlaceholder, at + spelled.size())) {
      result.replace(at, kPlaceholder.size(), spelled);
    }
    return result;
  }
  json result = value;
  if (value.is_structured()) {
    for (json& member : result) member = replaced(member, bound);
  }
  return result;
}

void add(json& values, const json& more, const json& bound) {
  for (const auto& [name, value] : more.items()) {
    json full = bound.is_null() ? value : replaced(value, bound);
    json& slot = values[name];
    if (slot.is_array() && full.is_array()) {
      slot.insert(slot.end(), full.begin(), full.end());
    } else {
      slot = std::move(full);
    }
  }
}

}  // namespace

void add_since_values(json& values, const Since& since, std::optional<WallTime> bound) {
  add(values, since.always, nullptr);
  if (bound) add(values, since.set, write_date(*bound, since.format));
}

bool sorts_ascending(const json& always) {
  if (const auto* text = always.get_ptr<const std::string*>()) {
    std::string small = *text;
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return small == "asc" || small == "ascending" || small.ends_with("_asc");
  }
  return always.is_structured() && std::any_of(always.begin(), always.end(), sorts_ascending);
}

}  // namespace triggerd
