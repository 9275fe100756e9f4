#include "os/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace triggerd {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// A status is one line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace

SupervisorSettings SupervisorSettings::from_environment() {
  SupervisorSettings settings;
  settings.socket = variable("NOTIFY_SOCKET");
  const auto interval = number(variable("WATCHDOG_USEC"));
  const std::string owner = variable("WATCHDOG_PID");
  const bool ours = owner.empty() || number(owner) == static_cast<std::int64_t>(::getpid());
  if (interval && *interval > 0 && ours) {
    settings.watchdog = std::chrono::microseconds(*interval);
  }
  return settings;
}

Supervisor::Supervisor(SupervisorSettings settings) : settings_(std::move(settings)) {
  if (!settings_.socket.empty()) {
    socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  }
}

void Supervisor::send(const std::string& text) const {
  sockaddr_un address{};
  const std::string& name = settings_.socket;
  if (!socket_.open() || name.size() >= sizeof address.sun_path) return;
  if (name.front() != '/' && name.front() != '@') return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  ::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
           reinterpret_cast<const sockaddr*>(&address), size);
}

void Supervisor::ready(const std::string& status) {
  status_ = one_line(status);
  send("READY=1\nSTATUS=" + status_);
}

void Supervisor::reloading(Now now) {
  const auto since_boot =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

void Supervisor::stopping() { send("STOPPING=1\nSTATUS=what is in flight may end"); }

void Supervisor::status(const std::string& text) {
  std::string line = one_line(text);
  if (line == status_) return;
  status_ = std::move(line);
  send("STATUS=" + status_);
}

void Supervisor::turned(Now now) {
  if (!settings_.watchdog) return;
  if (told_ && now - *told_ < *settings_.watchdog / 2) return;
  told_ = now;
  send("WATCHDOG=1");
}

std::optional<std::chrono::milliseconds> Supervisor::longest_wait() const {
  if (!settings_.watchdog) return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(*settings_.watchdog / 4);
}

}  // namespace triggerd
