// RawServer: a loopback server for the tests of the HTTP client. Each connection is given to a
// script that reads and writes bytes as it likes, right or wrong. Port chosen by the kernel; one
// thread per connection; ends with the test, whatever the scripts wait for.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace triggerd {

class RawConnection {
 public:
  RawConnection(int socket, int number) : socket_(socket), number_(number) {}

  int number() const { return number_; }  // 0 for the first connection of the server

  // One request with its body by Content-Length; empty when the other side has closed.
  std::string read_request() {
    std::size_t head = 0;
    while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) {
        return {};
      }
    }
    const std::size_t size = head + 4 + body_length(received_.substr(0, head));
    while (received_.size() < size && receive()) {
    }
    std::string request = received_.substr(0, size);
    received_.erase(0, size);
    return request;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void wait_until_closed() {
    while (receive()) {
    }
  }

  void reset() {
    const linger hard{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }

 private:
  bool receive() {
    std::array<char, 16384> buffer;
    const ssize_t length = recv(socket_, buffer.data(), buffer.size(), 0);
    received_.append(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return length > 0;
  }

  static std::size_t body_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }

  int socket_;
  int number_;
  std::string received_;
};

class RawServer {
 public:
  using Script = std::function<void(RawConnection&)>;

  explicit RawServer(Script script) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 512);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard guard(lock_);
      for (const int socket : open_) {
        shutdown(socket, SHUT_RDWR);
      }
    }
    for (std::thread& one : scripts_) {
      one.join();
    }
    close(listener_);
  }

  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) {
        return;
      }
      const std::lock_guard guard(lock_);
      open_.push_back(socket);
      scripts_.emplace_back([this, socket, number = connections_++] {
        RawConnection connection(socket, number);
        script_(connection);
        const std::lock_guard closing(lock_);
        open_.erase(std::find(open_.begin(), open_.end(), socket));
        close(socket);
      });
    }
  }

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::mutex lock_;
  std::vector<int> open_;
  std::vector<std::thread> scripts_;
};

}  // namespace triggerd
