// A page body -> records: key, stamps and raw text of each. A page is cut without parsing what has
// not changed (simdjson's home is src/poll/json_cut.cpp); the engine parses a record only when its
// raw hash moved. A body is understood as a whole or not at all; one odd record is set aside with
// its reason. Called by poll/cycle; knows no store and no clock. Times are UTC; any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr std::size_t kRecordsPerPageMax = 10'000;
inline constexpr std::size_t kKeyBytesMax = 512;
inline constexpr std::size_t kOddRawBytesMax = 64 * 1024;

struct Record {
  std::string key;
  std::string_view raw;        // its JSON text; points into the page
  std::uint64_t raw_hash = 0;  // of raw, the operation's volatile members left out
  std::optional<WallTime> updated;
  std::optional<WallTime> created;
  std::optional<WallTime> at;  // when it happens (Window::covers)
};

// A record that cannot be used: no key, wrong place, broken.
struct OddRecord {
  std::string key;     // when there is one
  std::string reason;  // "has no id at /id"
  std::string raw;     // at most kOddRawBytesMax
};

struct Page {
  std::vector<Record> records;
  std::vector<OddRecord> odd;
  std::vector<std::string> gone;            // keys of records that are gone, or none of the list
  std::int64_t passed_over = 0;             // how many these were, with or without a key
  std::uint64_t content_hash = 0;           // over the raw hashes of all records in order
  std::unique_ptr<const std::string> body;  // what `raw` points into
  std::deque<std::string> made;             // records that were made from text, bytes or maps
  bool out_of_order =
      false;  // the updated stamps were not ascending although the walk asked for it
  std::vector<std::optional<std::string>> found;  // JSON texts, in the order of CutRules::wanted
  std::string_view last;  // raw text of the last record, odd or not; empty when there is none
};

// What the cut needs to know besides the operation.
struct CutRules {
  const Operation* operation = nullptr;
  const nlohmann::json* values = nullptr;  // the request's parameter values (for IdRule::param)
  std::string item_key;                    // key of a record whose operation names no id at all
  std::string location;  // must equal ReadRules::location_echo where present; empty: any
  std::vector<std::string> root_volatiles;  // members that may stand beside the entries of a map
  std::vector<std::string> wanted;          // pointers into the body that paging needs
};

// The failure is a sentence for the log ("no list at /contacts"); it never quotes content.
// For Shape::object and value a body whose object is null or absent gives a page without records.
Result<Page, std::string> cut_page(HttpReply reply, const CutRules& rules);

}  // namespace triggerd
