#include "fields.h"

#include <algorithm>
#include <cctype>

namespace triggerd::sandbox {

using nlohmann::json;

namespace {

// The member, or null: also where the record is no object.
const json& member_of(const json& record, std::string_view member) {
  static const json kNothing;
  if (!record.is_object()) return kNothing;
  const auto found = record.find(member);
  return found == record.end() ? kNothing : *found;
}

}  // namespace

std::string text_of(const json& record, std::string_view member) {
  const json& found = member_of(record, member);
  return found.is_string() ? found.get<std::string>() : "";
}

bool flag_of(const json& record, std::string_view member, bool fallback) {
  const json& found = member_of(record, member);
  return found.is_boolean() ? found.get<bool>() : fallback;
}

std::int64_t number_of(const json& record, std::string_view member, std::int64_t fallback) {
  const json& found = member_of(record, member);
  return found.is_number() ? found.get<std::int64_t>() : fallback;
}

json list_of(const json& record, std::string_view member) {
  const json& found = member_of(record, member);
  return found.is_array() ? found : json::array();
}

json value_at(const json& record, const std::string& pointer) {
  const json::json_pointer place(pointer);
  return record.contains(place) ? record[place] : json();
}

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return small;
}

bool contains_text(std::string_view text, std::string_view wanted) {
  return lower(text).find(lower(wanted)) != std::string::npos;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

json only_members(const json& record, const std::vector<std::string_view>& members) {
  json kept = json::object();
  for (const std::string_view member : members) {
    if (record.contains(member)) kept[std::string(member)] = member_of(record, member);
  }
  return kept;
}

}  // namespace triggerd::sandbox
