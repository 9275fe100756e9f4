// What the tests of the HTTP client share: one request to a client of its own, or to a server that
// sends the given bytes.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "os/curl_client.h"
#include "raw_server.h"

namespace triggerd {

inline HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

// Runs until so many have finished; gives up after ten seconds, and then fewer come back.
inline std::map<HttpTicket, HttpReply> wait_for_replies(CurlClient& client, std::size_t count) {
  std::map<HttpTicket, HttpReply> replies;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (replies.size() < count && std::chrono::steady_clock::now() < until) {
    for (HttpFinished& one : client.finished(std::chrono::milliseconds{500})) {
      replies.emplace(one.ticket, std::move(one.reply));
    }
  }
  return replies;
}

inline HttpReply fetch(HttpRequest request, CurlOptions options = {}) {
  CurlClient client(std::move(options));
  const HttpTicket ticket = client.start(std::move(request));
  auto replies = wait_for_replies(client, 1);
  REQUIRE(replies.count(ticket) == 1);
  return std::move(replies[ticket]);
}

// The reply to a server that reads one request and sends these bytes, then closes.
inline HttpReply reply_to(const std::string& bytes, HttpLimits limits = {}) {
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    connection.send(bytes);
  });
  HttpRequest request = get(server.url());
  request.limits = limits;
  return fetch(std::move(request));
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline const std::string kGoodAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace triggerd
