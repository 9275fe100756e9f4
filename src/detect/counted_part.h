// The part of a record that counts as its state: without what is left out, set-like lists in a
// fixed order. Used by fingerprint.cpp, and by remembered.cpp and changes.cpp to compare single
// fields. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "triggerd/detect/detect.h"

namespace triggerd {

// `place` is where in the record the value stands ("" is the record itself).
nlohmann::json counted_part(nlohmann::json value, std::string_view place, const DetectRules& rules);

// What stands at a pointer of a counted record; null when it is missing.
const nlohmann::json& counted_at(const nlohmann::json& counted, std::string_view pointer);

std::uint64_t counted_fingerprint(const nlohmann::json& counted, const DetectRules& rules);

// 16 hex digits of the canonical form. Two of them may only be compared when they were made alike,
// so
// "-" and 8 digits of the pointers that shape the value follow when there are any.
std::string value_hash(const nlohmann::json& value);
std::string part_hash(const nlohmann::json& part, std::string_view place, const DetectRules& rules);
bool hashes_comparable(std::string_view one, std::string_view other);

}  // namespace triggerd
