#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"
#include "catalog/param_value.h"
#include "triggerd/catalog/request.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

ParamType load_type(YamlMap& map) {
  const std::vector<std::string> names = {"text", "integer", "number", "boolean",
                                          "list", "object",  "any"};
  const std::string name = map.choice("type", names).value_or("text");
  for (const ParamType type : {ParamType::integer, ParamType::number, ParamType::boolean,
                               ParamType::list, ParamType::object, ParamType::any}) {
    if (to_text(type) == name) return type;
  }
  return ParamType::text;
}

ParamPlace usual_place(const Operation& operation, const std::string& sent_as) {
  if (operation.path.find("{" + sent_as + "}") != std::string::npos) return ParamPlace::path;
  const std::string& method = operation.method;
  const bool has_body = method == "POST" || method == "PUT" || method == "PATCH";
  return has_body ? ParamPlace::body : ParamPlace::query;
}

ParamPlace load_place(YamlMap& map, ParamPlace otherwise) {
  const std::optional<std::string> name = map.choice("in", {"path", "query", "header", "body"});
  if (!name) return otherwise;
  if (*name == "path") return ParamPlace::path;
  if (*name == "header") return ParamPlace::header;
  return *name == "body" ? ParamPlace::body : ParamPlace::query;
}

std::string usual_body_at(const Operation& operation, const std::string& sent_as) {
  std::string escaped;
  for (const char c : sent_as) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  if (operation.body == BodyKind::text) return "";
  if (operation.body_fixed.is_array()) return "/0/" + escaped;
  return (operation.body == BodyKind::graphql ? "/variables/" : "/") + escaped;
}

std::optional<double> load_bound(YamlMap& map, std::string_view key) {
  const std::optional<json> value = map.json(key);
  if (!value) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  map.problem(key, "must be a number");
  return std::nullopt;
}

// The allowed values: a list, or the name of one that `defaults` of the file has.
std::vector<json> load_choices(YamlMap& map, const NamedEnums& named) {
  const std::optional<json> written = map.json("enum");
  if (!written) return {};
  if (written->is_array()) return written->get<std::vector<json>>();
  const auto* name = written->get_ptr<const std::string*>();
  if (name == nullptr) {
    map.problem("enum", "must be a list, or the name of one under `defaults.enums`");
    return {};
  }
  const auto found = named.find(*name);
  if (found != named.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, values] : named) names.push_back(known);
  const std::string nearest = nearest_name(*name, names);
  map.problem("enum", "there is no list `" + *name + "` under `defaults.enums`",
              nearest.empty() ? "write the list out" : "did you mean `" + nearest + "`?");
  return {};
}

void load_fan_out(YamlMap& map, Param& param, ConnectorDraft& draft) {
  const YamlNode* node = map.node("fan_out");
  if (node == nullptr) return;
  const std::vector<YamlNode> single = {*node};
  const bool listed = node->kind == YamlNode::Kind::list;
  for (const YamlNode& item : listed ? node->items : single) {
    FanOutSource source;
    Place place = item.place;
    if (item.kind == YamlNode::Kind::scalar) {
      source.operation = item.text;
    } else {
      YamlMap entry(map.document(), item, map.path_of("fan_out"), map.problems());
      const YamlNode* name = entry.required("operation");
      if (name != nullptr) place = name->place;
      source.operation = entry.text("operation").value_or("");
      source.value = load_pointer(entry, "value");
      entry.finish();
    }
    draft.references.push_back(
        {map.document().file, place, map.path_of("fan_out"), source.operation, {}});
    param.fan_out.push_back(std::move(source));
  }
}

void check_values(YamlMap& map, const Param& param) {
  for (const json& choice : param.choices) {
    const auto typed = to_param_type(param, choice);
    if (!typed) map.problem("enum", "`" + plain_text(choice) + "` " + typed.error());
  }
  const std::string wrong = check_param_value(param, param.fallback);
  if (!wrong.empty()) map.problem("default", wrong);
  if (param.minimum && param.maximum && *param.minimum > *param.maximum) {
    map.problem("min", "is above `max`");
  }
  if (!param.from_account.empty() && param.type != ParamType::text) {
    map.problem("from_account", "only a text parameter can be filled from the account");
  }
  const bool structured = param.type == ParamType::object || param.type == ParamType::list;
  if (param.place == ParamPlace::path && structured) {
    map.problem("type", "a " + std::string(to_text(param.type)) + " cannot stand in the path");
  }
}

