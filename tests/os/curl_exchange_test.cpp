#include "os/curl_exchange.h"

#include <doctest/doctest.h>

#include "fetching.h"

using namespace triggerd;

using std::chrono::milliseconds;

namespace {

std::string request_of(HttpRequest request) {
  std::string seen;
  RawServer server([&](RawConnection& connection) {
    seen = connection.read_request();
    connection.send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  request.url = server.url("/path?q=1");
  const HttpReply reply = fetch(std::move(request));
  CHECK(reply.failure == HttpFailure::none);
  return seen;
}

}  // namespace

TEST_CASE("an answer comes back with status, headers and body") {
  const HttpReply reply =
      reply_to("HTTP/1.1 404 Not Found\r\nX-One: a \r\nX-One: b\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(reply.failure == HttpFailure::none);
  CHECK(reply.reason.empty());
  CHECK(reply.status == 404);
  CHECK(reply.body == "hello");
  CHECK(reply.header("x-one") == "a");
  CHECK(reply.headers.size() == 3);
}

TEST_CASE("a request carries its method, headers and body and nothing of its own accord") {
  HttpRequest request;
  request.method = "PATCH";
  request.headers = {{"Authorization", "Bearer x", true}, {"X-Empty", ""}};
  request.body = "{\"a\":1}";
  const std::string seen = request_of(std::move(request));
  CHECK(holds(seen, "PATCH /path?q=1 HTTP/1.1\r\n"));
  CHECK(holds(seen, "Authorization: Bearer x\r\n"));
  CHECK(holds(seen, "X-Empty:\r\n"));
  CHECK(holds(seen, "Content-Length: 7\r\n"));
  CHECK(holds(seen, "Accept-Encoding: gzip\r\n"));
  CHECK(holds(seen, "User-Agent: triggerd\r\n"));
  CHECK(holds(seen, "\r\n\r\n{\"a\":1}"));
  CHECK_FALSE(holds(seen, "Content-Type"));
  CHECK_FALSE(holds(seen, "Expect"));
  CHECK_FALSE(holds(seen, "Cookie"));
  CHECK_FALSE(holds(seen, "Referer"));
}

TEST_CASE("each method is sent as it is named") {
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    HttpRequest request;
    request.method = method;
    const std::string seen = request_of(std::move(request));
    CHECK(seen.rfind(std::string(method) + " /path?q=1 ", 0) == 0);
  }
  HttpRequest empty_post;
  empty_post.method = "POST";
  CHECK(holds(request_of(std::move(empty_post)), "Content-Length: 0\r\n"));
  HttpRequest with_body;
  with_body.method = "DELETE";
  with_body.body = "xyz";
  CHECK(holds(request_of(std::move(with_body)), "\r\n\r\nxyz"));
}

TEST_CASE("FET-02 refused, reset and silent connections end as failures") {
  CHECK(fetch(get("http://127.0.0.1:1/")).failure == HttpFailure::connect);
  RawServer resetting([](RawConnection& connection) {
    connection.read_request();
    connection.reset();
  });
  CHECK(fetch(get(resetting.url())).failure == HttpFailure::cut_short);
  RawServer closing([](RawConnection& connection) { connection.read_request(); });
  CHECK(fetch(get(closing.url())).failure == HttpFailure::cut_short);
  RawServer silent([](RawConnection& connection) { connection.wait_until_closed(); });
  HttpRequest request = get(silent.url());
  request.limits.total = milliseconds{100};
  const HttpReply reply = fetch(std::move(request));
  CHECK(reply.failure == HttpFailure::timeout);
  CHECK(reply.status == 0);
}

TEST_CASE("FET-03 a body that trickles is given up below 100 bytes a second") {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx");
    connection.wait_until_closed();
  });
  CurlOptions options;
  options.low_speed_seconds = 1;
  CHECK(fetch(get(server.url()), options).failure == HttpFailure::timeout);
}

