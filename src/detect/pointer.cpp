#include "pointer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "triggerd/json_text.h"

namespace triggerd {

using nlohmann::json;

namespace {

std::string member_name(std::string_view top_level) {
  std::string name;
  for (std::size_t i = 1; i < top_level.size(); ++i) {
    const bool escaped = top_level[i] == '~' && i + 1 < top_level.size();
    name += !escaped ? top_level[i] : top_level[++i] == '0' ? '~' : '/';
  }
  return name;
}

}  // namespace

std::string member_pointer(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

bool is_at_or_below(std::string_view pointer, std::string_view above) {
  return pointer.substr(0, above.size()) == above &&
         (pointer.size() == above.size() || pointer[above.size()] == '/');
}

bool is_top_level(std::string_view pointer) {
  return pointer.empty() || pointer.find('/', 1) == std::string_view::npos;
}

void erase_at(json& value, std::string_view pointer) {
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string_view first = pointer.substr(0, end);
  const std::string_view rest = pointer.substr(end);
  if (pointer.empty() || find_at(value, first) == nullptr) {
    return;
  }
  if (value.is_object()) {
    auto& members = value.get_ref<json::object_t&>();
    const auto found = members.find(member_name(first));
    if (rest.empty()) {
      members.erase(found);
    } else {
      erase_at(found->second, rest);
    }
    return;
  }
  json element = rest.empty() ? json() : *find_at(value, first);
  erase_at(element, rest);
  set_at(value, first, std::move(element));
}

}  // namespace triggerd
