#include "expression_values.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::int64_t kExactIntegerMax = std::int64_t{1} << 53;
constexpr int kOutputDepthMax = 256;
constexpr std::int64_t kValueBytes = 16;  // what each value counts against the output limit

bool is_exact(std::int64_t number) {
  return number >= -kExactIntegerMax && number <= kExactIntegerMax;
}

json number_value(double number) {
  if (std::isnan(number)) {
    return nullptr;
  }
  if (number == std::trunc(number) && std::abs(number) < 9.2e18) {
    return static_cast<std::int64_t>(number);
  }
  if (std::isinf(number)) {
    return std::copysign(std::numeric_limits<double>::max(), number);
  }
  return number;
}

}  // namespace

jv to_jv(const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      jv object = jv_object();
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        object = jv_object_set(object, jv_string_sized(name.data(), static_cast<int>(name.size())),
                               to_jv(member));
      }
      return object;
    }
    case json::value_t::array: {
      const auto& list = value.get_ref<const json::array_t&>();
      jv array = jv_array_sized(static_cast<int>(list.size()));
      for (const json& member : list) {
        array = jv_array_append(array, to_jv(member));
      }
      return array;
    }
    case json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }
    case json::value_t::boolean:
      return jv_bool(value.get<bool>() ? 1 : 0);
    case json::value_t::number_integer:
      if (const auto number = value.get<std::int64_t>(); is_exact(number)) {
        return jv_number(static_cast<double>(number));
      }
      return jv_string(std::to_string(value.get<std::int64_t>()).c_str());
    case json::value_t::number_unsigned:
      if (const auto number = value.get<std::uint64_t>();
          number <= static_cast<std::uint64_t>(kExactIntegerMax)) {
        return jv_number(static_cast<double>(number));
      }
      return jv_string(std::to_string(value.get<std::uint64_t>()).c_str());
    case json::value_t::number_float:
      return jv_number(value.get<double>());
    case json::value_t::null:
    case json::value_t::binary:
    case json::value_t::discarded:
      return jv_null();
  }
  return jv_null();
}

json ValueTaker::take(jv value, int depth) {
  json taken;
  if (!charge(kValueBytes) || depth > kOutputDepthMax) {
    exceeded_ = true;
    jv_free(value);
    return taken;
  }
  switch (jv_get_kind(value)) {
    case JV_KIND_TRUE:
      taken = true;
      break;
    case JV_KIND_FALSE:
      taken = false;
      break;
    case JV_KIND_NUMBER:
      taken = number_value(jv_number_value(value));
      break;
    case JV_KIND_STRING:
      taken = text(value);
      break;
    case JV_KIND_ARRAY:
      taken = list(value, depth);
      break;
    case JV_KIND_OBJECT:
      taken = object(value, depth);
      break;
    case JV_KIND_NULL:
    case JV_KIND_INVALID:
      break;
  }
  jv_free(value);
  return taken;
}

json ValueTaker::copy(const json& value) {
  if (!charge(kValueBytes)) {
    return nullptr;
  }
  switch (value.type()) {
    case json::value_t::object:
      return copy_object(value);
    case json::value_t::array:
      return copy_list(value);
    case json::value_t::string:
      charge(static_cast<std::int64_t>(value.get_ref<const std::string&>().size()));
      return value;
    case json::value_t::number_integer:
      return is_exact(value.get<std::int64_t>()) ? value
                                                 : json(std::to_string(value.get<std::int64_t>()));
    case json::value_t::number_unsigned:
      return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kExactIntegerMax)
                 ? value
                 : json(std::to_string(value.get<std::uint64_t>()));
    case json::value_t::number_float:
      return number_value(value.get<double>());
    case json::value_t::boolean:
      return value;
    case json::value_t::null:
    case json::value_t::binary:
    case json::value_t::discarded:
      return nullptr;
  }
  return nullptr;
}

bool ValueTaker::charge(std::int64_t bytes) {
  left_ -= bytes;
  exceeded_ = exceeded_ || left_ < 0;
  return !exceeded_;
}

json ValueTaker::text(const jv& value) {
  const int length = jv_string_length_bytes(jv_copy(value));
  return charge(length)
             ? json(std::string(jv_string_value(value), static_cast<std::size_t>(length)))
             : json(nullptr);
}

json ValueTaker::list(const jv& value, int depth) {
  json taken = json::array();
  const int length = jv_array_length(jv_copy(value));
  for (int i = 0; i < length && !exceeded_; ++i) {
    taken.push_back(take(jv_array_get(jv_copy(value), i), depth + 1));
  }
  return taken;
}

json ValueTaker::object(const jv& value, int depth) {
  json taken = json::object();
  for (int i = jv_object_iter(value); jv_object_iter_valid(value, i) && !exceeded_;
       i = jv_object_iter_next(value, i)) {
    jv name = jv_object_iter_key(value, i);
    std::string key = text(name).get<std::string>();
    jv_free(name);
    taken.emplace(std::move(key), take(jv_object_iter_value(value, i), depth + 1));
  }
  return taken;
}

json ValueTaker::copy_object(const json& value) {
  json copied = json::object();
  for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
    if (!charge(static_cast<std::int64_t>(name.size()))) {
      break;
    }
    copied.emplace(name, copy(member));
  }
  return copied;
}

json ValueTaker::copy_list(const json& value) {
  json copied = json::array();
  for (const json& member : value.get_ref<const json::array_t&>()) {
    if (exceeded_) {
      break;
    }
    copied.push_back(copy(member));
  }
  return copied;
}

}  // namespace triggerd
