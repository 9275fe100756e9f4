// Reading members of records whose shape is not certain, since control calls may write anything
// into them: each answers with a plain fallback where the member is absent or of another type. Also
// the few text operations that filters need. Pure functions for everybody in the sandbox.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace triggerd::sandbox {

std::string text_of(const nlohmann::json& record, std::string_view member);  // fallback: empty
bool flag_of(const nlohmann::json& record, std::string_view member, bool fallback);
std::int64_t number_of(const nlohmann::json& record, std::string_view member,
                       std::int64_t fallback);
nlohmann::json list_of(const nlohmann::json& record, std::string_view member);  // fallback: []
// The value at a JSON pointer; null where there is none.
nlohmann::json value_at(const nlohmann::json& record, const std::string& pointer);
// Only these members, where present.
nlohmann::json only_members(const nlohmann::json& record,
                            const std::vector<std::string_view>& members);

std::string lower(std::string_view text);
bool contains_text(std::string_view text, std::string_view wanted);  // letter case is ignored
std::vector<std::string> split_commas(std::string_view text);        // without blanks around

}  // namespace triggerd::sandbox
