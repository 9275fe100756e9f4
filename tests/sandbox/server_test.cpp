// The real server on a loopback port that the kernel chooses: what faults do on the wire. Talks
// through a plain socket, so that nothing repairs what the server breaks.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "fixture.h"
#include "http_server.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

struct Heard {
  std::string text;    // all bytes until the end
  bool reset = false;  // the connection ended by a reset

  std::string body() const {
    const std::size_t gap = text.find("\r\n\r\n");
    return gap == std::string::npos ? "" : text.substr(gap + 4);
  }
};

class Socket {
 public:
  explicit Socket(int port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no connection to the sandbox");
    }
  }
  ~Socket() { close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void say(const std::string& text) { send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL); }

  // One answer, by its Content-Length.
  Heard hear_one() {
    Heard heard;
    std::array<char, 1> letter{};
    const std::string name = "Content-Length: ";
    while (recv(descriptor_, letter.data(), 1, 0) == 1) {
      heard.text += letter[0];
      const std::size_t length = heard.text.find(name);
      if (!heard.text.ends_with("\r\n\r\n") || length == std::string::npos) continue;
      std::string body(std::stoul(heard.text.substr(length + name.size())), ' ');
      recv(descriptor_, body.data(), body.size(), MSG_WAITALL);
      heard.text += body;
      return heard;
    }
    return heard;
  }

  Heard hear_to_the_end() {
    Heard heard;
    std::array<char, 65536> room{};
    while (true) {
      const ssize_t size = recv(descriptor_, room.data(), room.size(), 0);
      if (size <= 0) {
        heard.reset = size < 0 && errno == ECONNRESET;
        return heard;
      }
      heard.text.append(room.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int descriptor_;
};

// A served sandbox whose clock runs in real time.
struct Served {
  Served()
      : sandbox(Settings{.limits = false},
                [this](const std::string& line) {
                  const std::scoped_lock lock(mutex);
                  lines.push_back(json::parse(line));
                }),
        server(sandbox) {
    port = server.start(0);
    REQUIRE(port > 0);
    token = ask("POST", "/control/accounts", {{"location_id", kFirstLocation}})["token"];
  }

  Heard request(const std::string& method, const std::string& path, const std::string& body = "",
                const std::string& more = "") {
    Socket socket(port);
    socket.say(method + " " + path + " HTTP/1.1\r\nHost: here\r\nVersion: 2021-07-28\r\n" +
               "Connection: close\r\nAuthorization: Bearer " + token + "\r\n" + more +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return socket.hear_to_the_end();
  }

  json ask(const std::string& method, const std::string& path, const json& body) {
    return json::parse(request(method, path, body.dump()).body(), nullptr, false);
  }

  void fault(const std::string& kind, json options = json::object()) {
    options.update({{"operation", "list_workflows"}, {"kind", kind}});
    ask("POST", "/control/faults", options);
  }

  Heard workflows(const std::string& more = "") {
    return request("GET", "/highlevel/workflows/?locationId=" + std::string(kFirstLocation), "",
                   more);
  }

  // Lines are written once the bytes have left, so a reader waits for the server to end.
  std::vector<json> lines_at_the_end() {
    server.stop();
    const std::scoped_lock lock(mutex);
    return lines;
  }

  std::mutex mutex;
  std::vector<json> lines;
  Sandbox sandbox;
  HttpServer server;
  int port = 0;
  std::string token;
};

TEST_CASE("the server answers over HTTP and logs the answer as complete") {
  Served served;
  const Heard heard = served.workflows();
  CHECK(heard.text.starts_with("HTTP/1.1 200"));
  CHECK(json::parse(heard.body())["workflows"].size() == 5);
  const json last = served.lines_at_the_end().back();
  CHECK(last["operation"] == "list_workflows");
  CHECK(last["complete"] == true);
}

TEST_CASE("two requests on one connection get two answers") {
  Served served;
  Socket socket(served.port);
  const std::string head = "GET /control/state HTTP/1.1\r\nHost: here\r\n";
  socket.say(head + "\r\n");
  CHECK(socket.hear_one().text.starts_with("HTTP/1.1 200"));
  socket.say(head + "Connection: close\r\n\r\n");
  CHECK(socket.hear_to_the_end().text.starts_with("HTTP/1.1 200"));
}

TEST_CASE("answers are compressed for those who accept it") {
  Served served;
  const Heard plain = served.workflows();
  const Heard packed = served.workflows("Accept-Encoding: gzip\r\n");
  CHECK(packed.text.find("Content-Encoding: gzip") != std::string::npos);
  CHECK(packed.body().starts_with("\x1f\x8b"));
  CHECK(packed.body().size() < plain.body().size());
}

TEST_CASE("a truncated answer promises more than it sends (FET-04)") {
  Served served;
  served.fault("truncate", {{"at", 40}});
  const Heard heard = served.workflows();
  CHECK(heard.body().size() == 40);
  CHECK(heard.text.find("Content-Length: 40\r") == std::string::npos);
  const json last = served.lines_at_the_end().back();
  CHECK(last["complete"] == false);
  CHECK(last["fault"] == "truncate");
}

TEST_CASE("a truncated chunked answer lacks its last chunk (FET-06)") {
  Served served;
  served.fault("truncate", {{"at", 40}, {"chunked", true}});
  const Heard heard = served.workflows();
  CHECK(heard.text.find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK_FALSE(heard.text.ends_with("0\r\n\r\n"));
}

TEST_CASE("a dripping answer arrives whole in the end (FET-03)") {
  Served served;
  served.fault("drip", {{"bytes", 400}, {"milliseconds", 1}});
  CHECK(json::parse(served.workflows().body())["workflows"].size() == 5);
}

TEST_CASE("a reset ends the connection without an answer, a lost answer closes it (FET-02)") {
  Served served;
  served.fault("reset");
  const Heard reset = served.workflows();
  CHECK(reset.text.empty());
  CHECK(reset.reset);
  served.fault("lost_after_effect");
  const Heard lost = served.workflows();
  CHECK(lost.text.empty());
  CHECK_FALSE(lost.reset);
}

TEST_CASE("a hanging answer ends without a byte when the faults are cleared (FET-02)") {
  Served served;
  served.fault("hang");
  Heard heard;
  std::thread waiting([&] { heard = served.workflows(); });
  // The fault is used up once the request hangs.
  while (!served.ask("GET", "/control/faults", json::object())["faults"].empty()) {
    std::this_thread::yield();
  }
  served.ask("DELETE", "/control/faults", json::object());
  waiting.join();
  CHECK(heard.text.empty());
}

TEST_CASE("a stopping server ends hanging answers and idle connections at once") {
  Served served;
  served.fault("hang");
  std::thread waiting([&] { served.workflows(); });
  while (!served.ask("GET", "/control/faults", json::object())["faults"].empty()) {
    std::this_thread::yield();
  }
  Socket idle(served.port);
  served.server.stop();
  waiting.join();
  CHECK(idle.hear_to_the_end().text.empty());
}

}  // namespace
}  // namespace triggerd::sandbox::tests
