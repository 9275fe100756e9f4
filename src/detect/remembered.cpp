#include "remembered.h"

#include <optional>
#include <utility>

#include "counted_part.h"
#include "pointer.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

const std::string kHashes = "h" + std::to_string(kFingerprintVersion);

json member_object(const json& value, const std::string& name) {
  const json* found = find_at(value, "/" + name);
  return found != nullptr && found->is_object() ? *found : json::object();
}

const json* listed(const json& list, std::string_view pointer) {
  const auto found = list.find(pointer);
  return found == list.end() ? nullptr : &*found;
}

// The next place up; nothing above the root.
std::optional<std::string_view> above(std::string_view pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == std::string_view::npos ? std::nullopt : std::optional{pointer.substr(0, slash)};
}

bool lies_in(const json& values, std::string_view pointer) {
  for (std::optional<std::string_view> at = pointer; at; at = above(*at)) {
    if (listed(values, *at) != nullptr) {
      return true;
    }
  }
  return false;
}

}  // namespace

Remembered::Remembered(std::string_view text)
    : whole_(json::value_t::discarded), values_(json::object()), hashes_(json::object()) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) {
    return;
  }
  lists_all_ = true;
  if (const auto whole = parsed->find("r"); whole != parsed->end()) {
    whole_ = *whole;
    return;
  }
  values_ = member_object(*parsed, "v");
  hashes_ = member_object(*parsed, kHashes);
  for (const auto& [name, member] : parsed->get_ref<const json::object_t&>()) {
    lists_all_ = lists_all_ && (name == "v" || name == kHashes);
  }
}

std::string Remembered::write(const json& record, const json& counted, const DetectRules& rules) {
  if (rules.remember == Remember::record) {
    return compact_json(json{{"r", record}});
  }
  json values = json::object();
  json hashes = json::object();
  for (const std::string& pointer : rules.remember_pointers) {
    const json* value = find_at(record, pointer);
    if (value == nullptr || value->is_null()) {
      continue;
    }
    const bool kept =
        rules.remember == Remember::fields && compact_json(*value).size() <= kRememberedBytesMax;
    if (kept) {
      values.emplace(pointer, *value);
    } else if (const json& part = counted_at(counted, pointer); !part.is_null()) {
      hashes.emplace(pointer, part_hash(part, pointer, rules));
    }
  }
  for (const std::string& pointer : compared_places(counted, rules)) {
    const json& part = counted_at(counted, pointer);
    if (!part.is_null() && !lies_in(values, pointer)) {
      hashes.emplace(pointer, part_hash(part, pointer, rules));
    }
  }
  json text = json::object();
  if (!values.empty()) {
    text.emplace("v", std::move(values));
  }
  if (!hashes.empty()) {
    text.emplace(kHashes, std::move(hashes));
  }
  return compact_json(text);
}

PastValue Remembered::at(std::string_view pointer) const {
  if (!whole_.is_discarded()) {
    return {PastValue::Kind::value, counted_at(whole_, pointer), {}};
  }
  for (std::optional<std::string_view> place = pointer; place; place = above(*place)) {
    if (const json* value = listed(values_, *place)) {
      return {PastValue::Kind::value, counted_at(*value, pointer.substr(place->size())), {}};
    }
    if (const json* hash = listed(hashes_, *place); hash != nullptr && hash->is_string()) {
      const bool whole = place->size() == pointer.size();
      return {whole ? PastValue::Kind::hash : PastValue::Kind::covered, nullptr,
              hash->get<std::string>()};
    }
  }
  return {};
}

std::vector<std::string> Remembered::top_level() const {
  std::vector<std::string> places;
  if (whole_.is_object()) {
    for (const auto& [name, member] : whole_.get_ref<const json::object_t&>()) {
      places.push_back(member_pointer(name));
    }
  } else if (!whole_.is_discarded()) {
    places.emplace_back();
  }
  for (const json* list : {&values_, &hashes_}) {
    for (const auto& [pointer, kept] : list->get_ref<const json::object_t&>()) {
      if (is_top_level(pointer)) {
        places.push_back(pointer);
      }
    }
  }
  return places;
}

json Remembered::record() const {
  if (!whole_.is_discarded()) {
    return whole_;
  }
  // Sorted, a place comes before what lies in it.
  json record;
  for (const auto& [pointer, value] : values_.get_ref<const json::object_t&>()) {
    set_at(record, pointer, value);
  }
  return record;
}

std::vector<std::string> compared_places(const json& counted, const DetectRules& rules) {
  if (!rules.watch.empty()) {
    return rules.watch;
  }
  std::vector<std::string> places;
  if (!counted.is_object()) {
    places.emplace_back();
    return places;
  }
  for (const auto& [name, member] : counted.get_ref<const json::object_t&>()) {
    places.push_back(member_pointer(name));
  }
  return places;
}

json remembered_value(const Seen& row, std::string_view pointer) {
  return Remembered(row.remembered).at(pointer).value;
}

json remembered_record(const Seen& row) {
  json record = Remembered(row.remembered).record();
  return record.is_null() ? json::object() : record;
}

}  // namespace triggerd
