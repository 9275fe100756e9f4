#include "catalog/param_value.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "triggerd/catalog/request.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// 2^53: up to here a double that is whole is that integer.
constexpr double kWholeMax = 9007199254740992.0;

constexpr std::size_t kShownBytesMax = 100;

template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<json> to_integer(const json& value) {
  if (value.is_number_integer()) return value;
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::trunc(number) != number || std::fabs(number) > kWholeMax) return std::nullopt;
    return json(static_cast<std::int64_t>(number));
  }
  if (!value.is_string()) return std::nullopt;
  const auto number = read_number<std::int64_t>(value.get_ref<const std::string&>());
  return number ? std::optional<json>(*number) : std::nullopt;
}

std::optional<json> to_number(const json& value) {
  if (value.is_number()) return value;
  if (auto whole = to_integer(value)) return whole;
  if (!value.is_string()) return std::nullopt;
  const auto number = read_number<double>(value.get_ref<const std::string&>());
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return json(*number);
}

std::optional<json> to_boolean(const json& value) {
  if (value.is_boolean()) return value;
  if (value == "true") return json(true);
  if (value == "false") return json(false);
  return std::nullopt;
}

std::optional<json> convert(ParamType type, json value) {
  switch (type) {
    case ParamType::text:
      if (value.is_structured()) return std::nullopt;
      return value.is_string() ? value : json(plain_text(value));
    case ParamType::integer:
      return to_integer(value);
    case ParamType::number:
      return to_number(value);
    case ParamType::boolean:
      return to_boolean(value);
    case ParamType::list:
      if (value.is_array()) return value;
      return json::array({std::move(value)});
    case ParamType::object:
      return value.is_object() ? std::optional<json>(std::move(value)) : std::nullopt;
    case ParamType::any:
      return value;
  }
  return std::nullopt;
}

std::string_view wanted(ParamType type) {
  switch (type) {
    case ParamType::text:
      return "a text";
    case ParamType::integer:
      return "a whole number";
    case ParamType::number:
      return "a number";
    case ParamType::boolean:
      return "true or false";
    case ParamType::list:
      return "a list";
    case ParamType::object:
      return "a map";
    case ParamType::any:
      return "a value";
  }
  return {};
}

// {a: 1} -> [{KEY: "a", VALUE: 1}]; what an expression leaves null stays as it is at the app.
json list_of_map(const Param& param, const json& map) {
  json items = json::array();
  for (const auto& [key, value] : map.items()) {
    if (!value.is_null()) items.push_back({{param.map_key, key}, {param.map_value, value}});
  }
  return items;
}

bool is_template(const json& value) {
  // A phone number's form becomes a text per event (JsonTemplate).
  if (value.is_object() && value.contains("to_e164")) return true;
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr && text->find("${{") != std::string::npos;
}

bool is_choice(const Param& param, const json& value) {
  for (const json& choice : param.choices) {
    // 1 and "1" are the same choice: YAML writes both, and most places send text.
    if (choice == value || plain_text(choice) == plain_text(value)) return true;
  }
  return false;
}

std::string choices_text(const Param& param) {
  std::string text;
  for (const json& choice : param.choices) text += (text.empty() ? "" : ", ") + plain_text(choice);
  return text;
}

// A value as it is named in a problem, cut at a whole character.
std::string shown(const json& value) {
  std::string text = plain_text(value);
  if (text.size() <= kShownBytesMax) return text;
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

std::string check_single(const Param& param, const json& value) {
  if (!param.choices.empty() && !is_choice(param, value)) {
    return "`" + shown(value) + "` is not one of " + choices_text(param);
  }
  if (!value.is_number()) return {};
  const double number = value.get<double>();
  if (param.minimum && number < *param.minimum) {
    return plain_text(value) + " is below the least value, " + plain_text(json(*param.minimum));
  }
  if (param.maximum && number > *param.maximum) {
    return plain_text(value) + " is above the greatest value, " + plain_text(json(*param.maximum));
  }
  return {};
}

}  // namespace

std::string_view to_text(ParamType type) {
  switch (type) {
    case ParamType::text:
      return "text";
    case ParamType::integer:
      return "integer";
    case ParamType::number:
      return "number";
    case ParamType::boolean:
      return "boolean";
    case ParamType::list:
      return "list";
    case ParamType::object:
      return "object";
    case ParamType::any:
      return "any";
  }
  return {};
}

Result<json, std::string> to_param_type(const Param& param, json value) {
  // An object with the value's member is one item of the list, no map.
  const bool is_map =
      !param.map_key.empty() && value.is_object() && !value.contains(param.map_value);
  if (is_map) value = list_of_map(param, value);
  std::optional<json> converted = convert(param.type, std::move(value));
  if (!converted) return Failure<std::string>("must be " + std::string(wanted(param.type)));
  if (!param.format) return *std::move(converted);
  const std::optional<WallTime> at = read_date(*converted, DateFormat{});
  if (!at) return Failure<std::string>("must be a time, as in 2026-03-01T09:30:00Z");
  return write_date(*at, *param.format);
}

std::string check_param_value(const Param& param, const json& value) {
  if (value.is_null() || is_template(value)) return {};
  Result<json, std::string> typed = to_param_type(param, value);
  if (!typed) return typed.error();
  // What is an expression in the file is checked when it has a value.
  if (typed->is_array()) {
    json known = json::array();
    for (json& item : *typed) {
      if (!is_template(item)) known.push_back(std::move(item));
    }
    *typed = std::move(known);
  }
  return check_sent_value(param, *typed);
}

std::string check_sent_value(const Param& param, const json& typed) {
  if (!typed.is_array()) return check_single(param, typed);
  for (const json& item : typed) {
    if (std::string wrong = check_single(param, item); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace triggerd
