#include "triggerd/catalog/describe.h"

#include <nlohmann/json.hpp>

#include "catalog/param_value.h"
#include "catalog/words.h"
#include "triggerd/json_text.h"
#include "triggerd/time.h"

namespace triggerd {
namespace {

using nlohmann::json;

void put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void put(json& object, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) object[key] = texts;
}

void put(json& object, const char* key, const Stamp& stamp) {
  if (stamp.at.empty()) return;
  object[key] = {{"at", stamp.at}, {"format", to_text(stamp.format)}};
  if (!stamp.version) object[key]["version"] = false;
}

json describe_param(const Param& param) {
  json shown = {{"name", param.name},
                {"in", to_text(param.place)},
                {"type", to_text(param.type)},
                {"required", param.required}};
  if (param.sent_as != param.name) shown["sent_as"] = param.sent_as;
  if (param.place == ParamPlace::body) shown["at"] = param.body_at;
  if (!param.fallback.is_null()) shown["default"] = param.fallback;
  if (!param.choices.empty()) shown["enum"] = param.choices;
  if (param.minimum) shown["min"] = *param.minimum;
  if (param.maximum) shown["max"] = *param.maximum;
  if (param.as_text) shown["as_text"] = true;
  if (param.nullable) shown["nullable"] = true;
  if (!param.secret_at.empty()) shown["secret"] = param.secret_at;
  if (param.format) shown["format"] = to_text(*param.format);
  if (param.hidden) shown["hidden"] = true;
  if (!param.map_key.empty()) shown["map_as"] = {param.map_key, param.map_value};
  if (param.then)
    shown["then"] = {{"operation", param.then->operation}, {"param", param.then->param}};
  put(shown, "from_account", param.from_account);
  put(shown, "about", param.description);
  for (const FanOutSource& source : param.fan_out) {
    json from = {{"operation", source.operation}};
    put(from, "value", source.value);
    shown["fan_out"].push_back(std::move(from));
  }
  return shown;
}

json describe_id(const IdRule& id) {
  if (!id.param.empty()) return {{"param", id.param}};
  return id.alternatives;
}

json describe_paging(const Paging& paging) {
  json shown = {{"kind", to_text(paging.kind)}};
  put(shown, "size_param", paging.size_param);
  if (paging.size > 0) shown["size"] = paging.size;
  put(shown, "number_param", paging.number_param);
  for (const CursorPart& part : paging.parts) {
    json& one = shown["parts"][part.param] = part.at;
    if (!part.jq.empty()) one = {{"at", part.at}, {"jq", part.jq}};
  }
  put(shown, "next_url_at", paging.next_url_at);
  put(shown, "next_url_params", paging.next_url_params);
  if (paging.ends_on_short_page) shown["ends_on_short_page"] = true;
  put(shown, "more_at", paging.more_at);
  put(shown, "total_at", paging.total_at);
  return shown;
}

std::vector<std::string> kinds_seen(const ReadRules& rules) {
  // A single object has no creation that a list would show; `new` is its appearing.
  if (rules.shape == Shape::object) return {"changed", "removed", "new"};
  return {"new", "changed", "removed"};
}

std::string how_detected(const ReadRules& rules) {
  switch (rules.shape) {
    case Shape::list:
      if (rules.since && rules.since->set.empty()) {
        return "reads from the latest change back to the last poll, with full sweeps";
      }
      if (rules.since) return "asks for what changed since the last poll, with full sweeps";
      if (rules.window) return "reads a rolling window of time in full and compares";
      return "reads the whole list and compares";
    case Shape::object:
      return "reads one object and compares";
    case Shape::map:
    case Shape::value:
    case Shape::text:
    case Shape::binary:
      return "compares the whole answer";
  }
  return {};
}

std::string overlap_text(const Since& since) {
  const bool counts = since.format.family == DateFamily::number;
  return counts ? std::to_string(since.overlap.count()) : format_duration(since.overlap);
}

json describe_read(const ReadRules& rules) {
  json shown = {{"shape", to_text(rules.shape)},
                {"id", describe_id(rules.id)},
                {"detects", kinds_seen(rules)},
                {"how", how_detected(rules)}};
  if (rules.shape == Shape::list || rules.shape == Shape::object) shown["records"] = rules.records;
  put(shown, "entry_key", rules.entry_key);
  put(shown, "members", rules.members);
  put(shown, "gone", rules.gone);
  for (const RecordCondition& condition : rules.where) {
    json one = {{"at", condition.at}};
    put(one, "equals", condition.equals);
    put(one, "not", condition.unless);
    if (condition.given) one["given"] = *condition.given;
    shown["where"].push_back(std::move(one));
  }
  put(shown, "updated", rules.updated);
  put(shown, "created", rules.created);
  put(shown, "volatile", rules.volatiles);
  put(shown, "unordered", rules.unordered);
  put(shown, "remember", rules.remember);
  put(shown, "require", rules.required);
  put(shown, "location_echo", rules.location_echo);
  if (rules.shape == Shape::list) shown["paging"] = describe_paging(rules.paging);
  if (rules.since) {
    shown["since"] = {{"set", rules.since->set},
                      {"always", rules.since->always},
                      {"format", to_text(rules.since->format)},
                      {"overlap", overlap_text(*rules.since)}};
    if (rules.since->newest_first) shown["since"]["newest_first"] = true;
  }
  if (rules.window) {
    shown["window"] = {{"start", rules.window->start_param},
                       {"end", rules.window->end_param},
                       {"format", to_text(rules.window->format)},
                       {"past", format_duration(rules.window->past)},
                       {"ahead", format_duration(rules.window->ahead)}};
    put(shown["window"], "covers", rules.window->covers);
  }
  if (rules.confirm) {
    shown["confirm"] = {{"operation", rules.confirm->operation}, {"param", rules.confirm->param}};
  }
  return shown;
}

json describe_write(const WriteRules& rules) {
  json shown = {{"retry_safe", rules.retry_safe}};
  if (!rules.unsafe_with.empty()) shown["unsafe_with"] = rules.unsafe_with;
  put(shown, "idempotency_header", rules.idempotency_header);
  put(shown, "success_at", rules.success_at);
  put(shown, "result", rules.result);
  if (rules.record) {
    json& record = shown["record"] = {{"of", rules.record->of}};
    put(record, "param", rules.record->param);
    put(record, "at", rules.record->at);
    if (rules.record->param.empty()) put(record, "id", rules.record->id);
    put(record, "made_at", rules.record->made_at);
    if (rules.record->removes) record["removes"] = true;
  }
  return shown;
}

std::string joined(const json& list) {
  std::string text;
  for (const json& item : list) text += (text.empty() ? "" : ", ") + plain_text(item);
  return text;
}

std::string param_notes(const Param& param) {
  std::string notes(to_text(param.type));
  if (param.required) notes += ", required";
  if (!param.from_account.empty()) notes += ", from the account's " + param.from_account;
  if (param.hidden) notes += ", set by triggerd";
  if (param.format) notes += ", a time";
  if (param.nullable) notes += ", null clears it";
  if (!param.secret_at.empty()) notes += ", secret: written as ${env:NAME} or ${file:/path}";
  if (!param.map_key.empty()) notes += ", or a map of " + param.map_key + " and value";
  if (param.then) notes += ", a step of its own: " + param.then->operation;
  if (!param.fallback.is_null()) notes += ", default " + plain_text(param.fallback);
  if (param.minimum) notes += ", at least " + plain_text(json(*param.minimum));
  if (param.maximum) notes += ", at most " + plain_text(json(*param.maximum));
  if (!param.choices.empty()) notes += ", one of " + joined(param.choices);
  for (const FanOutSource& source : param.fan_out) {
    notes += ", can follow " + source.operation;
    if (!source.value.empty()) notes += " (" + source.value + ")";
  }
  return notes;
}

std::string id_text(const IdRule& id) {
  if (!id.param.empty()) return "parameter " + id.param;
  std::string text;
  for (const auto& pointers : id.alternatives) {
    text += text.empty() ? "" : ", else ";
    for (std::size_t i = 0; i < pointers.size(); ++i) text += (i > 0 ? " + " : "") + pointers[i];
  }
  return text;
}

std::string line(const std::string& name, const std::string& text) {
  if (text.empty()) return {};
  return "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + text + "\n";
}

std::string repeating(const WriteRules& rules) {
  if (!rules.retry_safe) return "may act twice after a lost answer";
  std::string text = "does no harm";
  for (const auto& [name, value] : rules.unsafe_with.items()) {
    text += ", but with " + name + ": " + plain_text(value) + " it may act twice";
  }
  return text;
}

std::string read_lines(const ReadRules& rules) {
  std::string text = line("detects", joined(kinds_seen(rules)) + ": " + how_detected(rules));
  text += line("id", id_text(rules.id)) + line("gone", rules.gone);
  text += line("updated", rules.updated.at);
  text += line("created", rules.created.at) + line("ignores", joined(rules.volatiles));
  text += line("remembers", joined(rules.remember));
  if (rules.paging.kind != PagingKind::none) {
    const std::string size =
        rules.paging.size > 0 ? ", " + std::to_string(rules.paging.size) + " records a page" : "";
    text += line("pages", std::string(to_text(rules.paging.kind)) + size);
  }
  if (rules.window) {
    text += line("window", format_duration(rules.window->past) + " back, " +
                               format_duration(rules.window->ahead) + " ahead");
  }
  if (rules.confirm) text += line("confirms", "removals by " + rules.confirm->operation);
  return text;
}

}  // namespace

