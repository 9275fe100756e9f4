// Where connections lead: names without an address, and how long one connection is used.
#include <doctest/doctest.h>

#include "fetching.h"
#include "os/curl_client.h"

namespace triggerd {
namespace {

TEST_CASE("FET-01 a name without an address is a failure of its own kind, told at once") {
  // Longer than a name may be: no resolver is asked.
  const HttpReply reply = fetch(get("https://" + std::string(64, 'a') + ".example/"));
  CHECK(reply.failure == HttpFailure::resolve);
  CHECK(reply.status == 0);
}

TEST_CASE("FET-18 a connection that has come of age is not used again") {
  RawServer server([](RawConnection& connection) {
    while (!connection.read_request().empty()) connection.send(kGoodAnswer);
  });
  CurlOptions options;
  CHECK(options.connection_seconds_max == 3'600);
  options.connection_seconds_max = 1;
  CurlClient client(options);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (server.connections() < 2 && std::chrono::steady_clock::now() < until) {
    client.start(get(server.url()));
    REQUIRE(wait_for_replies(client, 1).size() == 1);
  }
  CHECK(server.connections() == 2);
}

}  // namespace
}  // namespace triggerd
