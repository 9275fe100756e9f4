#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// The bytes of the UTF-8 character at `at`, 0 when it is not a valid one.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return follows(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_high = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, text[i++]);
    } else if (c < 0x20) {
      out.append("\\u00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
      ++i;
    } else if (const std::size_t length = utf8_length(text, i); length > 0) {
      out += text.substr(i, length);
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out += '"';
}

// The decimal value, the same text for each way to write it: integers that fit 64 bits in full, all
// else as digits and a power of ten, since parse_json keeps longer integers as text.
std::string canonical_number(double number) {
  if (!std::isfinite(number)) {
    return "null";
  }
  if (number == 0) {
    return "0";
  }
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(number),
                                 std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::size_t sign = text[e + 1] == '+' ? 1 : 0;
  std::from_chars(text.data() + e + 1 + sign, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) {
    digits += text.substr(2, e - 2);
  }
  digits.erase(digits.find_last_not_of('0') + 1);
  exponent -= static_cast<int>(digits.size()) - 1;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const bool in_full = exponent >= 0 && number > -kTwoTo63 && number < 2 * kTwoTo63;
  digits += in_full ? std::string(static_cast<std::size_t>(exponent), '0')
                    : "e" + std::to_string(exponent);
  return number < 0 ? "-" + digits : digits;
}

void append_canonical(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      char before = '{';
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        if (!member.is_null()) {
          out += before;
          before = ',';
          append_escaped(out, name);
          out += ':';
          append_canonical(out, member);
        }
      }
      out += before == '{' ? "{}" : "}";
      return;
    }
    case json::value_t::array: {
      char before = '[';
      for (const json& member : value.get_ref<const json::array_t&>()) {
        out += before;
        before = ',';
        append_canonical(out, member);
      }
      out += before == '[' ? "[]" : "]";
      return;
    }
    case json::value_t::string:
      append_escaped(out, value.get_ref<const std::string&>());
      return;
    case json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case json::value_t::number_integer:
      out += std::to_string(value.get<std::int64_t>());
      return;
    case json::value_t::number_unsigned:
      out += std::to_string(value.get<std::uint64_t>());
      return;
    case json::value_t::number_float:
      out += canonical_number(value.get<double>());
      return;
    case json::value_t::null:
    case json::value_t::binary:
    case json::value_t::discarded:
      out += "null";
      return;
  }
}

}  // namespace

std::string canonical_json(const json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

}  // namespace triggerd
