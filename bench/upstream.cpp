#include "upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "pages.h"

namespace triggerd::bench {

namespace {

constexpr int kRecords = 20;
constexpr int kGrowthMax = 60;
constexpr int kBacklog = 1024;

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::size_t length_of(std::string_view head) {
  for (const char* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
    const std::size_t at = head.find(name);
    if (at == std::string_view::npos) continue;
    return static_cast<std::size_t>(std::max<std::int64_t>(0, number_in(head.substr(at + 18))));
  }
  return 0;
}

void watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Upstream::Upstream()
    : same_(http_answer(page_body(kRecords))),
      same100_(http_answer(page_body(100))),
      checked_(http_answer(page_body(kRecords), "ETag: \"v1\"\r\n")),
      not_modified_("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"),
      taken_(http_answer("{}")),
      unknown_("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
      grows_(growing_answers(kRecords, kGrowthMax)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, raw, size) != 0 || ::listen(listener_, kBacklog) != 0 ||
      ::getsockname(listener_, raw, &size) != 0) {
    throw std::runtime_error("the upstream gets no port");
  }
  port_ = ntohs(address.sin_port);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  account_ = http_answer(R"({"token":"bench","base_url":")" + url() + "\"}");
  watch(epoll_, listener_);
  watch(epoll_, stop_);
  thread_ = std::thread([this] { run(); });
}

Upstream::~Upstream() {
  const std::uint64_t one = 1;
  if (::write(stop_, &one, sizeof one) == sizeof one) thread_.join();
  for (const auto& [descriptor, connection] : connections_) ::close(descriptor);
  for (const int descriptor : {listener_, epoll_, stop_}) ::close(descriptor);
}

std::vector<Arrival> Upstream::take_arrivals() {
  const std::lock_guard lock(mutex_);
  return std::exchange(arrivals_, {});
}

void Upstream::note(Arrival::What what, std::int64_t stream) {
  ++(what == Arrival::What::page ? pages_ : actions_);
  const std::lock_guard lock(mutex_);
  arrivals_.push_back({what, stream, now_us()});
}

void Upstream::run() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == stop_) return;
      if (descriptor == listener_) {
        accept_all();
      } else {
        serve(descriptor);
      }
    }
  }
}

void Upstream::accept_all() {
  for (;;) {
    const int made = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (made < 0) return;
    const int one = 1;
    ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections_[made] = {};
    watch(epoll_, made);
  }
}

void Upstream::serve(int descriptor) {
  Connection& connection = connections_[descriptor];
  std::array<char, 16384> bytes;
  const ssize_t got = ::recv(descriptor, bytes.data(), bytes.size(), 0);
  if (got <= 0) {
    ::close(descriptor);
    connections_.erase(descriptor);
    return;
  }
  connection.in.append(bytes.data(), static_cast<std::size_t>(got));
  answer_all(connection);
  std::size_t sent = 0;
  while (sent < connection.out.size()) {
    const ssize_t part = ::send(descriptor, connection.out.data() + sent,
                                connection.out.size() - sent, MSG_NOSIGNAL);
    if (part > 0) {
      sent += static_cast<std::size_t>(part);
    } else if (errno != EAGAIN) {
      break;  // the next recv() says so, too
    }
  }
  connection.out.clear();
}

void Upstream::answer_all(Connection& connection) {
  std::size_t done = 0;
  const std::string_view in = connection.in;
  for (;;) {
    const std::size_t end = in.find("\r\n\r\n", done);
    if (end == std::string_view::npos) break;
    const std::string_view head = in.substr(done, end - done);
    const std::size_t length = length_of(head);
    if (in.size() < end + 4 + length) break;
    connection.out += answer(head, in.substr(end + 4, length));
    done = end + 4 + length;
  }
  connection.in.erase(0, done);
}

const std::string& Upstream::answer(std::string_view head, std::string_view body) {
  const std::size_t from = head.find('/');
  const std::string_view path = head.substr(from, head.find(' ', from) - from);
  if (path.starts_with("/sink")) {
    constexpr std::string_view kName = "\"stream\":\"";
    const std::size_t at = body.find(kName);
    note(Arrival::What::action,
         at == std::string_view::npos ? -1 : number_in(body.substr(at + kName.size())));
    return taken_;
  }
  if (path == "/control/accounts") return account_;
  const std::size_t slash = path.find('/', 1);
  if (slash == std::string_view::npos) return unknown_;
  const std::string_view kind = path.substr(1, slash - 1);
  const std::int64_t stream = number_in(path.substr(slash + 1));
  note(Arrival::What::page, stream);
  if (kind == "same") return same_;
  if (kind == "same100") return same100_;
  if (kind == "checked") {
    return head.find("If-None-Match: \"v1\"") == std::string_view::npos ? checked_ : not_modified_;
  }
  if (kind != "grows") return unknown_;
  const std::size_t asked = asked_[stream]++;
  return grows_[std::min(asked, grows_.size() - 1)];
}

}  // namespace triggerd::bench
