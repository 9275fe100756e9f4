#include "os/request_rules.h"

#include <doctest/doctest.h>

#include "fetching.h"

using namespace triggerd;

TEST_CASE("S-12 only https, or http to a loopback address, is sent") {
  for (const char* url :
       {"http://example.com/", "http://10.0.0.5/", "http://127.0.0.1.example.com/",
        "http://localhost.example.com/", "file:///etc/passwd", "ftp://127.0.0.1/",
        "gopher://127.0.0.1/", "dict://127.0.0.1/", "", "/path", "https://", "http://[::2]/",
        "https://user:pw@example.com/", "https://exa mple.com/", "https://example.com/\r\nX: y"}) {
    CAPTURE(url);
    const HttpReply reply = fetch(get(url));
    CHECK(reply.failure == HttpFailure::refused_url);
    CHECK_FALSE(reply.reason.empty());
    CHECK(reply.status == 0);
  }
}

TEST_CASE("S-12 loopback addresses in other spellings are reached") {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send(kGoodAnswer);
  });
  for (const char* host : {"localhost", "127.0.0.1", "127.1", "0x7f.1", "LOCALHOST"}) {
    CAPTURE(host);
    const std::string url = "http://" + std::string(host) + ":" + std::to_string(server.port());
    CHECK(fetch(get(url)).body == "ok");
  }
}

TEST_CASE("S-20 with private addresses closed a name is judged by what it resolves to") {
  CurlOptions strict;
  strict.allow_private_addresses = false;
  const HttpReply reply = fetch(get("https://localhost:1/"), strict);
  CHECK(reply.failure == HttpFailure::refused_url);
  CHECK(reply.reason == "the name resolves to an address that is not public");
}

TEST_CASE("S-26 a header with a line break or NUL is never sent") {
  for (const std::string& value : {std::string("a\r\nX: y"), std::string("a\nb"),
                                   std::string("a\rb"), std::string("a\0b", 3)}) {
    HttpRequest request = get("https://127.0.0.1:1/");
    request.headers = {{"X-Value", value}};
    const HttpReply reply = fetch(std::move(request));
    CHECK(reply.failure == HttpFailure::refused_url);
    CHECK(reply.reason == "the header X-Value holds a line break or NUL");
  }
  HttpRequest request = get("https://127.0.0.1:1/");
  request.headers = {{"X Value", "a"}};
  CHECK(fetch(std::move(request)).failure == HttpFailure::refused_url);
}

TEST_CASE("S-07 a reason holds neither the query nor a header value") {
  HttpRequest request = get("http://127.0.0.1:1/x?token=canary-query");
  request.headers = {{"Authorization", "canary-header", true}};
  const HttpReply reply = fetch(std::move(request));
  CHECK(reply.failure == HttpFailure::connect);
  CHECK_FALSE(reply.reason.empty());
  CHECK_FALSE(holds(reply.reason, "canary"));
  const HttpReply refused = fetch(get("http://example.com/?token=canary-query"));
  CHECK_FALSE(holds(refused.reason, "canary"));
}
