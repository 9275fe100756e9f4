#include <algorithm>

#include "triggerd/http_client.h"

namespace triggerd {
namespace {

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

}  // namespace

std::string_view to_text(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::none:
      return "none";
    case HttpFailure::refused_url:
      return "refused URL";
    case HttpFailure::resolve:
      return "name not resolved";
    case HttpFailure::connect:
      return "no connection";
    case HttpFailure::tls:
      return "TLS failure";
    case HttpFailure::timeout:
      return "timeout";
    case HttpFailure::too_large:
      return "answer too large";
    case HttpFailure::cut_short:
      return "answer cut short";
    case HttpFailure::broken:
      return "broken exchange";
  }
  return "unknown";
}

std::string_view HttpReply::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (same_name(header.name, name)) {
      return header.value;
    }
  }
  return {};
}

}  // namespace triggerd
