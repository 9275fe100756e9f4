// MetricsServer: /metrics, /healthz and /readyz over HTTP, on a thread of its own (libmicrohttpd).
// The loop leaves its page here and says that it turns; whoever asks gets what was left last, so
// that no request ever waits for the loop or holds it up. Knows nothing of what the page says. Made
// by cli/; publish, ready and turned from the loop's thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "triggerd/result.h"

namespace triggerd {

class MetricsServer {
 public:
  // A loop that has not come round for so long hangs; it comes round once a second.
  static constexpr std::chrono::milliseconds kHungAfter{30'000};
  static constexpr unsigned kConnectionsMax = 32;

  // `place`: "127.0.0.1:9464", "[::1]:9464"; port 0: one that the kernel chooses. The failure says
  // why nothing listens there.
  static Result<std::unique_ptr<MetricsServer>, std::string> start(
      const std::string& place, std::chrono::milliseconds hung_after = kHungAfter);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  std::string place() const;  // with the port that it listens on
  bool asked_lately() const;  // whether anybody read the page within two minutes

  void publish(std::string page);
  void ready(std::string why_not);  // empty: it is ready
  void turned();                    // the loop came round

 private:
  struct Parts;
  explicit MetricsServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace triggerd
