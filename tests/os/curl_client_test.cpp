#include "os/curl_client.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <set>

#include "fetching.h"

using namespace triggerd;

using std::chrono::milliseconds;

TEST_CASE("FET-05 bytes behind the announced length are no answer to the next request") {
  RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.send(kGoodAnswer + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    }
  });
  CurlClient client;
  for (int i = 0; i < 3; ++i) {
    client.start(get(server.url()));
    const auto replies = wait_for_replies(client, 1);
    REQUIRE(replies.size() == 1);
    CHECK(replies.begin()->second.body == "ok");
  }
}

TEST_CASE("S-15 a connection is used again within its pool and never across pools") {
  std::mutex lock;
  std::map<int, std::set<std::string>> tokens_by_connection;
  int requests = 0;
  RawServer server([&](RawConnection& connection) {
    for (std::string request; !(request = connection.read_request()).empty();) {
      const std::size_t at = request.find("Authorization: ");
      const std::lock_guard guard(lock);
      tokens_by_connection[connection.number()].insert(request.substr(at, 20));
      ++requests;
      connection.send(kGoodAnswer);
    }
  });
  CurlClient client;
  for (int round = 0; round < 5; ++round) {
    for (const char* name : {"alpha", "bravo", "gamma"}) {
      HttpRequest request = get(server.url());
      request.pool = name;
      request.headers = {{"Authorization", name, true}};
      client.start(std::move(request));
      CHECK(wait_for_replies(client, 1).size() == 1);
    }
  }
  const std::lock_guard guard(lock);
  CHECK(requests == 15);
  CHECK(tokens_by_connection.size() == 3);
  for (const auto& [number, tokens] : tokens_by_connection) {
    CHECK(tokens.size() == 1);
  }
}

TEST_CASE("S-16 connections of pools that are long idle are let go") {
  RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.send(kGoodAnswer);
    }
  });
  CurlOptions options;
  options.pools_max = 2;
  CurlClient client(options);
  for (const char* pool : {"a", "b", "c", "a", "c"}) {
    HttpRequest request = get(server.url());
    request.pool = pool;
    client.start(std::move(request));
    CHECK(wait_for_replies(client, 1).begin()->second.body == "ok");
  }
  // a was dropped for c and came again; c was still there.
  CHECK(server.connections() == 4);
}

TEST_CASE("FET-19 a write whose connection closes without an answer is not sent a second time") {
  std::atomic<int> writes{0};
  RawServer server([&](RawConnection& connection) {
    for (std::string request; !(request = connection.read_request()).empty();) {
      if (request.rfind("GET", 0) != 0) {
        ++writes;
        return;
      }
      connection.send(kGoodAnswer);
    }
  });
  for (const char* body : {"{}", ""}) {
    for (const char* method : {"POST", "DELETE"}) {
      CurlClient client;
      client.start(get(server.url()));
      REQUIRE(wait_for_replies(client, 1).begin()->second.body == "ok");
      writes = 0;
      HttpRequest write = get(server.url());
      write.method = method;
      write.body = body;
      client.start(std::move(write));
      const auto replies = wait_for_replies(client, 1);
      REQUIRE(replies.size() == 1);
      CHECK(replies.begin()->second.failure == HttpFailure::cut_short);
      CHECK(writes == 1);
    }
  }
}

TEST_CASE("FET-20 proxies of the environment are ignored") {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  CHECK(reply_to(kGoodAnswer).body == "ok");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
}

TEST_CASE("SCH-09 requests beyond the limits wait, and a hanging host does not hold another") {
  RawServer hanging([](RawConnection& connection) { connection.wait_until_closed(); });
  RawServer quick([](RawConnection& connection) {
    while (!connection.read_request().empty()) {
      connection.send(kGoodAnswer);
    }
  });
  CurlOptions options;
  options.in_flight_max = 4;
  options.per_host_max = 2;
  CurlClient client(options);
  std::vector<HttpTicket> stuck;
  for (int i = 0; i < 10; ++i) {
    stuck.push_back(client.start(get(hanging.url())));
  }
  CHECK(client.in_flight() == 2);
  for (int i = 0; i < 20; ++i) {
    client.start(get(quick.url()));
  }
  CHECK(client.in_flight() == 4);
  CHECK(wait_for_replies(client, 20).size() == 20);
  CHECK(client.in_flight() == 2);
  for (const HttpTicket ticket : stuck) {
    client.cancel(ticket);
  }
  CHECK(client.in_flight() == 0);
  CHECK(client.finished(milliseconds{0}).empty());
}

TEST_CASE("FET-24 a readable descriptor ends the wait early and empty") {
  const int bell = eventfd(1, EFD_CLOEXEC);
  CurlClient client;
  client.add_wake(bell);
  const auto start = std::chrono::steady_clock::now();
  CHECK(client.finished(std::chrono::seconds{60}).empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
  client.remove_wake(bell);
  CHECK(client.finished(milliseconds{1}).empty());
  close(bell);
}

namespace {

std::atomic<int> interruptions = 0;

// SIGALRM each millisecond, without restarting what it interrupts.
class SignalStorm {
 public:
  SignalStorm() {
    struct sigaction act {};
    act.sa_handler = [](int) { ++interruptions; };
    sigaction(SIGALRM, &act, &before_);
    const itimerval each{{0, 1'000}, {0, 1'000}};
    setitimer(ITIMER_REAL, &each, nullptr);
  }
  ~SignalStorm() {
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before_, nullptr);
  }
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace

TEST_CASE("FET-24 a storm of signals interrupts calls and loses no answer") {
  RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty()) connection.send(kGoodAnswer);
  });
  const SignalStorm storm;
  const int before = interruptions;
  CurlClient client;
  int answers = 0;
  while (interruptions < before + 100) {
    client.start(get(server.url()));
    client.finished(milliseconds{2});
    for (const auto& [ticket, reply] : wait_for_replies(client, client.in_flight())) {
      CHECK(reply.failure == HttpFailure::none);
      CHECK(reply.body == "ok");
      ++answers;
    }
  }
  CHECK(answers > 0);
}

TEST_CASE("a client that goes while requests run closes their connections") {
  std::mutex lock;
  std::condition_variable changed;
  int reached = 0;
  int closed = 0;
  RawServer hanging([&](RawConnection& connection) {
    connection.read_request();
    {
      const std::lock_guard guard(lock);
      ++reached;
      changed.notify_all();
    }
    connection.wait_until_closed();
    const std::lock_guard guard(lock);
    ++closed;
    changed.notify_all();
  });
  const auto within_ten_seconds = [&](const int& count) {
    std::unique_lock guard(lock);
    return changed.wait_for(guard, std::chrono::seconds{10}, [&] { return count == 5; });
  };
  {
    CurlClient client;
    for (int i = 0; i < 5; ++i) {
      client.start(get(hanging.url()));
    }
    for (int i = 0; i < 100 && client.finished(milliseconds{5}).empty(); ++i) {
      const std::lock_guard guard(lock);
      if (reached == 5) {
        break;
      }
    }
    CHECK(within_ten_seconds(reached));
  }
  CHECK(within_ten_seconds(closed));
}
