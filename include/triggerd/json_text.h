// JSON text to nlohmann::json under our rules, and back to a canonical text. Used wherever foreign
// JSON is worked on. No exceptions; bounded depth; safe on hostile input.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "triggerd/result.h"

namespace triggerd {

inline constexpr int kJsonDepthMax = 64;

struct JsonProblem {
  std::string what;  // "not valid JSON", "deeper than 64 levels", "duplicate key" ...; no content
  std::int64_t offset = 0;  // byte offset; -1 when it is not known
  bool syntax = false;      // no JSON at all, rather than JSON that our rules refuse
};

// Refuses: anything but one complete document (a BOM, comments, NaN, trailing text), invalid UTF-8,
// more than kJsonDepthMax levels (found by a linear scan first), duplicate keys within an object.
// Integers outside the signed and unsigned 64-bit range are kept exactly, as text.
Result<nlohmann::json, JsonProblem> parse_json(std::string_view text);

// The depth scan alone; false when the limit is passed. For parsers that do not go through
// parse_json.
bool json_depth_within(std::string_view text, int levels);

// Escapes of lone surrogates ("\\ud83d", an emoji that a sender cut in half) become "\\ufffd", in
// place and of the same length: JSON allows them, parsers do not, and one such name must not block
// a whole list. Nothing else changes.
void mend_surrogates(std::string& text);

// The canonical form: keys sorted, no white space, numbers by decimal value (1.0, 1 and 1e0 are
// equal), members that are null left out of objects, invalid UTF-8 replaced. Equal values give
// equal bytes.
std::string canonical_json(const nlohmann::json& value);

// A member by JSON pointer ("" is the value itself); null pointer when it is absent. Never throws.
const nlohmann::json* find_at(const nlohmann::json& value, std::string_view pointer);
// Sets a member by JSON pointer, creating objects on the way; false when the way is blocked by a
// scalar.
bool set_at(nlohmann::json& value, std::string_view pointer, nlohmann::json member);
bool is_json_pointer(std::string_view text);

// Plain text of a scalar: a string as it is, an integer in decimal, true/false; empty for null;
// objects and lists as compact JSON.
std::string plain_text(const nlohmann::json& value);

// Compact JSON text; invalid UTF-8 is replaced, never an exception.
std::string compact_json(const nlohmann::json& value);

}  // namespace triggerd