TEST_CASE("FET-04 a body shorter than announced is a failure at every length") {
  const std::string body = R"({"contacts":[{"id":"1"}],"meta":{}})";
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  for (std::size_t length = 0; length < body.size(); ++length) {
    CAPTURE(length);
    const HttpReply reply = reply_to(head + body.substr(0, length));
    CHECK(reply.failure == HttpFailure::cut_short);
    CHECK(reply.body.empty());
  }
  CHECK(reply_to(head + body).body == body);
}

TEST_CASE("FET-04 chunks without their end are a failure") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(reply_to(head + "2\r\nok\r\n0\r\n\r\n").body == "ok");
  CHECK(reply_to(head + "2\r\nok\r\n").failure == HttpFailure::cut_short);
  CHECK(reply_to(head + "2\r\nok\r\n5\r\nab").failure == HttpFailure::cut_short);
  CHECK(reply_to(head + "zz\r\nok\r\n").failure != HttpFailure::none);
}

TEST_CASE("FET-05 lengths that contradict each other are a failure") {
  const auto failure = [](const std::string& headers) {
    return reply_to("HTTP/1.1 200 OK\r\n" + headers + "\r\nok").failure;
  };
  CHECK(failure("Content-Length: 2\r\nContent-Length: 3\r\n") == HttpFailure::broken);
  CHECK(failure("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") == HttpFailure::broken);
  CHECK(failure("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n") == HttpFailure::broken);
  CHECK(failure("Transfer-Encoding: gzip, chunked\r\n") == HttpFailure::broken);
  CHECK(failure("Content-Length: -2\r\n") != HttpFailure::none);
  CHECK(failure("Content-Length: 9223372036854775808\r\n") != HttpFailure::none);
  CHECK(failure("Content-Length: 2\r\nContent-Length: 2\r\n") == HttpFailure::none);
}

