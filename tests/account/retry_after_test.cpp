#include "triggerd/account/retry_after.h"

#include <doctest/doctest.h>

using namespace triggerd;

namespace {

HttpReply reply_with(std::vector<std::string> waits,
                     std::string date = "Sat, 21 Nov 2026 10:00:00 GMT") {
  HttpReply reply;
  reply.status = 429;
  if (!date.empty()) reply.headers.push_back({"Date", std::move(date), false});
  for (std::string& wait : waits) reply.headers.push_back({"retry-After", std::move(wait), false});
  return reply;
}

}  // namespace

TEST_CASE("FET-14 S-18 the stated wait is read in every spelling, and garbage is none") {
  struct Row {
    std::vector<std::string> waits;
    std::optional<Millis> wait;
  };
  const std::vector<Row> rows = {
      {{"30"}, Millis{30'000}},
      {{" 30 "}, Millis{30'000}},
      {{"3600"}, kRetryAfterMax},
      {{"3601"}, kRetryAfterMax},
      {{"1000000000"}, kRetryAfterMax},
      {{"99999999999999999999999"}, kRetryAfterMax},
      {{"Sat, 21 Nov 2026 10:00:45 GMT"}, Millis{45'000}},
      {{"Sun, 22 Nov 2026 10:00:00 GMT"}, kRetryAfterMax},
      {{"Sat, 21 Nov 2026 09:59:59 GMT"}, std::nullopt},
      {{"0"}, std::nullopt},
      {{"-5"}, std::nullopt},
      {{"1e9"}, std::nullopt},
      {{"soon"}, std::nullopt},
      {{""}, std::nullopt},
      {{}, std::nullopt},
      {{"5", "20"}, Millis{20'000}},
      {{"20", "soon"}, Millis{20'000}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.waits.empty() ? std::string("no header") : row.waits.front());
    CHECK(retry_after(reply_with(row.waits)) == row.wait);
  }
}

TEST_CASE(
    "FET-14 a date without the answer's own Date says nothing, since the local clock plays no "
    "part") {
  CHECK_FALSE(retry_after(reply_with({"Sat, 21 Nov 2026 10:00:45 GMT"}, "")));
}
