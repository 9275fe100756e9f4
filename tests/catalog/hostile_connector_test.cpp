// Connector files that try to send requests and credentials elsewhere, and are refused when they
// are read.
#include "catalog/problem_samples.h"

using namespace triggerd;

namespace {

std::string with_base(const std::string& url) {
  return problems("connector: acme\nbase_url: '" + url +
                  "'\naccount: {shop: x}\nauth: [{kind: none}]\n");
}

bool told(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "S-12 S-19 an address of a connector is https with a host, and nothing that hides another") {
  for (const char* url : {"http://api.acme.test", "ftp://api.acme.test", "file:///etc/passwd",
                          "gopher://x", "//api.acme.test", "javascript:x"}) {
    CAPTURE(url);
    CHECK(told(with_base(url), "base_url: must begin with https://"));
  }
  for (const char* url : {"https://user@api.acme.test", "https://api.acme.test?x=1",
                          "https://api.acme.test#x", "https://a b.test"}) {
    CAPTURE(url);
    CHECK(told(with_base(url), "must not hold a query, a fragment, a user or blanks"));
  }
  CHECK(told(with_base("https://{shp}.acme.test"), "`{shp}` is not a key of an account"));
  CHECK(with_base("https://{shop}.acme.test") == "");
  CHECK(with_base("http://127.0.0.1:8080") == "");
}

TEST_CASE("S-19 what looks like a loopback address and is none gets no plain http") {
  for (const char* url : {"http://127.0.0.1.evil.test", "http://localhost.evil.test",
                          "http://127.0.0.1:80@evil.test", "http://[::1]evil.test"}) {
    CAPTURE(url);
    CHECK(told(with_base(url), "base_url: must"));
  }
  const auto token = [](const std::string& url) {
    return problems(
        "connector: acme\nbase_url: https://x.test\nauth:\n  - {kind: oauth2_client, "
        "token: {url: '" +
        url + "'}}\n");
  };
  CHECK(told(token("http://evil.test/token"), "must begin with https://"));
  CHECK(told(token("http://127.0.0.1:80@evil.test/"), "must begin with https://"));
  CHECK(told(token("https://me@evil.test/token"), "must hold no user"));
}

TEST_CASE("S-19 a path of a connector stays a path of its host") {
  const auto path = [](const std::string& request) {
    return problems(acme_file("  items:\n    request: '" + request + "'\n    read: {id: /id}\n"));
  };
  for (const char* request :
       {"GET //evil.test/x", "GET https://evil.test/x", "GET x", "GET @evil"}) {
    CAPTURE(request);
    CHECK(told(path(request), "the path must begin with one slash"));
  }
  for (const char* request : {"GET /a?b=c", "GET /a#b", "GET /a\\\\b", "GET /a b"}) {
    CAPTURE(request);
    CHECK(told(path(request), "the path must not hold"));
  }
  for (const char* request : {"GET /a/../b", "GET /..", "GET /a/./b"}) {
    CAPTURE(request);
    CHECK(told(path(request), "`.` and `..`"));
  }
}

TEST_CASE("S-26 a header of a connector is one line of a proper name") {
  const auto header = [](const std::string& headers) {
    return problems("connector: acme\nbase_url: https://x.test\nheaders: " + headers +
                    "\nauth: [{kind: none}]\n");
  };
  CHECK(told(header("{A: \"b\\r\\nHost: evil.test\"}"), "must be one line"));
  CHECK(told(header("{\"A: b\\r\\nX\": c}"), "is not a header name"));
  CHECK(told(header("{A: \"b\\0c\"}"), "must be one line"));
  CHECK(
      told(problems("connector: acme\nbase_url: https://x.test\nauth: [{kind: header_key, header: "
                    "\"X\\r\\nY\"}]\n"),
           "is not a header name"));
  CHECK(
      told(problems("connector: acme\nbase_url: https://x.test\nauth: [{kind: header_key, header: "
                    "X, prefix: \"a\\nb\"}]\n"),
           "must be one line"));
}

TEST_CASE("S-27 a connector file is no template: nothing of the environment gets into it") {
  const auto load = load_catalog(
      {{"acme.yaml", acme_file("  items:\n    request: GET /items\n    title: '${env:HOME} ${{ "
                               "env.HOME }}'\n    params: {a: {default: '${env:HOME}'}}\n    read: "
                               "{id: /id}\n")}});
  REQUIRE(load.catalog != nullptr);
  CHECK(load.catalog->operation("acme.items")->title == "${env:HOME} ${{ env.HOME }}");
  CHECK(load.catalog->operation("acme.items")->find_param("a")->fallback == "${env:HOME}");
}
