#include "dispatch/url_text.h"

#include <doctest/doctest.h>

namespace triggerd {
namespace {

// The URL with every expression `.x` standing for `value`.
std::string filled(std::string_view written, const std::string& value) {
  std::vector<std::string> expressions;
  for (std::size_t at = 0; (at = written.find("${{", at)) != std::string_view::npos; ++at) {
    expressions.emplace_back(".x");
  }
  const auto url = fill_url(written, expressions,
                            [&](std::size_t) -> Result<std::string, std::string> { return value; });
  return url ? *url : "refused: " + url.error();
}

TEST_CASE("a value reaches path and query percent-encoded and never the host (S-19)") {
  const std::string written = "https://hook.example/a/${{ .x }}/b?q=${{.x}}";
  const auto expect = [](const std::string& encoded) {
    return "https://hook.example/a/" + encoded + "/b?q=" + encoded;
  };
  CHECK(filled(written, "evil.com") == expect("evil.com"));
  CHECK(filled(written, "@evil.com") == expect("%40evil.com"));
  CHECK(filled(written, "evil.com#") == expect("evil.com%23"));
  CHECK(filled(written, "//evil.com") == expect("%2F%2Fevil.com"));
  CHECK(filled(written, "\\evil.com") == expect("%5Cevil.com"));
  CHECK(filled(written, "%2f..") == expect("%252f.."));
  CHECK(filled(written, "?a=b&admin=1") == expect("%3Fa%3Db%26admin%3D1"));
  CHECK(filled(written, "x\r\nHost: evil") == expect("x%0D%0AHost%3A%20evil"));
  CHECK(filled(written, "${{ .secret }}") == expect("%24%7B%7B%20.secret%20%7D%7D"));
}

TEST_CASE("a value cannot make the path climb or vanish (S-19)") {
  const std::string climbing = "refused: url: an expression makes a part of the path \"..\"";
  CHECK(filled("https://h.example/a/${{ .x }}", "..") == climbing);
  CHECK(filled("https://h.example/a/${{ .x }}/b", "..") == climbing);
  CHECK(filled("https://h.example/a/.${{ .x }}", ".") == climbing);
  CHECK(filled("https://h.example/a/%2e${{ .x }}?q", ".") == climbing);
  CHECK(filled("https://h.example/a/${{ .x }}", "") ==
        "refused: url: an expression leaves a part of the path empty");
  // Neighbours that are harmless.
  CHECK(filled("https://h.example/a/${{ .x }}", "...") == "https://h.example/a/...");
  CHECK(filled("https://h.example/a?q=${{ .x }}", "..") == "https://h.example/a?q=..");
  CHECK(filled("https://h.example/a?q=${{ .x }}", "") == "https://h.example/a?q=");
}

TEST_CASE("scheme, user, host and port are literal, or nothing is sent (S-19)") {
  for (const char* written :
       {"https://${{ .x }}/a", "https://h.example${{ .x }}/a", "https://h.example:${{ .x }}/a",
        "${{ .x }}://h.example/a", "https://${{ .x }}@h.example/", "https://user@h.example/",
        "ftp://h.example/", "https:///a", "//h.example/a", "https://h.example\\@evil/"}) {
    INFO(written);
    CHECK(filled(written, "evil").starts_with("refused: url: it must begin with https://"));
    CHECK(url_origin(written).empty());
  }
  CHECK(filled("https://h.example:8443/a", "") == "https://h.example:8443/a");
  CHECK(filled("http://[::1]:80?q=${{ .x }}", "v") == "http://[::1]:80?q=v");
}

TEST_CASE("an escaped opening stays text, an expression that is not closed is a failure") {
  CHECK(filled("https://h.example/a?q=1", "") == "https://h.example/a?q=1");
  const auto none = [](std::size_t) -> Result<std::string, std::string> { return std::string(); };
  CHECK(*fill_url("https://h.example/?q=$${{ .x }}", {}, none) == "https://h.example/?q=${{ .x }}");
  CHECK_FALSE(fill_url("https://h.example/${{ .x", {".x"}, none).has_value());
}

TEST_CASE("the origin of a URL is what its pauses and caps are counted by") {
  CHECK(url_origin("https://h.example:8443/a?b#c") == "https://h.example:8443");
  CHECK(url_origin("https://h.example") == "https://h.example");
  CHECK(url_origin("https://h.example/${{ .record.id }}") == "https://h.example");
}

TEST_CASE("with a sandbox every webhook goes to its sink, path and query kept") {
  CHECK(sink_url("http://127.0.0.1:9000", "https://h.example:8443/a/b?c=d") ==
        "http://127.0.0.1:9000/sink/h.example/a/b?c=d");
  CHECK(sink_url("http://127.0.0.1:9000/", "https://h.example") ==
        "http://127.0.0.1:9000/sink/h.example/");
  CHECK(sink_url("http://127.0.0.1:9000", "https://h.example?x") ==
        "http://127.0.0.1:9000/sink/h.example/?x");
}

}  // namespace
}  // namespace triggerd
