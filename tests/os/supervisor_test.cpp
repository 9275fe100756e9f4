// What systemd is told, read from a socket as systemd reads it.
#include "os/supervisor.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

using namespace triggerd;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

namespace {

// The supervisor's side. An abstract name: no file to clean up.
class Listener {
 public:
  Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    name_ = "@triggerd-test-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  Texts told() {
    Texts texts;
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0)) > 0;) {
      texts.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    }
    return texts;
  }
  SupervisorSettings settings() const { return {name_, seconds(10)}; }

 private:
  Descriptor socket_;
  std::string name_;
};

const Supervisor::Now kStart{std::chrono::hours(100)};

}  // namespace

TEST_CASE("readiness, reload, stop and status are told in systemd's words, a status once") {
  Listener systemd;
  Supervisor supervisor(systemd.settings());
  supervisor.ready("1 trigger");
  CHECK(systemd.told() == Texts{"READY=1\nSTATUS=1 trigger"});
  supervisor.status("1 trigger");
  CHECK(systemd.told().empty());
  supervisor.status("2 triggers\nWATCHDOG=1");
  CHECK(systemd.told() == Texts{"STATUS=2 triggers WATCHDOG=1"});
  supervisor.reloading(kStart);
  CHECK(systemd.told() == Texts{"RELOADING=1\nMONOTONIC_USEC=360000000000"});
  supervisor.stopping();
  CHECK(systemd.told().front().starts_with("STOPPING=1\n"));
}

TEST_CASE("SHU-07: the watchdog hears of a turn at half of its interval, and of nothing else") {
  Listener systemd;
  Supervisor supervisor(systemd.settings());
  supervisor.status("no turn yet");
  CHECK(systemd.told() == Texts{"STATUS=no turn yet"});
  supervisor.turned(kStart);
  CHECK(systemd.told() == Texts{"WATCHDOG=1"});
  supervisor.turned(kStart + milliseconds(4'999));
  CHECK(systemd.told().empty());
  supervisor.turned(kStart + milliseconds(5'000));
  CHECK(systemd.told() == Texts{"WATCHDOG=1"});
  CHECK(supervisor.longest_wait() < milliseconds(5'000));
}

TEST_CASE("without a supervisor, or with one that is gone, nothing happens") {
  SupervisorSettings gone;
  for (const char* place : {"", "relative", "@nobody-listens-here", "/nowhere/at/all"}) {
    CAPTURE(place);
    gone.socket = place;
    Supervisor supervisor(gone);
    supervisor.ready("x");
    supervisor.turned(kStart);
    supervisor.stopping();
    CHECK_FALSE(supervisor.longest_wait());
  }
}

TEST_CASE("the watchdog's variables count only when they are meant for this process") {
  const auto read = [](const char* interval, const char* owner) {
    setenv("WATCHDOG_USEC", interval, 1);
    owner == nullptr ? unsetenv("WATCHDOG_PID") : setenv("WATCHDOG_PID", owner, 1);
    const SupervisorSettings settings = SupervisorSettings::from_environment();
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return settings.watchdog;
  };
  const std::string own = std::to_string(::getpid());
  CHECK(read("60000000", nullptr) == seconds(60));
  CHECK(read("60000000", own.c_str()) == seconds(60));
  CHECK_FALSE(read("60000000", "1"));
  CHECK_FALSE(read("0", nullptr));
  CHECK_FALSE(read("soon", nullptr));
}
