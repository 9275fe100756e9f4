// CurlExchange: one HTTP exchange at libcurl: the options that keep it within our rules, the
// callbacks that collect and bound the answer, the judgement of how it ended. Made by CurlClient;
// knows nothing of queues. Loop thread only; it must not move in memory while it is attached.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "os/gzip_reader.h"
#include "triggerd/http_client.h"

namespace triggerd {

struct CurlOptions {
  std::string user_agent = "triggerd";
  int in_flight_max = 200;  // all others wait their turn
  int per_host_max = 64;    // so that one slow host does not take every place
  int pools_max = 100;      // sets of open connections kept for later, one per credential
  bool allow_private_addresses = true;  // false: https only to public addresses
  int low_speed_seconds = 20;          // so long below 100 bytes a second, once an answer has begun
  long connection_seconds_max = 3600;  // a name may point elsewhere by then, or a certificate end
  std::string ca_file;                 // certificates to trust; the system's when empty
};

class CurlExchange {
 public:
  explicit CurlExchange(HttpRequest request);
  ~CurlExchange();
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // Sets all options of a handle that was reset.
  void attach(CURL* easy, CURLSH* share, const CurlOptions& options);
  HttpReply finish(CURLcode code);
  const std::string& pool() const { return request_.pool; }

 private:
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self);
  static std::size_t on_send(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);

  void set_rules(const CurlOptions& options);
  void set_limits();
  void set_method();
  void set_headers();
  bool take_header(std::string_view line);
  bool take_status_line(std::string_view line);
  std::optional<std::string> refused_header(const HttpHeader& header);
  void make_room();
  bool take_body(std::string_view bytes);
  bool take_gzip(std::string_view bytes);
  bool take_text(std::string_view text);
  bool fail(HttpFailure failure, std::string reason);

  HttpRequest request_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> message_{};
  bool public_only_ = false;
  long low_speed_seconds_ = 0;

  HttpReply reply_;
  std::int64_t header_bytes_ = 0;
  std::size_t sent_ = 0;
  std::int64_t received_ = 0;  // bytes of the body, as they came
  bool body_begun_ = false;
  std::unique_ptr<GzipReader> gzip_;  // of a body that is said to be gzip
  std::string content_length_;        // as first announced
  bool chunked_ = false;
};

}  // namespace triggerd