// How a value is sent: numbers as text, times in a format, null as null.
void load_spelling(YamlMap& map, const Operation& operation, Param& param) {
  param.as_text = map.boolean("as_text").value_or(false);
  param.format = load_date_format(map, "format");
  if (param.format && param.type != ParamType::text && param.type != ParamType::any) {
    map.problem("format", "is for times, which are of type text or any");
  }
  param.nullable = map.boolean("nullable").value_or(false);
  const bool json_body = param.place == ParamPlace::body && operation.body != BodyKind::form &&
                         operation.body != BodyKind::text;
  if (param.nullable && !json_body) {
    map.problem("nullable", "is for parameters of a JSON body");
  }
}

// `secret: true` for the whole value, or pointers to the secrets in it.
void load_secret(YamlMap& map, const Operation& operation, Param& param) {
  const YamlNode* node = map.node("secret");
  if (node == nullptr) return;
  const bool whole = node->kind == YamlNode::Kind::scalar && !node->text.starts_with('/');
  if (!whole) {
    param.secret_at = load_pointers(map, "secret");
  } else if (map.boolean("secret").value_or(false)) {
    param.secret_at = {""};
  }
  if (param.secret_at.empty()) return;
  const bool json_body = operation.body == BodyKind::none || operation.body == BodyKind::json ||
                         operation.body == BodyKind::graphql;
  if (param.place != ParamPlace::body || !json_body) {
    map.problem("secret", "is for parameters of a JSON body");
  }
  if (param.type != (whole ? ParamType::text : ParamType::object)) {
    map.problem("secret", whole ? "is for parameters of type text; name the secrets in a map by "
                                  "pointers"
                                : "pointers are for parameters of type object");
  }
}

// `map_as: [key, field_value]`
void load_map_form(YamlMap& map, Param& param) {
  const std::vector<std::string> names = map.texts("map_as").value_or(std::vector<std::string>{});
  if (!map.has("map_as")) return;
  if (names.size() != 2) {
    map.problem("map_as", "must be two names: of the key's member and of the value's");
  } else if (param.type != ParamType::list) {
    map.problem("map_as", "is for parameters of type list");
  } else {
    param.map_key = names[0];
    param.map_value = names[1];
  }
}

Param load_param(YamlMap& map, const std::string& name, const Operation& operation,
                 ConnectorDraft& draft) {
  Param param;
  param.name = name;
  param.sent_as = map.text("sent_as").value_or(name);
  param.place = load_place(map, usual_place(operation, param.sent_as));
  param.type = load_type(map);
  param.required = map.boolean("required").value_or(param.place == ParamPlace::path);
  if (const YamlNode* at = map.node("at"); at != nullptr) {
    param.body_at = load_pointer(map, "at");
    if (param.place != ParamPlace::body) map.problem("at", "is for parameters in the body alone");
  } else if (param.place == ParamPlace::body) {
    param.body_at = usual_body_at(operation, param.sent_as);
  }
  load_spelling(map, operation, param);
  load_secret(map, operation, param);
  param.fallback = map.json("default").value_or(json());
  param.choices = load_choices(map, draft.enums);
  param.minimum = load_bound(map, "min");
  param.maximum = load_bound(map, "max");
  param.from_account = map.text("from_account").value_or("");
  if (!param.from_account.empty()) {
    draft.account_uses.push_back({map.document().file, map.node("from_account")->place,
                                  map.path_of("from_account"), param.from_account});
  }
  param.description = map.text("about").value_or("");
  param.hidden = map.boolean("hidden").value_or(false);
  load_fan_out(map, param, draft);
  load_map_form(map, param);
  load_follow_up(map, param, draft);
  map.finish();
  check_values(map, param);
  return param;
}

// {names} in the path, each once.
std::vector<std::string> placeholders(YamlMap& entry, const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const std::size_t end = path.find('}', at);
    if (end == std::string::npos) {
      entry.problem("request", "`{` in the path is not closed with `}`");
      break;
    }
    std::string name = path.substr(at + 1, end - at - 1);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      entry.problem("request", "`{" + name + "}` stands in the path twice");
    }
    names.push_back(std::move(name));
  }
  return names;
}

