#include "triggerd/config/json_schema.h"

#include <nlohmann/json.hpp>

#include "config/grammar.h"
#include "triggerd/catalog/describe.h"
#include "triggerd/config/config.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr const char* kDurationPattern = "^([0-9]+(ms|s|m|h|d))+$";
// 1m to 15m in each way that a duration of one or two units can be written.
constexpr const char* kIntervalPattern =
    "^(([1-9]|1[0-4])m([1-5]?[0-9]s)?|15m(0s)?|([6-9][0-9]|[1-8][0-9][0-9]|900)s|"
    "([6-9][0-9]{4}|[1-8][0-9]{5}|900000)ms)$";
constexpr const char* kPointerPattern = "^(/([^/~]|~[01])+)+$";

json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

std::string section_name(SectionKind kind) {
  switch (kind) {
    case SectionKind::root:
      return "root";
    case SectionKind::engine:
      return "engine";
    case SectionKind::retention:
      return "retention";
    case SectionKind::account:
      return "account";
    case SectionKind::defaults:
      return "defaults";
    case SectionKind::trigger:
      return "trigger";
    case SectionKind::transition:
      return "transition";
    case SectionKind::step:
      return "step";
    case SectionKind::retry:
      return "retry";
    case SectionKind::confirm:
      return "confirm";
    case SectionKind::link:
      return "link";
    case SectionKind::oauth:
      return "oauth";
    case SectionKind::follow:
      return "follow";
    case SectionKind::agency:
      return "agency";
    case SectionKind::reconcile:
      return "reconcile";
    case SectionKind::reconcile_side:
      return "reconcile_side";
    case SectionKind::reconcile_do:
      return "reconcile_do";
    case SectionKind::webhook:
      return "webhook";
    case SectionKind::exec:
      return "exec";
    case SectionKind::file:
      return "file";
    case SectionKind::log:
      return "log";
  }
  return {};
}

json one_or_list(const json& item) {
  return {{"anyOf",
           {item, {{"type", "array"}, {"items", item}, {"minItems", 1}, {"uniqueItems", true}}}}};
}

json integer_schema(const KeyRule& rule) {
  json schema = {{"type", "integer"}};
  if (rule.minimum) schema["minimum"] = *rule.minimum;
  if (rule.maximum) schema["maximum"] = *rule.maximum;
  return schema;
}

// Editors cannot compare durations, so the interval's range stands as a pattern.
json duration_schema(const KeyRule& rule) {
  if (rule.maximum == kIntervalMax.count()) {
    return {{"type", "string"}, {"pattern", kIntervalPattern}, {"examples", {"1m", "5m", "15m"}}};
  }
  return {{"type", "string"}, {"pattern", kDurationPattern}};
}

json type_schema(const KeyRule& rule) {
  static const json kText = {{"type", {"string", "number", "boolean"}}};
  static const json kPointer = {{"type", "string"}, {"pattern", kPointerPattern}};
  switch (rule.type) {
    case KeyType::text:
    case KeyType::expression:
      return kText;
    case KeyType::integer:
      return integer_schema(rule);
    case KeyType::boolean:
      return {{"type", "boolean"}};
    case KeyType::duration:
      return duration_schema(rule);
    case KeyType::choice:
      return {{"type", "string"}, {"enum", rule.choices}};
    case KeyType::choices:
      return one_or_list({{"type", "string"}, {"enum", rule.choices}});
    case KeyType::texts:
      return one_or_list(kText);
    case KeyType::pointer:
      return kPointer;
    case KeyType::pointers:
      return one_or_list(kPointer);
    case KeyType::any:
      return json::object();
    case KeyType::open_map:
      return {{"type", "object"}};
    case KeyType::section:
      return reference(section_name(rule.section));
    case KeyType::named_sections:
      return {{"type", {"object", "null"}},
              {"additionalProperties", reference(section_name(rule.section))}};
    case KeyType::section_list:
      return {{"type", {"array", "null"}}, {"items", reference(section_name(rule.section))}};
  }
  return json::object();
}

