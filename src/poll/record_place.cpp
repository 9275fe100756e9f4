#include "poll/record_place.h"

#include <nlohmann/json.hpp>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

std::string escaped(const std::string& text) {
  std::string token;
  for (const char c : text) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

// A value is one token, whatever it holds.
std::string filled(const std::string& pointer, const nlohmann::json* values) {
  if (values == nullptr || pointer.find('{') == std::string::npos) return pointer;
  std::string full;
  std::size_t from = 0;
  for (std::size_t open = pointer.find('{'); open != std::string::npos;
       open = pointer.find('{', from)) {
    const std::size_t close = pointer.find('}', open);
    if (close == std::string::npos) break;
    full += pointer.substr(from, open - from);
    const auto value = values->find(pointer.substr(open + 1, close - open - 1));
    if (value != values->end()) full += escaped(plain_text(*value));
    from = close + 1;
  }
  return full + pointer.substr(from);
}

}  // namespace

std::vector<RecordPlace> record_places(const ReadRules& read, const nlohmann::json* values) {
  std::vector<RecordPlace> places;
  for (const std::string& pointer : read.records) {
    RecordPlace place;
    // Before values are put in: one that is `*` stands for itself.
    const std::size_t star = (pointer + "/").find("/*/");
    place.every = star != std::string::npos;
    place.at = filled(pointer.substr(0, star), values);
    if (place.every) place.behind = filled(pointer.substr(star + 2), values);
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace triggerd