json describe_operation(const Operation& operation) {
  json shown = {{"name", operation.full_name},
                {"connector", operation.connector},
                {"kind", to_text(operation.kind)},
                {"method", operation.method},
                {"path", operation.path},
                {"title", operation.title},
                {"token", to_text(operation.token)},
                {"scopes", operation.scopes},
                {"deprecated", operation.deprecated},
                {"confirmed", operation.confirmed},
                {"body", to_text(operation.body)},
                {"headers", json::object()},
                {"params", json::array()}};
  put(shown, "about", operation.description);
  put(shown, "category", operation.category);
  put(shown, "source", operation.source);
  put(shown, "one_of", operation.one_of);
  for (const Alternative& other : operation.alternatives) {
    shown["alternatives"].push_back({{"param", other.param}, {"operation", other.operation}});
  }
  put(shown, "limit_group", operation.limit_group);
  put(shown, "corrected_by", operation.corrected);
  if (!operation.body_fixed.is_null()) shown["body_fixed"] = operation.body_fixed;
  for (const auto& [name, value] : operation.headers) shown["headers"][name] = value;
  for (const Param& param : operation.params) shown["params"].push_back(describe_param(param));
  for (const ErrorRule& rule : operation.errors) {
    json one = {{"status", rule.statuses}, {"means", to_text(rule.means)}};
    put(one, "at", rule.at);
    put(one, "equals", rule.equals);
    put(one, "contains", rule.contains);
    shown["errors"].push_back(std::move(one));
  }
  if (operation.read) shown["read"] = describe_read(*operation.read);
  if (operation.write) shown["write"] = describe_write(*operation.write);
  return shown;
}

