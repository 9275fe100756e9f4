#include "os/log_text.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("S-34 fields are cut and plain words stay readable") {
  CHECK(quoted_log_text(std::string(10'000, 'x')).size() < kLogFieldBytesMax + 10);
  CHECK(plain_log_text("M\xC3\xBCller") == "M\xC3\xBCller");
  CHECK(plain_log_text("two words") == "\"two words\"");
  CHECK(plain_log_text("a=b") == "\"a=b\"");
  CHECK(plain_log_text("") == "\"\"");
  CHECK(plain_log_text("it's") == "\"it's\"");
}
