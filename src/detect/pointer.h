// Small questions about JSON pointers that several files of detect/ ask. The pointers come from the
// configuration and the catalog, which have checked that they are well-formed. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace triggerd {

std::string member_pointer(std::string_view name);  // "a/b" -> "/a~1b"

// The same place, or a place inside of it: "/a/b" is below "/a" and below "".
bool is_at_or_below(std::string_view pointer, std::string_view above);

bool is_top_level(std::string_view pointer);  // "" or "/name"

// Takes a member out of its object; an element of a list becomes null, so that those behind it stay
// where they are. Nothing happens when the place does not exist.
void erase_at(nlohmann::json& value, std::string_view pointer);

}  // namespace triggerd
