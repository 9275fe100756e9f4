// The truth log: one JSON object per line for each mutation of the world and each request served,
// so that a checker can compare what a client detected with what really happened. Each line gets
// its number ("seq") and sandbox time here, under one mutex, and is flushed. Called from every
// server thread. It knows nothing of what the lines mean; README.md describes them.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "clock.h"

namespace triggerd::sandbox {

class TruthLog {
 public:
  using Sink = std::function<void(const std::string& line)>;

  TruthLog(const SandboxClock& clock, Sink sink);

  // Returns the number that the line got.
  std::uint64_t write(std::string_view type, nlohmann::json line);
  std::uint64_t last_seq() const;

 private:
  const SandboxClock& clock_;
  const Sink sink_;
  mutable std::mutex mutex_;
  std::uint64_t seq_ = 0;
};

// Writes a fresh file and flushes per line; throws std::runtime_error when it cannot be opened.
TruthLog::Sink file_sink(const std::string& path);

// The state of a record as the log names it: xxh64 (seed 0, 16 hexadecimal digits) over its
// compact JSON with sorted keys, without the members that differ from answer to answer.
std::string state_of(const nlohmann::json& record);
std::string state_of_bytes(std::string_view bytes);

}  // namespace triggerd::sandbox
