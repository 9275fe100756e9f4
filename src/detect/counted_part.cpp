#include "counted_part.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "pointer.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kHashDigits = 16;

std::string hex(std::uint64_t number) {
  std::array<char, kHashDigits + 1> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return {text.data(), kHashDigits};
}

void sort_list(json& list) {
  std::vector<std::pair<std::string, json>> members;
  for (json& member : list.get_ref<json::array_t&>()) {
    std::string text = canonical_json(member);
    members.emplace_back(std::move(text), std::move(member));
  }
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  list = json::array();
  for (auto& [text, member] : members) {
    list.push_back(std::move(member));
  }
}

// Pointers at or below `place`, as they read from there.
std::vector<std::string_view> pointers_within(const std::vector<std::string>& pointers,
                                              std::string_view place) {
  std::vector<std::string_view> within;
  for (const std::string_view pointer : pointers) {
    if (is_at_or_below(pointer, place)) {
      within.push_back(pointer.substr(place.size()));
    }
  }
  return within;
}

}  // namespace

json counted_part(json value, std::string_view place, const DetectRules& rules) {
  for (const std::string& pointer : rules.left_out) {
    if (is_at_or_below(place, pointer)) {
      return nullptr;
    }
  }
  for (const std::string_view pointer : pointers_within(rules.left_out, place)) {
    erase_at(value, pointer);
  }
  for (const std::string_view pointer : pointers_within(rules.unordered, place)) {
    const json* list = find_at(value, pointer);
    if (list != nullptr && list->is_array()) {
      json sorted = *list;
      sort_list(sorted);
      set_at(value, pointer, std::move(sorted));
    }
  }
  return value;
}

const json& counted_at(const json& counted, std::string_view pointer) {
  static const json missing;
  const json* found = find_at(counted, pointer);
  return found == nullptr ? missing : *found;
}

std::uint64_t counted_fingerprint(const json& counted, const DetectRules& rules) {
  if (rules.watch.empty()) {
    return hash64(canonical_json(counted), kFingerprintVersion);
  }
  // Canonical text holds no NUL, so the parts cannot run into each other.
  std::string text;
  for (const std::string& pointer : rules.watch) {
    const json& part = counted_at(counted, pointer);
    if (!part.is_null()) {
      text.append(pointer).append(1, '\0').append(canonical_json(part)).append(1, '\0');
    }
  }
  return hash64(text, kFingerprintVersion);
}

std::string value_hash(const json& value) { return hex(hash64(canonical_json(value))); }

std::string part_hash(const json& part, std::string_view place, const DetectRules& rules) {
  std::string shaped_by;
  for (const std::string_view pointer : pointers_within(rules.left_out, place)) {
    shaped_by.append("-").append(pointer);
  }
  for (const std::string_view pointer : pointers_within(rules.unordered, place)) {
    shaped_by.append("~").append(pointer);
  }
  const std::string text = value_hash(part);
  return shaped_by.empty() ? text : text + "-" + hex(hash64(shaped_by)).substr(0, 8);
}

bool hashes_comparable(std::string_view one, std::string_view other) {
  return one.size() == other.size() && one.size() >= kHashDigits &&
         one.substr(kHashDigits) == other.substr(kHashDigits);
}

}  // namespace triggerd
