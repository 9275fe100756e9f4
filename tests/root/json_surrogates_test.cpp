#include <doctest/doctest.h>

#include <string>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

std::string mended(std::string text) {
  mend_surrogates(text);
  return text;
}

TEST_CASE("PAR-02: escapes of lone surrogates are replaced, and nothing else") {
  CHECK(mended(R"("a\ud83d")") == R"("a\ufffd")");
  CHECK(mended(R"("\ude00b")") == R"("\ufffdb")");
  CHECK(mended(R"("\ud83d\ud83d\ude00")") == R"("\ufffd\ud83d\ude00")");
  for (const char* same : {R"("\ud83d\ude00")", R"("\\ud83d")", R"("\n\u00e4\"")", "plain", "",
                           R"("\u12)", R"("\)", R"("\\\\")"}) {
    CHECK(mended(same) == same);
  }
  CHECK(mended(R"("\\\ud83d")") == R"("\\\ufffd")");
}

}  // namespace
}  // namespace triggerd
