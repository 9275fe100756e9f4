// The app that is polled and the receiver of actions, on a loopback port that the kernel chooses:
// one thread, epoll, prepared answers. Notes when each request came, since that is what lateness
// and delays are measured by. Made by the bench's main; knows nothing of triggerd. Paths:
//   /same/N      20 records, always the same         /same100/N   100 records
//   /checked/N   as /same, with an ETag and 304      /grows/N     one record more with each request
//   /control/accounts  what `triggerd --sandbox` asks first
//   /sink...     takes a POST; a "stream":"N" in its body is noted
// where N is the number of a stream. Times in microseconds since 1970.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace triggerd::bench {

struct Arrival {
  enum class What : std::uint8_t { page, action };
  What what = What::page;
  std::int64_t stream = 0;
  std::int64_t at = 0;
};

std::int64_t now_us();

class Upstream {
 public:
  Upstream();
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::int64_t pages() const { return pages_; }
  std::int64_t actions() const { return actions_; }
  std::vector<Arrival> take_arrivals();  // those since the last call, in order

 private:
  struct Connection {
    std::string in, out;
  };
  void run();
  void accept_all();
  void serve(int descriptor);
  // The whole requests in `in` are answered; what is left waits for more.
  void answer_all(Connection& connection);
  const std::string& answer(std::string_view head, std::string_view body);
  void note(Arrival::What what, std::int64_t stream);

  int listener_ = -1, epoll_ = -1, stop_ = -1;
  int port_ = 0;
  std::atomic<std::int64_t> pages_{0}, actions_{0};
  std::string same_, same100_, checked_, not_modified_, taken_, account_, unknown_;
  std::vector<std::string> grows_;
  std::unordered_map<int, Connection> connections_;
  std::unordered_map<std::int64_t, std::size_t> asked_;  // by stream of /grows
  std::mutex mutex_;
  std::vector<Arrival> arrivals_;
  std::thread thread_;
};

}  // namespace triggerd::bench
