#include "os/address_rules.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <initializer_list>

using namespace triggerd;

namespace {

sockaddr_storage address(const char* text) {
  sockaddr_storage storage{};
  auto& four = reinterpret_cast<sockaddr_in&>(storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    REQUIRE(inet_pton(AF_INET6, text, &six.sin6_addr) == 1);
    storage.ss_family = AF_INET6;
  }
  return storage;
}

bool is_public(const char* text) {
  const sockaddr_storage storage = address(text);
  return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

}  // namespace

TEST_CASE("S-20 private, local, reserved and carried addresses are not public") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.5",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:a00:1::",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
}

TEST_CASE("S-20 the nearest neighbours of closed blocks are public") {
  for (const char* text :
       {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",         "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.0",        "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",       "192.0.1.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255",   "198.20.0.0",
        "223.255.255.255", "::ffff:8.8.8.8",  "64:ff9b::808:808", "2606:4700::1",
        "2a00::1",         "2003::1"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
}

TEST_CASE("loopback addresses are told from others") {
  const auto loopback = [](const char* text) {
    const sockaddr_storage storage = address(text);
    return is_loopback_address(reinterpret_cast<const sockaddr&>(storage));
  };
  CHECK(loopback("127.0.0.1"));
  CHECK(loopback("127.9.9.9"));
  CHECK(loopback("::1"));
  CHECK_FALSE(loopback("128.0.0.1"));
  CHECK_FALSE(loopback("::2"));
}
