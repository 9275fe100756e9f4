#include "engine/config_notes.h"

#include "triggerd/json_text.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

constexpr const char* kApplied = "config_applied";
constexpr const char* kRefused = "config_refused";
constexpr const char* kDisabled = "triggers_disabled";
constexpr const char* kEnding = "sign_ins_ending";

std::optional<nlohmann::json> read_json(Database& database, const char* name) {
  const std::optional<std::string> text = read_setting(database, name);
  if (!text || text->empty()) return std::nullopt;
  auto value = parse_json(*text);
  if (!value) return std::nullopt;
  return *std::move(value);
}

WallTime time_of(const nlohmann::json& value) {
  return parse_iso8601(value.value("at", "")).value_or(WallTime{});
}

}  // namespace

std::string first_state_setting(const std::string& trigger) { return "first_state:" + trigger; }

void note_applied(Database& database, const std::string& file, const Config& config, WallTime now) {
  note_setting(database, kApplied,
               compact_json({{"file", file}, {"hash", config.file_hash}, {"at", to_iso8601(now)}}));
  nlohmann::json disabled = nlohmann::json::array();
  for (const Trigger& trigger : config.triggers) {
    if (!trigger.enabled) disabled.push_back(trigger.id);
  }
  note_setting(database, kDisabled, compact_json(disabled));
  forget_refused(database);
}

void note_refused(Database& database, const RefusedFile& refused) {
  note_setting(database, kRefused,
               compact_json({{"file", refused.file},
                             {"hash", refused.hash},
                             {"at", to_iso8601(refused.at)},
                             {"problems", refused.problems}}));
}

void forget_refused(Database& database) {
  if (read_refused(database)) note_setting(database, kRefused, "");
}

void note_ending_sign_ins(Database& database, const EndingSignIns& ends) {
  nlohmann::json list = nlohmann::json::object();
  for (const auto& [account, at] : ends) list[account] = to_iso8601(at);
  note_setting(database, kEnding, compact_json(list));
}

EndingSignIns read_ending_sign_ins(Database& database) {
  EndingSignIns ends;
  const auto value = read_json(database, kEnding);
  if (!value || !value->is_object()) return ends;
  for (const auto& [account, at] : value->items()) {
    const auto time = at.is_string() ? parse_iso8601(at.get<std::string>()) : std::nullopt;
    if (time) ends.emplace(account, *time);
  }
  return ends;
}

std::optional<AppliedFile> read_applied(Database& database) {
  const auto value = read_json(database, kApplied);
  if (!value || !value->is_object()) return std::nullopt;
  return AppliedFile{value->value("file", ""), value->value("hash", ""), time_of(*value)};
}

std::optional<RefusedFile> read_refused(Database& database) {
  const auto value = read_json(database, kRefused);
  if (!value || !value->is_object()) return std::nullopt;
  return RefusedFile{value->value("file", ""), value->value("hash", ""), time_of(*value),
                     value->value("problems", std::size_t{0})};
}

std::vector<std::string> read_disabled(Database& database) {
  std::vector<std::string> names;
  const auto value = read_json(database, kDisabled);
  if (!value || !value->is_array()) return names;
  for (const nlohmann::json& name : *value) names.push_back(plain_text(name));
  return names;
}

}  // namespace triggerd
