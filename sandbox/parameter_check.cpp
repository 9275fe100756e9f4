// The strict check of query parameters and body members against the route's table, in the words
// that the API's validation uses.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

std::string plain_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char letter) { return letter >= '0' && letter <= '9'; });
}

std::optional<double> as_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

void check_range(const Param& param, double value, std::vector<std::string>& problems) {
  if (param.highest && value > *param.highest) {
    problems.push_back(param.name + " must not be greater than " + plain_number(*param.highest));
  }
  if (param.lowest && value < *param.lowest) {
    problems.push_back(param.name + " must not be less than " + plain_number(*param.lowest));
  }
}

void check_allowed(const Param& param, const std::string& value,
                   std::vector<std::string>& problems) {
  if (param.allowed.empty()) return;
  const auto parts = param.comma_separated ? split_commas(value) : std::vector{value};
  for (const std::string& part : parts) {
    if (std::find(param.allowed.begin(), param.allowed.end(), part) != param.allowed.end()) {
      continue;
    }
    std::string names;
    for (const std::string& name : param.allowed) names += (names.empty() ? "" : ", ") + name;
    problems.push_back(param.name + " must be one of the following values: " + names);
    return;
  }
}

void check_text(const Param& param, const std::string& value, std::vector<std::string>& problems) {
  switch (param.type) {
    case ParamType::text:
      check_allowed(param, value, problems);
      return;
    case ParamType::digits:
      if (!all_digits(value)) {
        problems.push_back(param.name + " must be a number string");
      } else {
        check_range(param, std::strtod(value.c_str(), nullptr), problems);
      }
      return;
    case ParamType::number:
      if (const auto given = as_number(value)) {
        check_range(param, *given, problems);
      } else {
        problems.push_back(param.name +
                           " must be a number conforming to the specified constraints");
      }
      return;
    case ParamType::boolean:
      if (value != "true" && value != "false") {
        problems.push_back(param.name + " must be a boolean value");
      }
      return;
    case ParamType::list:
    case ParamType::object:
    case ParamType::any:
      return;
  }
}

void check_query(const Visit& visit, std::vector<std::string>& problems) {
  const auto& params = visit.route().query;
  for (const auto& [name, value] : visit.query()) {
    const bool known = std::any_of(params.begin(), params.end(),
                                   [&](const Param& param) { return param.name == name; });
    if (!known) problems.push_back("property " + name + " should not exist");
  }
  for (const Param& param : params) {
    bool present = false;
    for (const auto& [name, value] : visit.query()) {
      if (name != param.name || value.empty()) continue;
      // Given twice, a parameter arrives as a list.
      if (present && param.type != ParamType::list) {
        problems.push_back(param.name + " must be a string");
        break;
      }
      present = true;
      check_text(param, value, problems);
    }
    if (param.required && !present) problems.push_back(param.name + " should not be empty");
  }
}

bool has_type(const Param& param, const json& value) {
  switch (param.type) {
    case ParamType::text:
      return value.is_string();
    case ParamType::digits:
      return value.is_string() && all_digits(value.get<std::string>());
    case ParamType::number:
      return value.is_number();
    case ParamType::boolean:
      return value.is_boolean();
    case ParamType::list:
      return value.is_array();
    case ParamType::object:
      return value.is_object();
    case ParamType::any:
      return true;
  }
  return false;
}

std::string_view type_complaint(ParamType type) {
  switch (type) {
    case ParamType::text:
      return " must be a string";
    case ParamType::digits:
      return " must be a number string";
    case ParamType::number:
      return " must be a number conforming to the specified constraints";
    case ParamType::boolean:
      return " must be a boolean value";
    case ParamType::list:
      return " must be an array";
    case ParamType::object:
      return " must be an object";
    case ParamType::any:
      return "";
  }
  return "";
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

void check_members(const std::vector<Param>& params, const json& object, const std::string& prefix,
                   std::vector<std::string>& problems);

// Objects inside a member, where the documents say what they hold: `hours.0.openHour`.
void check_inside(const Param& param, const json& value, const std::string& prefix,
                  std::vector<std::string>& problems) {
  if (param.members.empty()) return;
  if (value.is_object()) {
    check_members(param.members, value, prefix + ".", problems);
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string place = prefix + "." + std::to_string(i);
    if (value[i].is_object()) {
      check_members(param.members, value[i], place + ".", problems);
    } else {
      problems.push_back(place + " must be an object");
    }
  }
}

void check_value(const Param& param, const json& value, std::vector<std::string>& problems) {
  if (!has_type(param, value)) {
    problems.push_back(param.name + std::string(type_complaint(param.type)));
  } else if (value.is_number()) {
    check_range(param, value.get<double>(), problems);
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    check_allowed(param, text, problems);
    if (param.highest && static_cast<double>(characters(text)) > *param.highest) {
      problems.push_back(param.name + " must be shorter than or equal to " +
                         plain_number(*param.highest) + " characters");
    }
  } else if (value.is_array()) {
    if (param.highest && static_cast<double>(value.size()) > *param.highest) {
      problems.push_back(param.name + " must contain no more than " + plain_number(*param.highest) +
                         " elements");
    }
  }
}

void check_members(const std::vector<Param>& params, const json& object, const std::string& prefix,
                   std::vector<std::string>& problems) {
  std::vector<std::string> found;
  for (const auto& [name, value] : object.items()) {
    const bool known = std::any_of(params.begin(), params.end(),
                                   [&](const Param& param) { return param.name == name; });
    if (!known) found.push_back("property " + name + " should not exist");
  }
  for (const Param& param : params) {
    const auto member = object.find(param.name);
    const bool empty = member == object.end() || member->is_null() ||
                       (member->is_string() && member->get<std::string>().empty());
    if (empty) {
      if (param.required) found.push_back(param.name + " should not be empty");
      continue;
    }
    check_value(param, *member, found);
    if (has_type(param, *member)) check_inside(param, *member, param.name, found);
  }
  for (const std::string& problem : found) problems.push_back(prefix + problem);
}

void check_body(const Visit& visit, std::vector<std::string>& problems) {
  const json& body = visit.body();
  if (!visit.route().body_is_list) {
    check_members(visit.route().body, body, "", problems);
    return;
  }
  if (body.empty()) problems.push_back("the list must not be empty");
  for (std::size_t i = 0; i < body.size(); ++i) {
    const std::string place = std::to_string(i);
    if (body[i].is_object()) {
      check_members(visit.route().body, body[i], place + ".", problems);
    } else {
      problems.push_back(place + " must be an object");
    }
  }
}

}  // namespace

std::vector<std::string> parameter_problems(const Visit& visit) {
  std::vector<std::string> problems;
  check_query(visit, problems);
  if (visit.route().method != "GET") check_body(visit, problems);
  return problems;
}

}  // namespace triggerd::sandbox
