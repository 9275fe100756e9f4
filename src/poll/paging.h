// How the next page is asked for: the end signs of an answer, and the values that the next request
// carries. Used by cycle.cpp alone. Pure; what comes from an answer is data: values for named
// parameters, never an address (PAG-13, S-17).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"
#include "triggerd/poll/record.h"

namespace triggerd {

inline constexpr std::size_t kCursorBytesMax = 4096;

// Pointers into the body that next_position() and more_pages() want, as CutRules::wanted.
std::vector<std::string> paging_pointers(const Paging& paging);

enum class MorePages { yes, no, unsaid };
// What the operation's own flag says.
MorePages more_pages(const Paging& paging, const Page& page);
// The total that the app names, if any. Advisory only.
std::optional<std::int64_t> stated_total(const Paging& paging, const Page& page);
// Records that came with a page, usable or not.
std::int64_t received(const Page& page);

// Where a walk goes on. A position is an object: {"number": n} for page and offset, else parameter
// -> value.
struct NextPosition {
  nlohmann::json position;  // null: the app names no further page
  std::string wrong;        // the app names one that cannot be used
};
NextPosition next_position(const Operation& operation, const nlohmann::json& position,
                           const Page& page, const HttpReply& reply);

// Puts the position into the values of a request; null is the first page.
void add_position(nlohmann::json& values, const Paging& paging, const nlohmann::json& position);

// The named parameters of an address, by the name they are sent with.
nlohmann::json query_values(const Operation& operation, std::string_view address);
// The address with rel="next"; empty when there is none.
std::string next_link(const HttpReply& reply);

}  // namespace triggerd
