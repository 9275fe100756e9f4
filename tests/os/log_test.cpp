#include "os/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <regex>
#include <string>
#include <vector>

#include "os/descriptor.h"

using namespace triggerd;

namespace {

// Puts a descriptor in the place of stderr as long as it lives.
class StandIn {
 public:
  explicit StandIn(int descriptor) : before_(dup(STDERR_FILENO)) {
    dup2(descriptor, STDERR_FILENO);
  }
  ~StandIn() { dup2(before_.get(), STDERR_FILENO); }

 private:
  Descriptor before_;
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer;
  for (ssize_t n = 0; (n = read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::string captured(const std::function<void()>& act) {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  {
    const StandIn stand_in(ends[1]);
    act();
  }
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  close(ends[1]);
  return text;
}

long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("a line holds time, level, fact and fields, as text and as JSON") {
  const std::string text = captured([] {
    setup_logging(LogFormat::text, LogLevel::info);
    log(LogLevel::warning, "poll failed",
        {{"trigger", "hot-leads"}, {"status", 500}, {"reason", "no answer"}});
  });
  CHECK(std::regex_match(text,
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning )"
                                    R"(poll failed trigger=hot-leads status=500 reason="no answer")"
                                    "\n")));
  const std::string json = captured([] {
    setup_logging(LogFormat::json, LogLevel::info);
    log(LogLevel::error, "poll failed", {{"trigger", "a\"b"}});
  });
  CHECK(std::regex_match(json, std::regex(R"(\{"time":"[^"]+Z","level":"error",)"
                                          R"("fact":"poll failed","trigger":"a\\"b"\})"
                                          "\n")));
}

TEST_CASE("lines below the level are not written") {
  CHECK(captured([] {
          setup_logging(LogFormat::text, LogLevel::warning);
          log(LogLevel::info, "quiet");
          log(LogLevel::debug, "quiet");
        }).empty());
  CHECK(log_level_named("debug") == LogLevel::debug);
  CHECK(log_level_named("error") == LogLevel::error);
  CHECK_FALSE(log_level_named("loud").has_value());
}

TEST_CASE("S-34 no text from outside makes a second line or moves the terminal") {
  const std::string evil =
      "x\nlevel=info msg=\"ok\"\r\x1b[2J\x07\x7f\xC2\x9B"
      "31m \xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAE\xE2\x81\xA6 \xFF\xC0\x80 {} %v \\";
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string text = captured([&] {
      setup_logging(format, LogLevel::info);
      log(LogLevel::info, "seen", {{"name", evil}});
    });
    CHECK(lines_of(text) == 1);
    for (const char c : text.substr(0, text.size() - 1)) {
      CHECK(static_cast<unsigned char>(c) >= 0x20);
      CHECK(static_cast<unsigned char>(c) < 0x7F);
    }
    CHECK(text.find(R"("x\nlevel=info msg=\"ok\"\u000d\u001b[2J\u0007\u007f\u009b31m )"
                    R"(\u2028\u2029\u202e\u2066 \ufffd\ufffd\ufffd {} %v \\")") !=
          std::string::npos);
  }
}

TEST_CASE("S-35 a million equal lines make a short log with their count") {
  const std::string text = captured([] {
    setup_logging(LogFormat::text, LogLevel::info);
    for (int i = 0; i < 1'000'000; ++i) {
      log(LogLevel::warning, "record quarantined", {{"reason", "no key"}});
    }
    finish_logging();
  });
  CHECK(text.size() < 100'000);
  CHECK(text.find("repeated lines left out fact_left_out=\"record quarantined\" lines=") !=
        std::string::npos);
}

TEST_CASE("SHU-06 a receiver that stops reading never holds the loop, and learns what it missed") {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  std::string later;
  {
    const StandIn stand_in(ends[1]);
    setup_logging(LogFormat::text, LogLevel::info);
    for (int i = 0; i < 5000; ++i) {
      log(LogLevel::info, "fact " + std::to_string(i), {{"text", std::string(400, 'x')}});
    }
    const std::string first = read_all(ends[0]);
    CHECK(lines_of(first) < 5000);
    log(LogLevel::info, "reading again");
    later = read_all(ends[0]);
  }
  CHECK(later.find("log lines dropped lines=") != std::string::npos);
  CHECK(later.find("reading again") != std::string::npos);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("SHU-06 a closed receiver and a socket are no trouble") {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  {
    const StandIn stand_in(ends[1]);
    setup_logging(LogFormat::text, LogLevel::info);
    log(LogLevel::info, "over a socket");
    std::array<char, 200> buffer{};
    const ssize_t length = recv(ends[0], buffer.data(), buffer.size(), MSG_DONTWAIT);
    CHECK(std::string(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0)
              .find("over a socket\n") != std::string::npos);
    close(ends[0]);
    log(LogLevel::info, "to nobody");
  }
  close(ends[1]);
}
