// The pages that monitoring reads, over real sockets on loopback.
#include "os/metrics_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "os/descriptor.h"
#include "os/process_figures.h"

using namespace triggerd;
using std::chrono::milliseconds;

namespace {

int port_in(const std::string& place) { return std::stoi(place.substr(place.rfind(':') + 1)); }

Descriptor connected(const std::string& place) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_in(place)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket.get(), to, sizeof address) != 0) return {};
  return socket;
}

// The whole answer; empty when nothing was answered.
std::string asked(const MetricsServer& server, const std::string& line) {
  const Descriptor socket = connected(server.place());
  const std::string request = line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::recv(socket.get(), buffer.data(), buffer.size(), 0)) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::unique_ptr<MetricsServer> started(milliseconds hung_after = MetricsServer::kHungAfter) {
  auto server = MetricsServer::start("127.0.0.1:0", hung_after);
  REQUIRE_MESSAGE(server, server.error());
  return std::move(*server);
}

}  // namespace

TEST_CASE("the page is what the loop left last, and nobody has to be there to give it") {
  const auto server = started();
  CHECK_FALSE(server->asked_lately());
  server->publish("triggerd_x 1\n");
  const std::string first = asked(*server, "GET /metrics");
  CHECK(has(first, "HTTP/1.1 200"));
  CHECK(has(first, "Content-Type: text/plain; version=0.0.4"));
  CHECK(has(first, "\r\n\r\ntriggerd_x 1\n"));
  CHECK(server->asked_lately());
  server->publish("triggerd_x 2\n");
  CHECK(has(asked(*server, "GET /metrics?a=b"), "triggerd_x 2\n"));
}

TEST_CASE("ready says why it is not, and only as long as it is not") {
  const auto server = started();
  CHECK(has(asked(*server, "GET /readyz"), "503"));
  server->ready("the outbox is full");
  const std::string full = asked(*server, "GET /readyz");
  CHECK(has(full, "503"));
  CHECK(has(full, "the outbox is full\n"));
  server->ready("");
  CHECK(has(asked(*server, "GET /readyz"), "200"));
}

TEST_CASE("SHU-07: a loop that does not come round is neither healthy nor ready") {
  const auto server = started(milliseconds(1));
  server->ready("");
  ::poll(nullptr, 0, 20);
  const std::string hung = asked(*server, "GET /healthz");
  CHECK(has(hung, "503"));
  CHECK(has(hung, "the loop has not come round"));
  CHECK(has(asked(*server, "GET /readyz"), "503"));
  const auto lively = started();
  lively->turned();
  CHECK(has(asked(*lively, "GET /healthz"), "200"));
}

TEST_CASE("SHU-08: a port that is taken is a reason, and free again when its server has gone") {
  auto server = started();
  const std::string place = server->place();
  const auto second = MetricsServer::start(place);
  REQUIRE_FALSE(second);
  CHECK(has(second.error(), "cannot listen on " + place));
  server.reset();
  CHECK(MetricsServer::start(place));
}

TEST_CASE("other paths and methods are refused, and a body does no harm") {
  const auto server = started();
  CHECK(has(asked(*server, "GET /"), "404"));
  CHECK(has(asked(*server, "GET /metrics/../etc/passwd"), "404"));
  CHECK(has(asked(*server, "DELETE /metrics"), "405"));
  const std::string head = asked(*server, "HEAD /healthz");
  CHECK(has(head, "200"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK_FALSE(has(asked(*server, "GET /" + std::string(100'000, 'a')), "200"));
}

TEST_CASE("those who connect and say nothing leave room, or are let go: others are answered") {
  const auto server = started();
  std::vector<Descriptor> silent;
  for (unsigned i = 0; i + 2 < MetricsServer::kConnectionsMax; ++i) {
    silent.push_back(connected(server->place()));
    REQUIRE(silent.back().open());
  }
  CHECK(has(asked(*server, "GET /healthz"), "200"));
}

TEST_CASE("an address of another family, and one that is none") {
  const auto six = MetricsServer::start("[::1]:0");
  if (six) {
    CHECK((*six)->place().starts_with("[::1]:"));
  } else {
    MESSAGE("not run: this machine has no IPv6 loopback: ", six.error());
  }
  CHECK_FALSE(MetricsServer::start("nowhere:1"));
  CHECK_FALSE(MetricsServer::start("203.0.113.1:1"));
}

TEST_CASE("the figures of the process are those that every exporter has") {
  const std::string page = process_figures();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_threads", "process_start_time_seconds", "process_open_fds"}) {
    CAPTURE(name);
    const std::size_t at = page.find(std::string("\n") + name + " ");
    REQUIRE(at != std::string::npos);
    CHECK(std::stod(page.substr(at + 2 + std::string(name).size())) >= 0);
  }
  std::array<Descriptor, 5> more;
  const auto open_now = [] {
    const std::string text = process_figures();
    return std::stoi(text.substr(text.rfind(' ')));
  };
  const int before = open_now();
  for (Descriptor& one : more) one = Descriptor(::dup(0));
  CHECK(open_now() == before + 5);
}
