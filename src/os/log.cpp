#include "os/log.h"

#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "os/log_limiter.h"
#include "os/log_text.h"

namespace triggerd {
namespace {

// A pipe that says it is ready takes at least this much at once (PIPE_BUF), so one line never
// blocks.
constexpr std::size_t kLineBytesMax = 4096;

SteadyTime steady_now() { return std::chrono::floor<Millis>(std::chrono::steady_clock::now()); }

bool write_without_waiting(std::string_view line) {
  // journald's stream is a socket, where only this call does not wait.
  const ssize_t sent = send(STDERR_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) {
    return sent == static_cast<ssize_t>(line.size());
  }
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0) {
    return false;
  }
  return write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

class StderrSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  std::int64_t take_dropped() { return std::exchange(dropped_, 0); }
  void add_dropped(std::int64_t lines) { dropped_ += lines; }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (!write_without_waiting({line.data(), line.size()})) {
      ++dropped_;
    }
  }
  void flush_() override {}

 private:
  std::int64_t dropped_ = 0;
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

using Fields = std::initializer_list<LogField>;

std::string line_of(LogFormat format, std::string_view fact, Fields fields) {
  std::string line =
      format == LogFormat::json ? "\"fact\":" + quoted_log_text(fact) : std::string(fact);
  for (const LogField& field : fields) {
    std::string more = format == LogFormat::json
                           ? "," + quoted_log_text(field.name) + ":" + quoted_log_text(field.text)
                           : " " + field.name + "=" + plain_log_text(field.text);
    // Time and level take less than 100 bytes.
    if (line.size() + more.size() + 100 > kLineBytesMax) {
      break;
    }
    line += more;
  }
  return line;
}

class Writer {
 public:
  Writer() { setup(LogFormat::text, LogLevel::info); }

  void setup(LogFormat format, LogLevel level) {
    format_ = format;
    sink_ = std::make_shared<StderrSink>();
    logger_ = std::make_unique<spdlog::logger>("triggerd", sink_);
    logger_->set_level(spdlog_level(level));
    const char* pattern = format == LogFormat::json
                              ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
    logger_->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n"));
    limiter_ = {};
  }

  void write(LogLevel level, std::string_view fact, Fields fields) {
    if (!logger_->should_log(spdlog_level(level))) {
      return;
    }
    const SteadyTime now = steady_now();
    tell_collapsed(now);
    // Lines that an action writes are what somebody asked for, each of them.
    if (fact == kActionFact || limiter_.admit(fact, now)) {
      tell_dropped();
      put(level, fact, fields);
    }
  }

  void finish() {
    tell_collapsed(steady_now() + LogLimiter::kSpan);
    tell_dropped();
  }

 private:
  void put(LogLevel level, std::string_view fact, Fields fields) {
    // Given as a value, not as a pattern: a brace in it is only a brace.
    logger_->log(spdlog_level(level), spdlog::string_view_t(line_of(format_, fact, fields)));
  }

  void tell_collapsed(SteadyTime now) {
    for (const LogLimiter::Collapsed& one : limiter_.over(now)) {
      put(LogLevel::warning, "repeated lines left out",
          {{"fact_left_out", one.fact}, {"lines", one.lines}});
    }
  }

  void tell_dropped() {
    const std::int64_t dropped = sink_->take_dropped();
    if (dropped == 0) {
      return;
    }
    put(LogLevel::warning, "log lines dropped", {{"lines", dropped}});
    if (const std::int64_t again = sink_->take_dropped(); again > 0) {
      sink_->add_dropped(dropped);  // still nobody who reads; told later
    }
  }

  LogFormat format_ = LogFormat::text;
  std::shared_ptr<StderrSink> sink_;
  std::unique_ptr<spdlog::logger> logger_;
  LogLimiter limiter_;
};

Writer& writer() {
  static Writer only;
  return only;
}

}  // namespace

void setup_logging(LogFormat format, LogLevel level) { writer().setup(format, level); }

std::optional<LogLevel> log_level_named(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kNames = {
      {{"debug", LogLevel::debug},
       {"info", LogLevel::info},
       {"warning", LogLevel::warning},
       {"error", LogLevel::error}}};
  for (const auto& [name, level] : kNames) {
    if (name == word) {
      return level;
    }
  }
  return std::nullopt;
}

void finish_logging() { writer().finish(); }

void log(LogLevel level, std::string_view fact, Fields fields) {
  writer().write(level, fact, fields);
}

}  // namespace triggerd
