#include "triggerd/config/config.h"

#include <algorithm>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

std::string text_at(const nlohmann::json& value, std::string_view pointer) {
  const nlohmann::json* found = find_at(value, pointer);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t integer_at(const nlohmann::json& value, std::string_view pointer,
                        std::int64_t absent) {
  const nlohmann::json* found = find_at(value, pointer);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : absent;
}

nlohmann::json confirm_to_json(const Confirm& confirm) {
  return {{"read", confirm.read},
          {"account", confirm.account},
          {"with", confirm.with},
          {"when", confirm.when},
          {"wait_ms", confirm.wait.count()}};
}

Confirm confirm_from_json(const nlohmann::json& definition) {
  Confirm confirm;
  confirm.read = text_at(definition, "/read");
  confirm.account = text_at(definition, "/account");
  if (const nlohmann::json* with = find_at(definition, "/with"); with && with->is_object()) {
    confirm.with = *with;
  }
  confirm.when = text_at(definition, "/when");
  confirm.wait = Millis{integer_at(definition, "/wait_ms", confirm.wait.count())};
  return confirm;
}

}  // namespace

std::string_view to_text(DetectionKind kind) {
  switch (kind) {
    case DetectionKind::created:
      return "new";
    case DetectionKind::changed:
      return "changed";
    case DetectionKind::removed:
      return "removed";
  }
  return {};
}

std::optional<DetectionKind> detection_kind(std::string_view text) {
  for (const DetectionKind kind :
       {DetectionKind::created, DetectionKind::changed, DetectionKind::removed}) {
    if (to_text(kind) == text) return kind;
  }
  return std::nullopt;
}

void fill_key_starts(Account& account) {
  for (const AccountKey& key : account.connector->account_keys) {
    const auto secret = account.secrets.find(key.start_of);
    if (key.start_of.empty() || secret == account.secrets.end()) continue;
    const std::string& text = secret->second.reveal();
    if (!text.empty()) account.keys.emplace(key.name, text.substr(0, text.find('-')));
  }
}

bool has_labels(const Account& account, const std::map<std::string, std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = account.labels.find(label.first);
    return found != account.labels.end() && found->second == label.second;
  });
}

bool fits_account(const Operation& operation, const Account& account) {
  if (account.connector == nullptr || account.connector->name != operation.connector) return false;
  return operation.token == TokenLevel::any || account.level == TokenLevel::any ||
         operation.token == account.level;
}

std::string account_identity(const Account& account) {
  std::string identity = account.connector->name;
  for (const AccountKey& key : account.connector->account_keys) {
    const bool chooses = key.level != TokenLevel::any && key.level == account.level;
    const bool in_url = account.connector->base_url.find("{" + key.name + "}") != std::string::npos;
    const auto value = account.keys.find(key.name);
    if (value == account.keys.end() || !(chooses || in_url)) continue;
    identity += " " + key.name + "=" + value->second;
  }
  return identity;
}

nlohmann::json step_to_json(const Step& step) {
  nlohmann::json definition = {{"id", step.id},
                               {"action", step.action},
                               {"account", step.account},
                               {"with", step.with},
                               {"when", step.when},
                               {"each", step.each},
                               {"success_when", step.success_when},
                               {"retry",
                                {{"attempts", step.retry.attempts},
                                 {"min_ms", step.retry.min.count()},
                                 {"max_ms", step.retry.max.count()}}},
                               {"continue_on_error", step.continue_on_error},
                               {"timeout_ms", step.timeout.count()}};
  // Only where there is one, so that the lists of older versions keep their names.
  if (step.retry.when_unsure) definition["retry"]["when_unsure"] = "repeat";
  if (step.confirm) definition["confirm"] = confirm_to_json(*step.confirm);
  return definition;
}

Step step_from_json(const nlohmann::json& definition) {
  Step step;
  step.id = text_at(definition, "/id");
  step.action = text_at(definition, "/action");
  step.account = text_at(definition, "/account");
  if (const nlohmann::json* with = find_at(definition, "/with"); with && with->is_object()) {
    step.with = *with;
  }
  step.when = text_at(definition, "/when");
  step.each = text_at(definition, "/each");
  step.success_when = text_at(definition, "/success_when");
  step.retry.attempts =
      static_cast<int>(integer_at(definition, "/retry/attempts", step.retry.attempts));
  step.retry.min = Millis{integer_at(definition, "/retry/min_ms", step.retry.min.count())};
  step.retry.max = Millis{integer_at(definition, "/retry/max_ms", step.retry.max.count())};
  step.retry.when_unsure = text_at(definition, "/retry/when_unsure") == "repeat";
  const nlohmann::json* go_on = find_at(definition, "/continue_on_error");
  step.continue_on_error = go_on != nullptr && go_on->is_boolean() && go_on->get<bool>();
  step.timeout = Millis{integer_at(definition, "/timeout_ms", step.timeout.count())};
  if (const nlohmann::json* confirm = find_at(definition, "/confirm")) {
    step.confirm = confirm_from_json(*confirm);
  }
  return step;
}

bool Trigger::follows_parent() const {
  return std::any_of(for_each.begin(), for_each.end(),
                     [](const ForEach& each) { return !each.parent.empty(); });
}

const Trigger* Config::trigger(std::string_view id) const {
  for (const Trigger& candidate : triggers) {
    if (candidate.id == id) return &candidate;
  }
  return nullptr;
}

const Account* Config::account(std::string_view name) const {
  const auto found = accounts.find(name);
  return found == accounts.end() ? nullptr : &found->second;
}

}  // namespace triggerd
