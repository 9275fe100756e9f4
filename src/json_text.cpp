#include "triggerd/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace triggerd {
namespace {

using nlohmann::json;

// The shortest text that reads back as the same number; a power of ten only far from 1.
std::string plain_number(double number) {
  const double size = std::abs(number);
  const bool in_full = size == 0 || (size >= 1e-6 && size < 1e21);
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 in_full ? std::chars_format::fixed : std::chars_format::general);
  return {buffer.data(), end.ptr};
}

// Takes the first member name off a pointer that is not empty.
std::optional<std::string> take_name(std::string_view& pointer) {
  if (pointer.empty() || pointer.front() != '/') {
    return std::nullopt;
  }
  pointer.remove_prefix(1);
  std::string name;
  while (!pointer.empty() && pointer.front() != '/') {
    char c = pointer.front();
    pointer.remove_prefix(1);
    if (c == '~') {
      if (pointer.empty() || (pointer.front() != '0' && pointer.front() != '1')) {
        return std::nullopt;
      }
      c = pointer.front() == '0' ? '~' : '/';
      pointer.remove_prefix(1);
    }
    name += c;
  }
  return name;
}

std::optional<std::size_t> list_index(std::string_view name) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool whole = error == std::errc{} && end == name.data() + name.size();
  const bool leading_zero = name.size() > 1 && name.front() == '0';
  return whole && !leading_zero ? std::optional<std::size_t>{index} : std::nullopt;
}

// The member to set, made when it is absent; null when a scalar or a missing list place is in the
// way.
json* member_for_setting(json& at, const std::string& name) {
  if (at.is_null()) {
    at = json::object();
  }
  if (at.is_object()) {
    return &at.get_ref<json::object_t&>()[name];
  }
  if (!at.is_array()) {
    return nullptr;
  }
  auto& list = at.get_ref<json::array_t&>();
  const auto index = name == "-" ? std::optional<std::size_t>{list.size()} : list_index(name);
  if (!index || *index > list.size()) {
    return nullptr;
  }
  if (*index == list.size()) {
    list.emplace_back(nullptr);
  }
  return &list[*index];
}

}  // namespace

const json* find_at(const json& value, std::string_view pointer) {
  const json* at = &value;
  while (!pointer.empty()) {
    const auto name = take_name(pointer);
    if (!name) {
      return nullptr;
    }
    if (at->is_object()) {
      const auto found = at->find(*name);
      if (found == at->end()) {
        return nullptr;
      }
      at = &*found;
    } else if (at->is_array()) {
      const auto index = list_index(*name);
      if (!index || *index >= at->size()) {
        return nullptr;
      }
      at = &at->get_ref<const json::array_t&>()[*index];
    } else {
      return nullptr;
    }
  }
  return at;
}

bool set_at(json& value, std::string_view pointer, json member) {
  json* at = &value;
  while (!pointer.empty()) {
    const auto name = take_name(pointer);
    at = name ? member_for_setting(*at, *name) : nullptr;
    if (at == nullptr) {
      return false;
    }
  }
  *at = std::move(member);
  return true;
}

bool is_json_pointer(std::string_view text) {
  while (!text.empty()) {
    if (!take_name(text)) {
      return false;
    }
  }
  return true;
}

std::string plain_text(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_null()) {
    return {};
  }
  if (value.is_number_float()) {
    return plain_number(value.get<double>());
  }
  return compact_json(value);
}

std::string compact_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace triggerd
