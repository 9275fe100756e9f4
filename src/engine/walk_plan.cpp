#include "engine/walk_plan.h"

#include <algorithm>

#include "triggerd/catalog/request.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr Millis kSweepMin{15 * 60'000};
constexpr Millis kSweepMax{24LL * 3600 * 1000};
constexpr int kPollsBetweenSweeps = 3;

std::string item_key(const nlohmann::json& item) {
  std::string key;
  for (const auto& [name, value] : item.items()) {
    if (!key.empty()) key += '/';
    key += plain_text(value);
  }
  return key.empty() ? "self" : key;
}

}  // namespace

nlohmann::json param_values(const Operation& operation, const nlohmann::json& given,
                            const Account& account) {
  nlohmann::json values = given;
  for (const Param& param : operation.params) {
    if (values.contains(param.name)) continue;
    const auto key = account.keys.find(param.from_account);
    if (!param.from_account.empty() && key != account.keys.end() && !key->second.empty()) {
      values[param.name] = key->second;
    } else if (!param.fallback.is_null()) {
      values[param.name] = param.fallback;
    }
  }
  return values;
}

WalkPlan make_plan(const Stream& stream) {
  const Operation& operation = *stream.parts->trigger->operation;
  const nlohmann::json item = parse_json(stream.row.item).value_or(nlohmann::json::object());
  nlohmann::json given = stream.parts->trigger->params;
  for (const auto& [name, value] : item.items()) {
    // An item carries the parents' values too; those that the operation does not take are left out.
    if (operation.find_param(name) != nullptr) given[name] = value;
  }
  WalkPlan plan;
  plan.connector = stream.account->connector;
  plan.operation = &operation;
  plan.values = param_values(operation, given, *stream.account);
  plan.item_key = item_key(item);
  const auto location = stream.account->keys.find("location_id");
  if (stream.account->level == TokenLevel::location && location != stream.account->keys.end()) {
    plan.location = location->second;
  }
  return plan;
}

Millis sweep_interval(const StreamRow& row, const Trigger& trigger) {
  const Millis least = trigger.detect_removed ? Millis{0} : kSweepMin;
  const Millis polls = trigger.every * std::max<std::int64_t>(kPollsBetweenSweeps, row.sweep_pages);
  return std::min(std::max(least, polls), kSweepMax);
}

WalkStart make_start(const Stream& stream, WallTime now) {
  const StreamRow& row = stream.row;
  const Trigger& trigger = *stream.parts->trigger;
  const ReadRules& read = *trigger.operation->read;
  WalkStart start;
  start.page_size_seen = row.page_size_seen;
  start.probe_short_pages = row.state != "active";
  if (read.window) start.window = {{now - read.window->past, now + read.window->ahead}};
  if (!row.walk_kind.empty()) {
    start.kind = row.walk_kind == "incremental" ? CycleKind::incremental : CycleKind::sweep;
    start.cursor = parse_json(row.walk_cursor).value_or(nlohmann::json());
  } else {
    const bool can_ask = read.since && row.state == "active" && row.watermark;
    // A last sweep in the future: the clock was stepped back, by a time that sweeps cannot wait
    // for.
    const bool sweep_due = !row.last_sweep || *row.last_sweep > now ||
                           now - *row.last_sweep >= sweep_interval(row, trigger);
    start.kind = can_ask && !sweep_due ? CycleKind::incremental : CycleKind::sweep;
  }
  if (start.kind == CycleKind::incremental && row.watermark && read.since) {
    start.since = *row.watermark - std::max(read.since->overlap, row.overlap);
  } else if (start.cursor.is_null() && !stream.missing_pending && !start.window) {
    // A 304 says that nothing changed, which is not enough while removals wait for their second
    // sweep.
    start.etag = row.etag;
    start.last_modified = row.last_modified;
    const bool settled = row.state == "active" && row.content_hash != 0 && !row.walk_disturbed;
    if (settled && row.walk_kind.empty()) start.known = stream.known;
  }
  return start;
}

const Operation* confirm_operation(const Stream& stream) {
  const Operation& operation = *stream.parts->trigger->operation;
  if (!operation.read->confirm) return nullptr;
  for (const Operation& other : stream.account->connector->operations) {
    if (other.name == operation.read->confirm->operation) return &other;
  }
  return nullptr;
}

Result<HttpRequest, std::string> confirm_request(const Stream& stream, const Seen& record) {
  const Operation* operation = confirm_operation(stream);
  if (operation == nullptr) return Failure<std::string>("no confirming operation");
  nlohmann::json given = nlohmann::json::object();
  for (const auto& [name, value] : stream.walk->plan.values.items()) {
    const Param* param = operation->find_param(name);
    if (param != nullptr && param->place != ParamPlace::body) given[name] = value;
  }
  given[stream.parts->trigger->operation->read->confirm->param] = record.key;
  Result<HttpRequest, std::string> request =
      build_request(*operation, param_values(*operation, given, *stream.account));
  return request;
}

}  // namespace triggerd
