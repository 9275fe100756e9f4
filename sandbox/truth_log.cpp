#include "truth_log.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace triggerd::sandbox {

TruthLog::TruthLog(const SandboxClock& clock, Sink sink) : clock_(clock), sink_(std::move(sink)) {}

std::uint64_t TruthLog::write(std::string_view type, nlohmann::json line) {
  const std::scoped_lock lock(mutex_);
  line["type"] = type;
  line["seq"] = ++seq_;
  line["at"] = iso_utc(clock_.now());
  if (sink_) {
    sink_(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return seq_;
}

std::uint64_t TruthLog::last_seq() const {
  const std::scoped_lock lock(mutex_);
  return seq_;
}

TruthLog::Sink file_sink(const std::string& path) {
  std::shared_ptr<std::FILE> file(std::fopen(path.c_str(), "we"), [](std::FILE* open) {
    if (open != nullptr) std::fclose(open);
  });
  if (!file) throw std::runtime_error("cannot write the truth log " + path);
  return [file](const std::string& line) {
    std::fwrite(line.data(), 1, line.size(), file.get());
    std::fputc('\n', file.get());
    std::fflush(file.get());
  };
}

std::string state_of_bytes(std::string_view bytes) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(XXH64(bytes.data(), bytes.size(), 0)));
  return {digits.data(), 16};
}

std::string state_of(const nlohmann::json& record) {
  if (!record.is_object()) return state_of_bytes(record.dump());
  nlohmann::json kept = record;
  kept.erase("traceId");
  kept.erase("searchAfter");
  return state_of_bytes(kept.dump());
}

}  // namespace triggerd::sandbox
