#include "os/control_server.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "os/control_client.h"
#include "os/control_socket.h"

using namespace triggerd;
using std::chrono::milliseconds;

namespace {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "control-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Serves as the loop would, on a thread of its own, until it goes.
class ServedLoop {
 public:
  explicit ServedLoop(const std::string& path) : server_(path), thread_([this] { serve(); }) {}
  ~ServedLoop() {
    leaving_ = true;
    thread_.join();
  }

 private:
  void serve() {
    while (!leaving_) {
      pollfd ready{server_.descriptor(), POLLIN, 0};
      poll(&ready, 1, 10);
      for (const ControlRequest& request : server_.take()) {
        if (request.text != "silence") {
          server_.answer(request.connection, "you said: " + request.text);
        }
      }
    }
  }

  ControlServer server_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

Descriptor connected(const std::string& path) {
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto place = socket_place(path);
  REQUIRE(place.has_value());
  REQUIRE(connect(made.get(), reinterpret_cast<const sockaddr*>(&place->address),
                  sizeof place->address) == 0);
  return made;
}

void send_text(const Descriptor& socket, std::string_view text) {
  // What a dropped connection does not take is part of the test.
  [[maybe_unused]] const ssize_t sent = send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

TEST_CASE("S-39 a command reaches the daemon and gets its answer") {
  const ScratchFolder folder;
  const ServedLoop loop(folder.file("control.sock"));
  const auto answer =
      control_call(folder.file("control.sock"), R"({"verb":"x"})", milliseconds{5000});
  REQUIRE(answer.has_value());
  CHECK(*answer == R"(you said: {"verb":"x"})");
  CHECK(control_reachable(folder.file("control.sock")));
}

TEST_CASE("S-03 the socket is ours alone whatever the umask") {
  const ScratchFolder folder;
  const mode_t before = umask(0);
  const ControlServer server(folder.file("control.sock"));
  umask(before);
  struct stat status {};
  REQUIRE(stat(folder.file("control.sock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a socket that a dead process left is replaced, and removed at the end") {
  const ScratchFolder folder;
  const std::string path = folder.file("control.sock");
  {
    const Descriptor dead(socket(AF_UNIX, SOCK_STREAM, 0));
    const auto place = socket_place(path);
    REQUIRE(bind(dead.get(), reinterpret_cast<const sockaddr*>(&place->address),
                 sizeof place->address) == 0);
  }
  CHECK_FALSE(control_reachable(path));
  {
    const ControlServer server(path);
    CHECK(control_reachable(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a path too long for a socket address works all the same") {
  const ScratchFolder folder;
  const std::string deep = folder.file(std::string(150, 'd'));
  std::filesystem::create_directory(deep);
  const ServedLoop loop(deep + "/control.sock");
  const auto answer = control_call(deep + "/control.sock", "hello", milliseconds{5000});
  REQUIRE(answer.has_value());
  CHECK(*answer == "you said: hello");
}

TEST_CASE("without a daemon, or with a silent one, a command says so") {
  const ScratchFolder folder;
  const std::string path = folder.file("control.sock");
  CHECK(control_call(path, "x", milliseconds{50}).error() ==
        "no daemon answers at " + path + ": No such file or directory");
  const ServedLoop loop(path);
  CHECK(control_call(path, "silence", milliseconds{50}).error() ==
        "the daemon did not answer in time");
}

TEST_CASE("requests arrive line by line, however they are cut") {
  const ScratchFolder folder;
  ControlServer server(folder.file("control.sock"));
  const Descriptor client = connected(folder.file("control.sock"));
  CHECK(server.take().empty());
  send_text(client, "fir");
  CHECK(server.take().empty());
  send_text(client, "st\nsecond\nthi");
  const auto requests = server.take();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].text == "first");
  CHECK(requests[1].text == "second");
  CHECK(requests[0].connection == requests[1].connection);
}

TEST_CASE("a large answer is sent in parts while the reader takes it") {
  const ScratchFolder folder;
  const std::string path = folder.file("control.sock");
  ControlServer server(path);
  std::string received;
  std::thread reader(
      [&] { received = control_call(path, "big", milliseconds{10'000}).value_or("nothing"); });
  bool answered = false;
  for (int turn = 0; turn < 5000; ++turn) {
    pollfd ready{server.descriptor(), POLLIN, 0};
    if (poll(&ready, 1, answered ? 50 : 5000) == 0) {
      break;
    }
    for (const ControlRequest& request : server.take()) {
      server.answer(request.connection, std::string(5'000'000, 'y') + "\nz");
      answered = true;
    }
  }
  reader.join();
  CHECK(received.size() == 5'000'002);
  CHECK(received.substr(4'999'999) == "y z");
}

TEST_CASE("P14 a request without an end and too many connections are dropped") {
  const ScratchFolder folder;
  const std::string path = folder.file("control.sock");
  ControlServer server(path);
  const Descriptor endless = connected(path);
  server.take();
  const std::string part(64 * 1024, 'x');
  bool dropped = false;
  for (int i = 0; i < 100 && !dropped; ++i) {
    dropped = send(endless.get(), part.data(), part.size(), MSG_NOSIGNAL) < 0;
    server.take();
  }
  CHECK(dropped);
  std::vector<Descriptor> clients;
  for (std::size_t i = 0; i < ControlServer::kConnectionsMax + 1; ++i) {
    clients.push_back(connected(path));
    server.take();
  }
  char byte = 0;
  CHECK(recv(clients.back().get(), &byte, 1, 0) == 0);
  CHECK(recv(clients.front().get(), &byte, 1, MSG_DONTWAIT) < 0);
  server.answer(999, "nobody");
}
