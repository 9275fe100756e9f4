#include <doctest/doctest.h>

#include "triggerd/http_client.h"

using namespace triggerd;

TEST_CASE("a header is found whatever its case, the first of several") {
  HttpReply reply;
  reply.headers = {{"Retry-After", "3"}, {"retry-after", "9"}, {"X-Empty", ""}};
  CHECK(reply.header("RETRY-AFTER") == "3");
  CHECK(reply.header("x-empty") == "");
  CHECK(reply.header("retry") == "");
}

TEST_CASE("each failure has its own words") {
  CHECK(to_text(HttpFailure::none) == "none");
  CHECK(to_text(HttpFailure::cut_short) == "answer cut short");
  CHECK(to_text(HttpFailure::too_large) != to_text(HttpFailure::timeout));
}
