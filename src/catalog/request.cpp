#include "triggerd/catalog/request.h"

#include <nlohmann/json.hpp>

#include "catalog/param_value.h"
#include "triggerd/check.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// Everything that a request is made of, while its parameters are gone through.
struct Draft {
  HttpRequest request;
  std::string path;
  Pairs query;
  Pairs form;
  json body;
};

std::string in_path(std::string& path, const Param& param, const json& value) {
  if (value.is_structured()) return "must be a single value, since it stands in the path";
  const std::string text = plain_text(value);
  if (text.empty()) return "must not be empty, since it stands in the path";
  // Dots are unreserved, but as a whole segment they would climb out of the path.
  if (text == "." || text == "..") return "must not be `" + text + "`, since it stands in the path";
  const std::string placeholder = "{" + param.sent_as + "}";
  const std::size_t at = path.find(placeholder);
  TRIGGERD_CHECK(at != std::string::npos);
  path.replace(at, placeholder.size(), percent_encode(text));
  return {};
}

void add_pairs(Pairs& pairs, const Param& param, const json& value) {
  if (!value.is_array()) {
    pairs.emplace_back(param.sent_as, plain_text(value));
    return;
  }
  for (const json& item : value) pairs.emplace_back(param.sent_as, plain_text(item));
}

std::string in_header(HttpRequest& request, const Param& param, const json& value) {
  std::string text = plain_text(value);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return "must not hold line breaks or control characters, since it stands in a header";
    }
  }
  request.headers.push_back({param.sent_as, std::move(text), false});
  return {};
}

json numbers_as_text(json value) {
  if (value.is_number()) return plain_text(value);
  if (value.is_array()) {
    for (json& item : value) item = numbers_as_text(std::move(item));
  }
  return value;
}

std::string in_body(Draft& draft, const Operation& operation, const Param& param, json value) {
  if (operation.body == BodyKind::form) {
    add_pairs(draft.form, param, value);
    return {};
  }
  if (operation.body == BodyKind::text) {
    draft.request.body = plain_text(value);
    return {};
  }
  if (param.as_text) value = numbers_as_text(std::move(value));
  if (param.body_at.empty()) {
    draft.body = std::move(value);
    return {};
  }
  return set_at(draft.body, param.body_at, std::move(value)) ? "" : "has no place in the body";
}

std::string place_value(Draft& draft, const Operation& operation, const Param& param, json value) {
  switch (param.place) {
    case ParamPlace::path:
      return in_path(draft.path, param, value);
    case ParamPlace::query:
      add_pairs(draft.query, param, value);
      return {};
    case ParamPlace::header:
      return in_header(draft.request, param, value);
    case ParamPlace::body:
      return in_body(draft, operation, param, std::move(value));
  }
  return {};
}

std::string place_param(Draft& draft, const Operation& operation, const Param& param,
                        const json& values) {
  const auto given = values.find(param.name);
  const json& value = given == values.end() ? param.fallback : *given;
  if (value.is_null()) {
    const bool clears = param.nullable && given != values.end();
    if (clears) return in_body(draft, operation, param, nullptr);
    return param.required || param.place == ParamPlace::path ? "is missing" : "";
  }
  Result<json, std::string> typed = to_param_type(param, value);
  if (!typed) return typed.error();
  // What an expression gave was not there when the configuration was checked.
  if (std::string wrong = check_sent_value(param, *typed); !wrong.empty()) {
    return "is refused: " + wrong;
  }
  return place_value(draft, operation, param, *std::move(typed));
}

// Whether none of the parameters is there of which one must be. An expression may give nothing.
std::string lacks_one_of(const Operation& operation, const json& values) {
  std::string names;
  for (const std::string& name : operation.one_of) {
    const Param* param = operation.find_param(name);
    const auto given = values.find(name);
    if (given == values.end() ? param != nullptr && !param->fallback.is_null()
                              : !given->is_null() && *given != json("")) {
      return {};
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  return names.empty() ? "" : "one of the parameters " + names + " must be given";
}

std::string joined(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (!text.empty()) text += '&';
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

void finish_body(Draft& draft, const Operation& operation) {
  std::string type;
  switch (operation.body) {
    case BodyKind::none:
      return;
    case BodyKind::json:
    case BodyKind::graphql:
      draft.request.body = compact_json(draft.body);
      type = "application/json";
      break;
    case BodyKind::form:
      for (const auto& [name, value] : draft.body.items()) {
        draft.form.emplace_back(name, plain_text(value));
      }
      draft.request.body = joined(draft.form);
      type = "application/x-www-form-urlencoded";
      break;
    case BodyKind::text:
      type = "text/plain; charset=utf-8";
      break;
  }
  draft.request.headers.push_back({"Content-Type", std::move(type), false});
}

bool has_value(const json& values, const std::string& name) {
  const auto given = values.find(name);
  return given != values.end() && !given->is_null() && *given != json("");
}

// What is asked instead of the operation's own request; nothing when that is it.
const Alternative* chosen(const Operation& operation, const json& values) {
  for (const Alternative& other : operation.alternatives) {
    if (other.asked != nullptr && has_value(values, other.param)) return &other;
  }
  return nullptr;
}

json values_for(const Alternative& other, const json& values) {
  json own = other.with;
  for (const auto& [name, value] : values.items()) {
    if (other.asked->find_param(name) != nullptr) own[name] = value;
  }
  return own;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

Result<HttpRequest, std::string> build_request(const Operation& operation, const json& values) {
  if (!values.is_object()) return Failure<std::string>("the parameters must be a map");
  for (const auto& [name, value] : values.items()) {
    if (operation.find_param(name) == nullptr) {
      return Failure<std::string>("`" + name + "` is not a parameter of " + operation.full_name);
    }
  }
  if (std::string wrong = lacks_one_of(operation, values); !wrong.empty()) {
    return Failure<std::string>(std::move(wrong));
  }
  if (const Alternative* other = chosen(operation, values)) {
    return build_request(*other->asked, values_for(*other, values));
  }
  Draft draft;
  draft.request.method = operation.method;
  draft.path = operation.path;
  draft.body = operation.body_fixed.is_null() ? json::object() : operation.body_fixed;
  for (const auto& [name, value] : operation.headers) {
    draft.request.headers.push_back({name, value, false});
  }
  for (const Param& param : operation.params) {
    if (param.then) continue;  // it is a step of its own
    const std::string wrong = place_param(draft, operation, param, values);
    if (!wrong.empty()) return Failure<std::string>("parameter `" + param.name + "` " + wrong);
  }
  finish_body(draft, operation);
  draft.request.url = std::move(draft.path);
  if (!draft.query.empty()) draft.request.url += "?" + joined(draft.query);
  return std::move(draft.request);
}

}  // namespace triggerd