void check_path(YamlMap& entry, const Operation& operation) {
  const std::vector<std::string> names = placeholders(entry, operation.path);
  for (const std::string& name : names) {
    const bool described =
        std::any_of(operation.params.begin(), operation.params.end(), [&](const Param& param) {
          return param.place == ParamPlace::path && param.sent_as == name;
        });
    if (!described) {
      entry.problem("request", "`{" + name + "}` of the path is not described under `params`");
    }
  }
  for (const Param& param : operation.params) {
    const bool used = std::find(names.begin(), names.end(), param.sent_as) != names.end();
    if (param.place == ParamPlace::path && !used) {
      entry.problem("params", "`" + param.name + "` is a path parameter, but the path has no `{" +
                                  param.sent_as + "}`");
    }
  }
}

void load_one_of(YamlMap& entry, Operation& operation) {
  operation.one_of = entry.texts("one_of").value_or(std::vector<std::string>{});
  if (operation.one_of.empty()) return;
  const Place place = entry.node("one_of")->place;
  for (const std::string& name : operation.one_of) {
    const Param* param = known_param(entry, place, name, operation);
    if (param != nullptr && param->required) {
      entry.problem_at(place, "one_of: `" + name + "` is required anyway");
    }
  }
  if (operation.one_of.size() < 2) entry.problem("one_of", "needs at least two parameters");
}

BodyKind load_body_kind(YamlMap& map, std::string_view key) {
  const std::string name =
      map.choice(key, {"none", "json", "form", "text", "graphql"}).value_or("none");
  if (name == "json") return BodyKind::json;
  if (name == "form") return BodyKind::form;
  if (name == "text") return BodyKind::text;
  return name == "graphql" ? BodyKind::graphql : BodyKind::none;
}

}  // namespace

void load_body(YamlMap& entry, Operation& operation) {
  const YamlNode* node = entry.node("body");
  if (node == nullptr) return;
  if (node->kind != YamlNode::Kind::map) {
    operation.body = load_body_kind(entry, "body");
    return;
  }
  YamlMap map(entry.document(), *node, entry.path_of("body"), entry.problems());
  operation.body = map.has("kind") ? load_body_kind(map, "kind") : BodyKind::json;
  if (const auto fixed = map.json("fixed")) operation.body_fixed = *fixed;
  map.finish();
  const json& fixed = operation.body_fixed;
  const bool list_of_one = operation.body == BodyKind::json && fixed.is_array() &&
                           fixed.size() == 1 && fixed.front().is_object();
  if (!fixed.is_null() && !fixed.is_object() && !list_of_one) {
    map.problem("fixed", "must be a map, or in a JSON body a list of one map");
    operation.body_fixed = nullptr;
  }
  const bool has_query = operation.body_fixed.is_object() && operation.body_fixed.contains("query");
  if (operation.body == BodyKind::graphql && !has_query) {
    map.problem("fixed", "a GraphQL body needs the member `query`");
  }
}

void load_params(YamlMap& entry, Operation& operation, ConnectorDraft& draft) {
  entry.each("params", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    const std::string path = entry.path_of("params") + "." + name;
    YamlNode shown = value;
    if (value.kind == YamlNode::Kind::scalar) {
      // A text alone is the description of an optional text parameter.
      const YamlNode about{YamlNode::Kind::scalar, key.place, "about", false, {}, {}};
      shown = {YamlNode::Kind::map, value.place, {}, false, {}, {{about, value}}};
    } else if (value.kind == YamlNode::Kind::null) {
      shown.kind = YamlNode::Kind::map;
    }
    YamlMap map(entry.document(), shown, path, entry.problems());
    operation.params.push_back(load_param(map, name, operation, draft));
  });
  const bool in_body =
      std::any_of(operation.params.begin(), operation.params.end(),
                  [](const Param& param) { return param.place == ParamPlace::body; });
  if (in_body && operation.body == BodyKind::none) {
    if (entry.has("body")) {
      entry.problem("body", "is none, but there are parameters in the body");
    }
    operation.body = BodyKind::json;
  }
  check_path(entry, operation);
  load_one_of(entry, operation);
}

}  // namespace triggerd
