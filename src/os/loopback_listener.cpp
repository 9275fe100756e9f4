#include "os/loopback_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace triggerd {
namespace {

using Clock = std::chrono::steady_clock;

// A connection that says nothing must not keep the browser's waiting.
constexpr std::chrono::milliseconds kHeadMax{2'000};

bool readable(int descriptor, Clock::time_point end) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return false;
    pollfd one{descriptor, POLLIN, 0};
    const int got = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (got > 0) return true;
    if (got < 0 && errno != EINTR) return false;
  }
}

// The target of a GET request; empty for everything else.
std::string read_target(int descriptor, Clock::time_point end) {
  std::string head;
  char bytes[2048];
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (head.size() > LoopbackListener::kHeadBytesMax || !readable(descriptor, end)) return {};
    const ssize_t count = ::recv(descriptor, bytes, sizeof bytes, 0);
    if (count <= 0) return {};
    head.append(bytes, static_cast<std::size_t>(count));
  }
  if (!head.starts_with("GET ")) return {};
  const std::size_t blank = head.find(' ', 4);
  return blank == std::string::npos ? "" : head.substr(4, blank - 4);
}

void send_text(int descriptor, const std::string& status, const std::string& text) {
  const std::string body =
      "<!doctype html><meta charset=\"utf-8\"><title>triggerd</title><p>" + text + "</p>\n";
  const std::string whole = "HTTP/1.1 " + status +
                            "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " +
                            std::to_string(body.size()) +
                            "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
                            "Connection: close\r\n\r\n" +
                            body;
  std::size_t at = 0;
  while (at < whole.size()) {
    const ssize_t count = ::send(descriptor, whole.data() + at, whole.size() - at, MSG_NOSIGNAL);
    if (count <= 0) return;
    at += static_cast<std::size_t>(count);
  }
  ::shutdown(descriptor, SHUT_WR);
}

}  // namespace

Result<LoopbackListener, std::string> LoopbackListener::open(int port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto refuse = [port](const char* what) {
    return Failure<std::string>(std::string(what) + " port " + std::to_string(port) +
                                " of this machine: " + std::strerror(errno));
  };
  if (!socket.open()) return refuse("cannot open");
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 16) != 0) {
    return refuse("cannot listen on");
  }
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return refuse("cannot look at");
  }
  return LoopbackListener(std::move(socket), ntohs(address.sin_port));
}

LoopbackListener::Deadline LoopbackListener::deadline(std::chrono::milliseconds most) {
  return Clock::now() + most;
}

std::optional<LoopbackListener::Visit> LoopbackListener::next(const std::string& path,
                                                              Deadline end) {
  while (readable(socket_.get(), end)) {
    Descriptor visitor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!visitor.open()) continue;
    const std::string target = read_target(visitor.get(), std::min(end, Clock::now() + kHeadMax));
    const std::size_t mark = target.find('?');
    if (target.substr(0, mark) == path && mark != std::string::npos) {
      return Visit{std::move(visitor), target.substr(mark + 1)};
    }
    if (!target.empty()) send_text(visitor.get(), "404 Not Found", "There is nothing here.");
  }
  return std::nullopt;
}

void LoopbackListener::answer(const Visit& visit, const std::string& text) {
  const bool taken = !text.empty();
  send_text(visit.socket.get(), taken ? "200 OK" : "400 Bad Request",
            taken ? text : "This is not the answer that triggerd waits for.");
}

}  // namespace triggerd
