// AnsweringServer: a loopback server that answers one connection after the other with the bytes it
// is given, right or wrong, and closes. One thread, however many connections come; port chosen by
// the kernel; ends with the test.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace triggerd::hostile {

class AnsweringServer {
 public:
  // Gives the bytes of the answer to a request; called on the server's thread.
  using Answer = std::function<std::string(const std::string& request)>;

  explicit AnsweringServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 512);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { answer_all(); });
  }
  ~AnsweringServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void answer_all() {
    for (;;) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      // A client that stops reading or writing must not hold up the others for ever.
      const timeval patience{5, 0};
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      const std::string request = read_head(connection);
      if (!request.empty()) send_all(connection, answer_(request));
      close(connection);
    }
  }

  // The requests of the test have no body.
  static std::string read_head(int connection) {
    std::string head;
    std::array<char, 4096> buffer;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t length = recv(connection, buffer.data(), buffer.size(), 0);
      if (length <= 0) return {};
      head.append(buffer.data(), static_cast<std::size_t>(length));
    }
    return head;
  }

  static void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace triggerd::hostile
