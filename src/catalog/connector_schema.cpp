#include "triggerd/catalog/connector_schema.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "catalog/connector_keys.h"
#include "triggerd/check.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr const char* kPointerPattern = "^(/([^/~]|~[01])*)*$";
constexpr const char* kNamePattern = "^[A-Za-z0-9_-]+$";

json list_or_one(const json& item) {
  return {{"anyOf", {item, {{"type", "array"}, {"items", item}}}}};
}

json reference(const std::string& map) { return {{"$ref", "#/definitions/" + map}}; }

json plain_text() { return {{"type", {"string", "number", "boolean"}}}; }

std::vector<std::string> split(const std::string& text, const std::string& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

json word_schema(const std::string& word) {
  const json pointer = {{"type", "string"}, {"pattern", kPointerPattern}};
  if (word == "any") return json::object();
  if (word == "null") return {{"type", "null"}};
  if (word == "text") return plain_text();
  if (word == "name") return {{"type", "string"}, {"pattern", kNamePattern}};
  if (word == "integer" || word == "number" || word == "boolean") return {{"type", word}};
  if (word == "duration") return {{"type", "string"}, {"pattern", "^([0-9]+(ms|s|m|h|d))+$"}};
  if (word == "date_format") {
    return {
        {"type", "string"},
        {"pattern", "^((iso8601|date|date_time)( .+)?|epoch_s|epoch_ms|epoch_us|number|.*%.*)$"}};
  }
  if (word == "texts") return list_or_one(plain_text());
  if (word == "texts_by_name") return {{"type", "object"}, {"additionalProperties", plain_text()}};
  if (word == "pointer") return pointer;
  if (word == "pointers") return list_or_one(pointer);
  if (word == "statuses") {
    return list_or_one({{"type", {"integer", "string"}}, {"pattern", "^[1-5]([0-9]{2}|xx)$"}});
  }
  if (word == "auth_kind") {
    return {{"enum", split("none|basic|bearer|header_key|query_key|body_key|oauth2_code|"
                           "oauth2_client|login|derived",
                           "|")}};
  }
  TRIGGERD_CHECK(word == "fan_outs");
  return list_or_one({{"anyOf", {{{"type", "string"}}, reference("fan_out")}}});
}

json value_schema(const std::string& type) {
  if (type.starts_with("[]")) return {{"type", "array"}, {"items", value_schema(type.substr(2))}};
  if (type.starts_with("{}")) {
    return {{"type", "object"}, {"additionalProperties", value_schema(type.substr(2))}};
  }
  const std::vector<std::string> kinds = split(type, " or ");
  if (kinds.size() > 1) {
    json any = json::array();
    for (const std::string& kind : kinds) any.push_back(value_schema(kind));
    return {{"anyOf", std::move(any)}};
  }
  if (type.starts_with('@')) return reference(type.substr(1));
  if (type.starts_with('=')) return {{"enum", split(type.substr(1), "|")}};
  return word_schema(type);
}

// "  KEY!: TYPE: sentence"
void add_key(json& map, const std::string& line) {
  const std::size_t first = line.find(": ");
  const std::size_t second = line.find(": ", first + 2);
  TRIGGERD_CHECK(first != std::string::npos && second != std::string::npos);
  std::string key = line.substr(2, first - 2);
  if (key.ends_with('!')) {
    key.pop_back();
    map["required"].push_back(key);
  }
  json value = value_schema(line.substr(first + 2, second - first - 2));
  value["description"] = line.substr(second + 2);
  map["properties"][key] = std::move(value);
}

}  // namespace

json connector_json_schema() {
  json definitions = json::object();
  json* map = nullptr;
  std::istringstream lines(kConnectorKeys);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (line.starts_with("  ")) {
      add_key(*map, line);
      continue;
    }
    map = &definitions[line];
    *map = {{"type", "object"}, {"additionalProperties", false}};
  }
  json schema = definitions["file"];
  definitions.erase("file");
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "a connector file of triggerd";
  schema["oneOf"] = {{{"required", {"connector"}}}, {{"required", {"overrides"}}}};
  schema["definitions"] = std::move(definitions);
  return schema;
}

}  // namespace triggerd
