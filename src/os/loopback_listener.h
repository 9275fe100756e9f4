// LoopbackListener: waits on 127.0.0.1 for the one request with which a browser comes back from an
// app's consent page, and thanks it. Made by the command `auth login`, which has no loop: `wait`
// blocks, until its deadline at most. Takes what is asked for under one path; answers everything
// else with 404. No name of a host is trusted: only loopback connections arrive.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "os/descriptor.h"
#include "triggerd/result.h"

namespace triggerd {

class LoopbackListener {
 public:
  static constexpr std::size_t kHeadBytesMax = 16 * 1024;

  // `port` 0: the kernel chooses. The failure is a sentence.
  static Result<LoopbackListener, std::string> open(int port);

  int port() const { return port_; }
  // The query of the request for `path` ("code=...&state=..."); nothing after `most`. `judge` says
  // what the browser shows; an empty text: it is not the request that is waited for.
  template <typename Judge>
  std::optional<std::string> wait(const std::string& path, std::chrono::milliseconds most,
                                  Judge judge) {
    const auto end = deadline(most);
    while (std::optional<Visit> visit = next(path, end)) {
      const std::string text = judge(visit->query);
      answer(*visit, text);
      if (!text.empty()) return visit->query;
    }
    return std::nullopt;
  }

 private:
  struct Visit {
    Descriptor socket;
    std::string query;
  };
  using Deadline = std::chrono::steady_clock::time_point;
  LoopbackListener(Descriptor socket, int port) : socket_(std::move(socket)), port_(port) {}
  static Deadline deadline(std::chrono::milliseconds most);
  std::optional<Visit> next(const std::string& path, Deadline end);
  static void answer(const Visit& visit, const std::string& text);

  Descriptor socket_;
  int port_;
};

}  // namespace triggerd
