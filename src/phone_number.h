// Phone numbers as people write them -> E.164 (+15550001234). The one home of libphonenumber; used
// by JsonTemplate for `{to_e164: ..., country: ..}` in `with:`. Pure.
#pragma once

#include <optional>
#include <string>

namespace triggerd {

// Whether it is a country as the library knows it: two capital letters (ISO 3166).
bool is_phone_country(const std::string& country);

// `country` is where numbers without + belong to; empty: there is none, and such numbers are
// refused. Nothing for what cannot be a number of its country.
std::optional<std::string> phone_to_e164(const std::string& text, const std::string& country);

}  // namespace triggerd
