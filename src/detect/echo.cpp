#include "triggerd/detect/echo.h"

#include <algorithm>
#include <utility>

#include "pointer.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// A longer value is not kept: its change fires.
constexpr std::size_t kValueBytesMax = 4096;

std::string last_part(const std::string& pointer) {
  return pointer.substr(std::min(pointer.rfind('/'), pointer.size()));
}

// Empty texts, lists and objects are how many apps say that there is nothing; the order of a list
// is mostly the app's own.
json plain(const json& value) {
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return nullptr;
  if (!value.is_structured()) return value;
  if (value.is_object()) {
    json object = json::object();
    for (const auto& [name, member] : value.items()) {
      json one = plain(member);
      if (!one.is_null()) object[name] = std::move(one);
    }
    return object.empty() ? json(nullptr) : object;
  }
  std::vector<std::string> items;
  for (const json& item : value) items.push_back(canonical_json(plain(item)));
  std::sort(items.begin(), items.end());
  return items.empty() ? json(nullptr) : json(items);
}

bool same(const json& one, const json& other) {
  return canonical_json(plain(one)) == canonical_json(plain(other));
}

void keep_value(WrittenField& field, const json* value) {
  if (value == nullptr || compact_json(*value).size() > kValueBytesMax) return;
  const bool known = std::any_of(field.values.begin(), field.values.end(),
                                 [&](const json& one) { return one == *value; });
  if (!known) field.values.push_back(*value);
}

// The latest write of a field is the one that counts.
const WrittenField* find_field(const std::vector<OwnWrite>& writes, std::string_view pointer) {
  const WrittenField* latest = nullptr;
  for (const OwnWrite& write : writes) {
    const auto found = write.fields.find(std::string(pointer));
    if (found == write.fields.end()) continue;
    if (latest == nullptr || found->second.at > latest->at) latest = &found->second;
  }
  return latest;
}

// Whether a place of the record shows what was written there. What was written as a whole answers
// for each place inside of it.
bool is_written(const json& value, std::string_view place, const std::vector<OwnWrite>& writes) {
  for (std::size_t end = place.size(); end > 0; end = place.rfind('/', end - 1)) {
    const WrittenField* field = find_field(writes, place.substr(0, end));
    if (field == nullptr) continue;
    return std::any_of(field->values.begin(), field->values.end(), [&](const json& written) {
      const json* part = find_at(written, place.substr(end));
      return same(part == nullptr ? json(nullptr) : *part, value);
    });
  }
  return false;
}

bool has_effect(const std::vector<OwnWrite>& writes, WriteEffect effect) {
  return std::any_of(writes.begin(), writes.end(),
                     [&](const OwnWrite& write) { return write.effect == effect; });
}

// A record that we made, unless somebody changed what we had sent.
bool is_as_made(const json& record, const std::vector<OwnWrite>& writes) {
  if (!has_effect(writes, WriteEffect::created)) return false;
  return std::all_of(writes.begin(), writes.end(), [&](const OwnWrite& write) {
    return std::all_of(write.fields.begin(), write.fields.end(), [&](const auto& field) {
      const json* value = find_at(record, field.first);
      return value == nullptr || is_written(*value, field.first, writes);
    });
  });
}

}  // namespace

std::string_view to_text(WriteEffect effect) {
  switch (effect) {
    case WriteEffect::changed:
      return "changed";
    case WriteEffect::created:
      return "created";
    case WriteEffect::deleted:
      return "deleted";
  }
  return {};
}

std::optional<OwnWrite> own_write(const Operation& operation, const json& params, const json& body,
                                  const json& answer, WallTime at) {
  if (!operation.write || !operation.write->record) return std::nullopt;
  const TouchedRecord& touched = *operation.write->record;
  OwnWrite write;
  write.at = at;
  const json* record = find_at(answer, touched.at);
  const json* id = !touched.param.empty() ? find_at(params, member_pointer(touched.param))
                   : record != nullptr    ? find_at(*record, touched.id)
                                          : nullptr;
  if (id == nullptr || id->is_structured()) return std::nullopt;
  write.key = plain_text(*id);
  if (write.key.empty()) return std::nullopt;
  const json* made = touched.made_at.empty() ? nullptr : find_at(answer, touched.made_at);
  if (touched.removes) {
    write.effect = WriteEffect::deleted;
  } else if (touched.param.empty() && (made == nullptr || *made != json(false))) {
    write.effect = WriteEffect::created;
  }
  for (const Param& param : operation.params) {
    if (param.place != ParamPlace::body || !params.contains(param.name)) continue;
    const std::string pointer = last_part(param.body_at);
    if (pointer.empty()) continue;
    const json* sent = find_at(body, param.body_at);
    WrittenField field{{}, at};
    keep_value(field, sent == nullptr ? find_at(params, member_pointer(param.name)) : sent);
    if (record != nullptr) keep_value(field, find_at(*record, pointer));
    write.fields.emplace(pointer, std::move(field));
  }
  return write;
}

bool is_echo(const Detection& detection, const std::vector<OwnWrite>& writes,
             std::string_view stamp) {
  if (writes.empty()) return false;
  switch (detection.kind) {
    case DetectionKind::removed:
      return has_effect(writes, WriteEffect::deleted);
    case DetectionKind::created:
      return is_as_made(detection.record, writes);
    case DetectionKind::changed:
      return !detection.changes.empty() &&
             std::all_of(
                 detection.changes.begin(), detection.changes.end(), [&](const Change& change) {
                   return change.field == stamp || is_written(change.to, change.field, writes);
                 });
  }
  return false;
}

}  // namespace triggerd
