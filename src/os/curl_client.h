// CurlClient: HTTP over libcurl's multi interface, and the one place where the loop waits. Requests
// beyond the limits in flight wait their turn, host by host. Requests of one pool share connections
// and TLS sessions, no others do. Made by cli/ for the engine. Loop thread only.
#pragma once

#include <curl/curl.h>

#include <deque>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "os/curl_exchange.h"
#include "triggerd/http_client.h"

namespace triggerd {

class CurlClient : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options = {});
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  // A descriptor whose readiness to be read ends a wait early; it stays the caller's.
  void add_wake(int descriptor);
  void remove_wake(int descriptor);

  HttpTicket start(HttpRequest request) override;
  std::vector<HttpFinished> finished(std::chrono::microseconds at_most) override;
  void cancel(HttpTicket ticket) override;

  int in_flight() const { return in_flight_; }

 private:
  struct Host {
    int in_flight = 0;
    std::deque<HttpTicket> waiting;
    bool in_line = false;  // stands in `line_`
  };
  struct Pool {
    CURLSH* share = nullptr;
    int in_flight = 0;
    std::list<std::string>::iterator idle_place;  // valid while in_flight is 0
  };
  struct Exchange {
    std::unique_ptr<CurlExchange> http;
    std::string origin;
    CURL* easy = nullptr;  // null while it waits
  };

  void start_waiting();
  void send(HttpTicket ticket, Exchange& exchange, Host& host);
  void join_line(const std::string& origin, Host& host);
  void collect();
  void release(HttpTicket ticket);
  CURLSH* share_of(const std::string& pool);
  void return_share(const std::string& pool);
  void drop_pool(const std::string& pool);
  void share_out_connections();  // among the pools that there are

  const CurlOptions options_;
  CURLM* const multi_;
  HttpTicket last_ticket_ = 0;
  int in_flight_ = 0;
  std::unordered_map<HttpTicket, Exchange> exchanges_;
  std::unordered_map<std::string, Host> hosts_;  // by origin; only those with requests
  std::deque<std::string> line_;                 // origins that have a request to send, in turn
  std::unordered_map<std::string, Pool> pools_;
  std::list<std::string> idle_pools_;  // the longest idle first
  std::vector<CURL*> spare_;
  std::vector<HttpFinished> done_;
  std::vector<curl_waitfd> wakes_;
};

}  // namespace triggerd
