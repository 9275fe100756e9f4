// Functions that mappings between apps need, written in jq: names, dates, tables, lists. Called by
// ExpressionProgram, which puts those that a text uses before it; docs/mappings.md describes them
// for users. Pure; knows nothing of libjq.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triggerd {

// The definitions of the functions that these texts name, and of those that they call, in an order
// in which each stands behind what it calls. Empty where none is named.
std::string prelude_for(const std::vector<std::string_view>& texts);

// Names of all functions, for the documents' test.
std::vector<std::string_view> prelude_names();

}  // namespace triggerd
