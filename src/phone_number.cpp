#include "phone_number.h"

#include <phonenumbers/phonenumberutil.h>

#include <set>

namespace triggerd {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

bool is_phone_country(const std::string& country) {
  std::set<std::string> known;
  PhoneNumberUtil::GetInstance()->GetSupportedRegions(&known);
  return known.contains(country);
}

std::optional<std::string> phone_to_e164(const std::string& text, const std::string& country) {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string region = country.empty() ? "ZZ" : country;  // the library's word for none
  if (library.Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR ||
      !library.IsPossibleNumber(number)) {
    return std::nullopt;
  }
  std::string formatted;
  library.Format(number, PhoneNumberUtil::E164, &formatted);
  return formatted;
}

}  // namespace triggerd
