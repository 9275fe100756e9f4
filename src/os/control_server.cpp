#include "os/control_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "os/control_socket.h"

namespace triggerd {
namespace {

constexpr int kWaitingMax = 16;  // connections that the kernel holds for us

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

Descriptor listen_at(const std::string& path) {
  Descriptor listener =
      Descriptor::checked(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const auto place = socket_place(path);
  if (!place) {
    fail("socket path");
  }
  unlink(place->address.sun_path);
  const mode_t before = umask(0177);
  const int bound = bind(listener.get(), reinterpret_cast<const sockaddr*>(&place->address),
                         sizeof place->address);
  umask(before);
  if (bound != 0) {
    fail("bind");
  }
  if (listen(listener.get(), kWaitingMax) != 0) {
    fail("listen");
  }
  return listener;
}

bool is_ours(const Descriptor& socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  return getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
         (peer.uid == geteuid() || peer.uid == 0);
}

void watch(const Descriptor& events, int operation, const Descriptor& watched, epoll_event event) {
  if (epoll_ctl(events.get(), operation, watched.get(), &event) != 0) {
    fail("epoll_ctl");
  }
}

epoll_event event_of(std::uint32_t kinds, std::uint64_t id) {
  epoll_event event{};
  event.events = kinds;
  event.data.u64 = id;
  return event;
}

}  // namespace

ControlServer::ControlServer(std::string path)
    : path_(std::move(path)),
      events_(Descriptor::checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      listener_(listen_at(path_)) {
  watch(events_, EPOLL_CTL_ADD, listener_, event_of(EPOLLIN, 0));
}

ControlServer::~ControlServer() { unlink(path_.c_str()); }

std::vector<ControlRequest> ControlServer::take() {
  std::vector<ControlRequest> requests;
  std::array<epoll_event, kConnectionsMax + 1> ready{};
  const int count = epoll_wait(events_.get(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    const auto found = connections_.find(event.data.u64);
    if (event.data.u64 == 0) {
      accept_all();
    } else if (found != connections_.end()) {
      const bool sending = (event.events & EPOLLOUT) == 0 || send_on(found->first, found->second);
      if (!sending || !receive(found->first, found->second, requests)) {
        connections_.erase(found);
      }
    }
  }
  return requests;
}

void ControlServer::answer(std::uint64_t connection, std::string text) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) {
    return;
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  found->second.unsent += text + "\n";
  if (found->second.unsent.size() > kUnsentBytesMax || !send_on(connection, found->second)) {
    connections_.erase(found);
  }
}

void ControlServer::accept_all() {
  for (;;) {
    Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.open()) {
      return;
    }
    // Whoever is too many, or not ours, finds the connection closed.
    if (connections_.size() < kConnectionsMax && is_ours(socket)) {
      const std::uint64_t id = ++last_connection_;
      watch(events_, EPOLL_CTL_ADD, socket, event_of(EPOLLIN | EPOLLRDHUP, id));
      connections_[id].socket = std::move(socket);
    }
  }
}

// False when the connection is to be dropped.
bool ControlServer::receive(std::uint64_t id, Connection& connection,
                            std::vector<ControlRequest>& requests) {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const ssize_t length = recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
      return false;
    }
    if (length < 0 && errno == EAGAIN) {
      return true;
    }
    connection.received.append(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    for (std::size_t end; (end = connection.received.find('\n')) != std::string::npos;) {
      requests.push_back({id, connection.received.substr(0, end)});
      connection.received.erase(0, end + 1);
    }
    if (connection.received.size() > kRequestBytesMax) {
      return false;
    }
  }
}

// False when the connection is to be dropped.
bool ControlServer::send_on(std::uint64_t id, Connection& connection) {
  while (!connection.unsent.empty()) {
    const ssize_t sent = send(connection.socket.get(), connection.unsent.data(),
                              connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      return false;
    }
    if (sent < 0 && errno == EAGAIN) {
      break;
    }
    connection.unsent.erase(0, sent > 0 ? static_cast<std::size_t>(sent) : 0);
  }
  const std::uint32_t more = connection.unsent.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT);
  watch(events_, EPOLL_CTL_MOD, connection.socket, event_of(EPOLLIN | EPOLLRDHUP | more, id));
  return true;
}

}  // namespace triggerd
