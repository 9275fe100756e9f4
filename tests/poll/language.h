// A connector file in short and the walk of one of its lists, for tests of what the language of
// connectors can express: requests as they are sent, pages as they are read.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog_text.h"
#include "poll/operations.h"
#include "triggerd/poll/cycle.h"

namespace triggerd {

// The one operation `items` of connector `acme`, of these lines (four blanks in front of each).
class Spoken {
 public:
  explicit Spoken(const std::string& lines, WalkStart start = {},
                  nlohmann::json values = nlohmann::json::object())
      : catalog_(acme_catalog("  items:\n" + lines)),
        plan_{catalog_->connector("acme"),
              catalog_->operation("acme.items"),
              std::move(values),
              {},
              {}},
        cycle_(plan_, std::move(start)) {}
  Spoken(const Spoken&) = delete;
  Spoken& operator=(const Spoken&) = delete;

  HttpRequest request() const {
    auto made = cycle_.next_request();
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error()));
    return *std::move(made);
  }
  Result<HttpRequest, std::string> next() const { return cycle_.next_request(); }
  std::string url() const { return request().url; }
  std::string body() const { return request().body; }

  PageRead read(HttpReply reply) {
    WalkStep step = cycle_.take(std::move(reply));
    REQUIRE(std::holds_alternative<PageRead>(step));
    return std::get<PageRead>(std::move(step));
  }
  PageRead read(const std::string& json) { return read(reply_of(json)); }
  WalkStep take(HttpReply reply) { return cycle_.take(std::move(reply)); }
  // The keys of the page's records.
  std::vector<std::string> keys(const std::string& json) {
    std::vector<std::string> found;
    for (const Record& record : read(json).page.records) found.push_back(record.key);
    return found;
  }
  // Why the answer was not understood; "understood" where it was.
  std::string why(const std::string& json) {
    const WalkStep step = cycle_.take(reply_of(json));
    const auto* failure = std::get_if<WalkFailure>(&step);
    return failure == nullptr ? "understood" : failure->reason;
  }

 private:
  std::shared_ptr<const Catalog> catalog_;
  WalkPlan plan_;
  Cycle cycle_;
};

inline WalkStart changes_since(const char* moment) {
  WalkStart start;
  start.kind = CycleKind::incremental;
  start.since = parse_iso8601(moment);
  return start;
}

}  // namespace triggerd