json section_schema(SectionKind kind) {
  json schema = {
      {"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
  for (const KeyRule& rule : rules_of(kind)) {
    if (!rule.available) continue;
    json property = type_schema(rule);
    // Beside a $ref, draft 07 ignores everything else.
    if (property.contains("$ref")) property = {{"allOf", {property}}};
    property["description"] = rule.about;
    schema["properties"][rule.name] = std::move(property);
    if (rule.required) schema["required"].push_back(rule.name);
  }
  return schema;
}

json when_equals(const std::string& key, const std::string& value, json then) {
  return {{"if", {{"properties", {{key, {{"const", value}}}}}, {"required", {key}}}},
          {"then", std::move(then)}};
}

bool is_needed(const Param& param) {
  return param.required && !param.hidden && param.fallback.is_null() && param.from_account.empty();
}

// Parameters of a poll; what is required may also come from for_each, which the checker knows.
json params_schema(const Operation& operation) {
  json schema = {
      {"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
  for (const Param& param : operation.params) {
    if (!param.hidden) schema["properties"][param.name] = param_json_schema(param);
  }
  return schema;
}

json with_schema(const Operation& operation) {
  static const json kExpression = {{"type", "string"}, {"pattern", "\\$\\{\\{"}};
  static const json kPhone = {{"type", "object"},
                              {"properties",
                               {{"to_e164", {{"type", "string"}}},
                                {"country", {{"type", "string"}, {"pattern", "^[A-Z]{2}$"}}}}},
                              {"required", {"to_e164"}},
                              {"additionalProperties", false}};
  json schema = params_schema(operation);
  for (const Param& param : operation.params) {
    if (!schema["properties"].contains(param.name)) continue;
    json& property = schema["properties"][param.name];
    property = {{"anyOf", {property, kExpression}}};
    if (param.type == ParamType::text) property["anyOf"].push_back(kPhone);
  }
  for (const Param& param : operation.params) {
    if (is_needed(param)) schema["required"].push_back(param.name);
  }
  return schema;
}

json for_each_schema(const Operation& operation) {
  json names = json::array();
  for (const Param& param : operation.params) {
    if (!param.hidden) names.push_back(param.name);
  }
  return {{"type", "object"},
          {"propertyNames", {{"enum", names}}},
          {"additionalProperties",
           {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"minItems", 1}}}}}}};
}

// What `poll` says decides what `params` may hold.
void add_polls(json& trigger, const Catalog& catalog) {
  json names = json::array();
  for (const std::string& name : catalog.operation_names()) {
    const Operation& operation = *catalog.operation(name);
    if (operation.kind != OperationKind::read) continue;
    names.push_back(name);
    trigger["allOf"].push_back(when_equals(
        "poll", name,
        {{"properties",
          {{"params", params_schema(operation)}, {"for_each", for_each_schema(operation)}}}}));
  }
  trigger["properties"]["poll"]["enum"] = names;
}

void add_actions(json& step, const Catalog& catalog) {
  json names = json::array();
  for (const BuiltInAction& action : built_in_actions()) {
    names.push_back(action.name);
    step["allOf"].push_back(when_equals(
        "action", action.name, {{"properties", {{"with", reference(section_name(action.with))}}}}));
  }
  for (const std::string& name : catalog.operation_names()) {
    names.push_back(name);
    step["allOf"].push_back(when_equals(
        "action", name, {{"properties", {{"with", with_schema(*catalog.operation(name))}}}}));
  }
  step["properties"]["action"]["enum"] = names;
  for (const char* key : {"action", "link"}) {
    step["oneOf"].push_back({{"required", json::array({key})}});
  }
}

// Keys and credentials differ by connector.
void add_connectors(json& account, const Catalog& catalog) {
  json names = json::array();
  for (const Connector* connector : catalog.connectors()) {
    names.push_back(connector->name);
    json fields = {{"kind", {{"type", "string"}}}};
    for (const AuthRule& rule : connector->auth) {
      for (const std::string& field : rule.fields) fields[field] = {{"type", "string"}};
      if (rule.kind == AuthKind::oauth2_code) {
        fields["oauth"] = reference(section_name(SectionKind::oauth));
        fields["redirect_uri"] = {{"type", "string"}};
      }
      if (rule.kind == AuthKind::oauth2_code || rule.kind == AuthKind::oauth2_client) {
        fields["scopes"] = {{"type", {"string", "array"}}};
      }
    }
    account["allOf"].push_back(when_equals(
        "connector", connector->name,
        {{"properties",
          {{"auth",
            {{"type", "object"}, {"properties", fields}, {"additionalProperties", false}}}}}}));
    for (const AccountKey& key : connector->account_keys) {
      account["properties"][key.name] = {{"type", {"string", "number"}},
                                         {"description", key.description}};
    }
  }
  account["properties"]["connector"]["enum"] = names;
}

}  // namespace

nlohmann::json triggers_json_schema(const Catalog& catalog) {
  json schema = section_schema(SectionKind::root);
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "triggers.yaml of triggerd";
  for (const SectionKind kind :
       {SectionKind::engine, SectionKind::retention, SectionKind::account, SectionKind::defaults,
        SectionKind::trigger, SectionKind::transition, SectionKind::step, SectionKind::retry,
        SectionKind::oauth, SectionKind::follow, SectionKind::agency, SectionKind::confirm,
        SectionKind::link, SectionKind::webhook, SectionKind::exec, SectionKind::file,
        SectionKind::log}) {
    schema["definitions"][section_name(kind)] = section_schema(kind);
  }
  add_connectors(schema["definitions"]["account"], catalog);
  add_polls(schema["definitions"]["trigger"], catalog);
  add_actions(schema["definitions"]["step"], catalog);
  return schema;
}

}  // namespace triggerd
