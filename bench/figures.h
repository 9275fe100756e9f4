// The figures of the bench, each measured with the program as shipped and, where there is one, the
// floor in the same run. Used by main.cpp; everything started is stopped before a function returns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "daemon.h"
#include "report.h"
#include "upstream.h"

namespace triggerd::bench {

struct BenchOptions {
  std::string folder;             // for states and logs; made and removed
  std::int64_t streams = 30'000;  // of the large worlds; each is polled once a minute
  std::int64_t keys = 10'000'000;
  int rounds = 3;
};

class Bench {
 public:
  explicit Bench(BenchOptions options) : options_(std::move(options)) {}

  // 2,000 polls a second, so that many share a turn.
  void idle(std::vector<Figure>& figures);
  void changed(std::vector<Figure>& figures);
  void delivered(std::vector<Figure>& figures);
  // At the pace of the schedule: one poll a turn, CPU and lateness.
  void at_pace(std::vector<Figure>& figures);
  void memory(std::vector<Figure>& figures);
  void delay(std::vector<Figure>& figures);

 private:
  struct FloorAsked {
    std::string kind, path;
    std::int64_t streams = 1'000, polls = 20'000, warm_up = 2'000;
    double rate = 0;
  };
  double floor_us(const FloorAsked& asked);
  void idle_of(std::vector<Figure>& figures, const std::string& name, const std::string& operation,
               const std::string& floor_path);
  double once_us(const Daemon& daemon);
  void flat_out(std::vector<Figure>& figures, const std::string& name, const World& world,
                const FloorAsked& floor);
  void paced(std::vector<Figure>& figures, const std::string& name, const World& world,
             const std::string& floor_kind);
  double start_seconds(const Daemon& daemon, std::unique_ptr<MeasuredProcess>& process);
  // CPU time of one poll over some seconds, and the share of a core.
  double paced_us(const MeasuredProcess& process, int seconds, double& share);
  double lateness_p99_ms(const Daemon& daemon);

  BenchOptions options_;
  Upstream upstream_;
  std::int64_t next_stream_ = 1'000'000;  // numbers of streams that the floor has not used yet
};

}  // namespace triggerd::bench
