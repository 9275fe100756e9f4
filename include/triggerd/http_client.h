// SEAM: HTTP. Requests are started and later collected; nothing blocks but `finished`, the one
// place where the loop waits. Implementations: os/curl_client.h (libcurl multi) and
// engine/scripted_http.h (tests and `triggerd test`). Loop thread only. Redirects are never
// followed, and no URL of a body is ever fetched.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triggerd {

struct HttpHeader {
  std::string name;
  std::string value;
  bool secret = false;  // left out of every log and of scripted listings
};

// Bounds of one exchange, in real time and decoded bytes.
struct HttpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{60'000};
  std::int64_t body_bytes_max = 16 * 1024 * 1024;
  std::int64_t header_bytes_max = 256 * 1024;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute; https, or http to a loopback address
  std::vector<HttpHeader> headers;
  std::string body;
  HttpLimits limits;
  // Connections are shared only between requests with the same pool (one per credential), so that a
  // token can never travel on another credential's connection.
  std::string pool;
};

// What kept an answer from arriving whole; `none` when status, headers and body are complete.
enum class HttpFailure {
  none,
  refused_url,  // scheme or address not allowed; nothing was sent
  resolve,
  connect,
  tls,
  timeout,
  too_large,  // body, ratio or headers above the limits
  cut_short,  // closed before the announced end, or a broken encoding
  broken,     // anything else the library reports
};

std::string_view to_text(HttpFailure failure);

struct HttpReply {
  HttpFailure failure = HttpFailure::none;
  std::string reason;  // one redacted sentence when failure is not none
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  // First header of that name (ASCII case ignored); empty when there is none.
  std::string_view header(std::string_view name) const;
};

using HttpTicket = std::uint64_t;  // names one started request; never reused within a process

struct HttpFinished {
  HttpTicket ticket = 0;
  HttpReply reply;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual HttpTicket start(HttpRequest request) = 0;
  // Waits at most `at_most` of real time for finished requests. May come back early and empty when
  // a signal, a child's end, a control command or a file change is readable.
  virtual std::vector<HttpFinished> finished(std::chrono::microseconds at_most) = 0;
  // Drops a request; its ticket never finishes.
  virtual void cancel(HttpTicket ticket) = 0;
};

}  // namespace triggerd