TEST_CASE("FET-07 a body above the limit is stopped, announced or not") {
  HttpLimits limits;
  limits.body_bytes_max = 1000;
  const std::string body(1000, 'x');
  CHECK(reply_to("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body, limits).body == body);
  CHECK(reply_to("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + body + "x", limits).failure ==
        HttpFailure::too_large);
  CHECK(reply_to("HTTP/1.1 200 OK\r\n\r\n" + body, limits).body == body);
  CHECK(reply_to("HTTP/1.1 200 OK\r\n\r\n" + body + "x", limits).failure == HttpFailure::too_large);
}

TEST_CASE("FET-07 an endless body is stopped") {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string part(65536, 'x');
    while (connection.send(part)) {
    }
  });
  CHECK(fetch(get(server.url())).failure == HttpFailure::too_large);
}

TEST_CASE("FET-08 gzip is decoded, cut or foreign encodings are failures") {
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\x48\xaf\xca\x2c\x00\x00\x19"
      "\x6a\xd2\xdf\x0a\x00\x00\x00",
      30);
  const auto answer = [](const std::string& encoding, const std::string& body) {
    return reply_to("HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  CHECK(answer("gzip", packed).body == "hello gzip");
  CHECK(answer("GZIP", packed).body == "hello gzip");
  CHECK(answer("identity", "plain").body == "plain");
  CHECK(answer("gzip", "not gzip at all").failure == HttpFailure::cut_short);
  for (const char* encoding :
       {"br", "deflate", "zstd", "gzip, gzip", "gzip\r\nContent-Encoding: gzip"}) {
    CAPTURE(encoding);
    CHECK(answer(encoding, packed).failure == HttpFailure::broken);
  }
  // Up to byte 20 stands the text, behind it its checksum and its length.
  for (std::size_t length = 1; length < packed.size(); ++length) {
    CAPTURE(length);
    const HttpReply cut = answer("gzip", packed.substr(0, length));
    CHECK(cut.failure == HttpFailure::cut_short);
    CHECK(cut.body.empty());
  }
  for (std::size_t at = packed.size() - 8; at < packed.size(); ++at) {
    CAPTURE(at);
    std::string wrong_sum = packed;
    wrong_sum[at] = static_cast<char>(wrong_sum[at] ^ 1);
    CHECK(answer("gzip", wrong_sum).failure == HttpFailure::cut_short);
  }
  CHECK(answer("gzip", packed + "x").failure == HttpFailure::cut_short);
  CHECK(answer("gzip", packed + packed).failure == HttpFailure::cut_short);
  CHECK(answer("gzip", "").failure == HttpFailure::none);
}

TEST_CASE("FET-06 FET-08 gzip that ends with the connection, before its own end, is cut short") {
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\x48\xaf\xca\x2c\x00\x00\x19"
      "\x6a\xd2\xdf\x0a\x00\x00\x00",
      30);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
  CHECK(reply_to(head + packed).body == "hello gzip");
  CHECK(reply_to(head + packed.substr(0, 17)).failure == HttpFailure::cut_short);
}

TEST_CASE("FET-08 a gzip bomb is stopped by its ratio and by the decoded size") {
  // Each zero byte stands for 1,032 bytes of text.
  const std::string start(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xec\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08"
      "\x0a",
      24);
  const auto bomb = [&](std::size_t bytes, HttpLimits limits) {
    return reply_to(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + start + std::string(bytes, '\0'),
        limits);
  };
  HttpLimits wide;
  wide.body_bytes_max = std::int64_t{1} << 30;
  const HttpReply by_ratio = bomb(300'000, wide);
  CHECK(by_ratio.failure == HttpFailure::too_large);
  CHECK(by_ratio.reason == "body compressed by more than 200 to 1");
  const HttpReply by_size = bomb(20'000, {});
  CHECK(by_size.failure == HttpFailure::too_large);
}

TEST_CASE("FET-09 too many, too long and malformed headers are failures") {
  std::string many;
  for (int i = 0; i < 20'000; ++i) {
    many += "X-Header-" + std::to_string(i) + ": value\r\n";
  }
  CHECK(reply_to("HTTP/1.1 200 OK\r\n" + many + "\r\n").failure == HttpFailure::too_large);
  const std::string line = "X-Long: " + std::string(1024 * 1024, 'x') + "\r\n";
  CHECK(reply_to("HTTP/1.1 200 OK\r\n" + line + "\r\n").failure != HttpFailure::none);
  CHECK(reply_to("HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\n\r\n").failure != HttpFailure::none);
  CHECK(reply_to(std::string("HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n", 30)).failure !=
        HttpFailure::none);
  CHECK(reply_to("HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n").failure != HttpFailure::none);
  CHECK(reply_to("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").failure != HttpFailure::none);
  CHECK(reply_to("hello, not HTTP at all\r\n\r\n").failure != HttpFailure::none);
}

TEST_CASE("FET-10 redirects are answers, never followed") {
  RawServer other([](RawConnection& connection) { connection.wait_until_closed(); });
  for (const char* status : {"301", "302", "303", "307", "308"}) {
    for (const std::string& target : {other.url("/x"), std::string("file:///etc/passwd")}) {
      const HttpReply reply =
          reply_to("HTTP/1.1 " + std::string(status) +
                   " Moved\r\nContent-Length: 0\r\nLocation: " + target + "\r\n\r\n");
      CHECK(reply.failure == HttpFailure::none);
      CHECK(reply.status == std::stoi(status));
      CHECK(reply.header("location") == target);
    }
  }
  CHECK(other.connections() == 0);
}

TEST_CASE("FET-11 interim answers are passed over, a storm of them is stopped") {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n";
  const HttpReply reply = reply_to(interim + interim + kGoodAnswer);
  CHECK(reply.status == 200);
  CHECK(reply.body == "ok");
  CHECK(reply.header("x-early").empty());
  std::string storm;
  for (int i = 0; i < 10'000; ++i) {
    storm += interim;
  }
  CHECK(reply_to(storm + kGoodAnswer).failure != HttpFailure::none);
}
