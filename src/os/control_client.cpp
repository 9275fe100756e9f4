#include "os/control_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "os/control_socket.h"

namespace triggerd {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024 * 1024;
using Moment = std::chrono::steady_clock::time_point;

bool wait_for(const Descriptor& socket, short events, Moment until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd ready{socket.get(), events, 0};
  return left.count() > 0 && poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

Result<Descriptor, std::string> reach(const std::string& path) {
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto place = socket_place(path);
  if (place && made.open() &&
      connect(made.get(), reinterpret_cast<const sockaddr*>(&place->address),
              sizeof place->address) == 0) {
    return made;
  }
  return Failure<std::string>("no daemon answers at " + path + ": " + std::strerror(errno));
}

bool send_all(const Descriptor& socket, std::string_view line, Moment until) {
  while (!line.empty()) {
    const ssize_t sent = send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      line.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR && (errno != EAGAIN || !wait_for(socket, POLLOUT, until))) {
      return false;
    }
  }
  return true;
}

Result<std::string, std::string> receive_line(const Descriptor& socket, Moment until) {
  std::string line;
  std::array<char, 64 * 1024> buffer;
  while (line.size() <= kAnswerBytesMax) {
    const ssize_t length = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (length > 0) {
      line.append(buffer.data(), static_cast<std::size_t>(length));
      if (line.back() == '\n') {
        line.pop_back();
        return line;
      }
    } else if (length == 0) {
      return Failure<std::string>("the daemon closed the connection without an answer");
    } else if (errno != EINTR && (errno != EAGAIN || !wait_for(socket, POLLIN, until))) {
      return Failure<std::string>("the daemon did not answer in time");
    }
  }
  return Failure<std::string>("the daemon's answer is too long");
}

}  // namespace

Result<std::string, std::string> control_call(const std::string& path,
                                              std::string_view request_line,
                                              std::chrono::milliseconds deadline) {
  const Moment until = std::chrono::steady_clock::now() + deadline;
  const auto socket = reach(path);
  if (!socket) {
    return Failure<std::string>(socket.error());
  }
  std::string line(request_line);
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (!send_all(*socket, line + "\n", until)) {
    return Failure<std::string>("the daemon did not take the request in time");
  }
  return receive_line(*socket, until);
}

bool control_reachable(const std::string& path) { return reach(path).has_value(); }

}  // namespace triggerd