std::string describe_operation_text(const Operation& operation) {
  std::string text = operation.full_name + ": " + operation.title + "\n";
  if (!operation.description.empty()) text += operation.description + "\n";
  if (operation.deprecated) text += "Deprecated by the app.\n";
  if (!operation.confirmed) text += "Not all of it is in the app's own documents.\n";
  for (const std::string& file : operation.corrected) text += "Corrected by " + file + ".\n";
  text += "\n" + line("request", operation.method + " " + operation.path);
  for (const auto& [name, value] : operation.headers) text += line("header", name + ": " + value);
  if (operation.token != TokenLevel::any)
    text += line("token", std::string(to_text(operation.token)));
  for (const Alternative& other : operation.alternatives) {
    text += line("with " + other.param, "asks " + other.operation);
  }
  text += line("scopes", joined(operation.scopes));
  if (operation.read) text += read_lines(*operation.read);
  if (operation.write) {
    text += line("repeating", repeating(*operation.write));
  }
  text += line("facts", operation.confirmed ? "confirmed" : "unconfirmed");
  text += line("source", operation.source);
  if (!operation.params.empty()) text += "\nparameters\n";
  for (const Param& param : operation.params) {
    text += "  " + param.name + " (" + param_notes(param) + ")\n";
    if (!param.description.empty()) text += "      " + param.description + "\n";
  }
  if (!operation.one_of.empty()) text += "  at least one of " + joined(operation.one_of) + "\n";
  return text;
}

json param_json_schema(const Param& param) {
  json schema = json::object();
  put(schema, "description", param.description);
  if (!param.fallback.is_null()) schema["default"] = param.fallback;
  json values = json::object();
  switch (param.type) {
    case ParamType::text:
      values["type"] = {"string", "number", "boolean"};
      break;
    case ParamType::integer:
    case ParamType::number:
    case ParamType::boolean:
    case ParamType::object:
      values["type"] = to_text(param.type);
      break;
    case ParamType::list:
      values["type"] = {"array", "string", "number"};
      if (!param.map_key.empty()) values["type"].push_back("object");
      break;
    case ParamType::any:
      return schema;
  }
  if (!param.choices.empty()) {
    const json choices = {{"enum", param.choices}};
    values = param.type == ParamType::list ? json{{"items", choices}} : choices;
  }
  if (param.minimum) values["minimum"] = *param.minimum;
  if (param.maximum) values["maximum"] = *param.maximum;
  // Whatever the type, an expression can stand for the value.
  schema["anyOf"] = {std::move(values), {{"type", "string"}, {"pattern", "\\$\\{\\{"}}};
  if (param.nullable) schema["anyOf"].push_back({{"type", "null"}});
  return schema;
}

}  // namespace triggerd
