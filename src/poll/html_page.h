// How a page for people, which a proxy or a login puts in the place of an answer, is told from an
// answer. Used by reply_kind.cpp for writes and by record_other.cpp for texts and bytes. Pure.
#pragma once

#include <algorithm>
#include <string_view>

#include "triggerd/http_client.h"

namespace triggerd {

// ASCII case ignored; `start` is in lower case.
inline bool starts_like(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char b, char a) { return a == b || (a | 0x20) == b; });
}

inline char first_character(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? '\0' : text[at];
}

inline bool says_html(const HttpReply& reply) {
  return starts_like(reply.header("Content-Type"), "text/html");
}

// By its header, unless the body is JSON, which some apps send under their server's usual type, or
// nothing; without a header, by how it begins.
inline bool is_html_page(const HttpReply& reply) {
  const char first = first_character(reply.body);
  if (says_html(reply)) return first != '\0' && first != '{' && first != '[';
  return reply.header("Content-Type").empty() && first == '<';
}

}  // namespace triggerd
