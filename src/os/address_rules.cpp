#include "os/address_rules.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace triggerd {
namespace {

struct Block4 {
  std::uint32_t start;
  int bits;
};

// The special-purpose blocks of the IANA registry, with multicast and the reserved end.
constexpr std::array<Block4, 16> kClosed4 = {{
    {0x00000000, 8},   // 0/8, this network
    {0x0A000000, 8},   // 10/8, private
    {0x64400000, 10},  // 100.64/10, shared by providers
    {0x7F000000, 8},   // 127/8, loopback
    {0xA9FE0000, 16},  // 169.254/16, link-local (cloud metadata)
    {0xAC100000, 12},  // 172.16/12, private
    {0xC0000000, 24},  // 192.0.0/24, protocol assignments
    {0xC0000200, 24},  // 192.0.2/24, documentation
    {0xC0586300, 24},  // 192.88.99/24, relays
    {0xC0A80000, 16},  // 192.168/16, private
    {0xC6120000, 15},  // 198.18/15, benchmarks
    {0xC6336400, 24},  // 198.51.100/24, documentation
    {0xCB007100, 24},  // 203.0.113/24, documentation
    {0xE0000000, 4},   // 224/4, multicast
    {0xF0000000, 4},   // 240/4, reserved
    {0xFFFFFFFF, 32},  // broadcast
}};

using Bytes16 = std::array<std::uint8_t, 16>;

struct Block6 {
  Bytes16 start;
  int bits;
};

constexpr std::array<Block6, 10> kClosed6 = {{
    {{0x00}, 8},                                 // ::, ::1, and mapped or compatible addresses
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48},  // 64:ff9b:1::/48, local translation
    {{0x01, 0x00}, 64},                          // 100::/64, discard
    {{0x20, 0x01, 0x00, 0x00}, 23},              // 2001::/23, protocol assignments, Teredo
    {{0x20, 0x01, 0x0D, 0xB8}, 32},              // 2001:db8::/32, documentation
    {{0x20, 0x02}, 16},                          // 2002::/16, 6to4
    {{0xFC}, 7},                                 // fc00::/7, unique local
    {{0xFE, 0x80}, 10},                          // fe80::/10, link-local
    {{0xFE, 0xC0}, 10},                          // fec0::/10, site-local
    {{0xFF}, 8},                                 // ff00::/8, multicast
}};

constexpr Bytes16 kMapped4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};  // ::ffff/96
constexpr Bytes16 kTranslated4 = {0x00, 0x64, 0xFF, 0x9B};                // 64:ff9b::/96

bool within(const Bytes16& address, const Bytes16& start, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    if (((address[byte] ^ start[byte]) >> (7 - i % 8) & 1) != 0) {
      return false;
    }
  }
  return true;
}

bool is_public4(std::uint32_t address) {
  return std::none_of(kClosed4.begin(), kClosed4.end(), [&](const Block4& block) {
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - block.bits);
    return (address & mask) == block.start;
  });
}

std::uint32_t last_four(const Bytes16& address) {
  return static_cast<std::uint32_t>(address[12]) << 24 |
         static_cast<std::uint32_t>(address[13]) << 16 |
         static_cast<std::uint32_t>(address[14]) << 8 | static_cast<std::uint32_t>(address[15]);
}

bool is_public6(const Bytes16& address) {
  if (within(address, kMapped4, 96) || within(address, kTranslated4, 96)) {
    return is_public4(last_four(address));
  }
  return std::none_of(kClosed6.begin(), kClosed6.end(), [&](const Block6& block) {
    return within(address, block.start, block.bits);
  });
}

std::uint32_t address4(const sockaddr& address) {
  sockaddr_in typed{};
  std::memcpy(&typed, &address, sizeof typed);
  return ntohl(typed.sin_addr.s_addr);
}

Bytes16 address6(const sockaddr& address) {
  sockaddr_in6 typed{};
  std::memcpy(&typed, &address, sizeof typed);
  Bytes16 bytes{};
  std::memcpy(bytes.data(), &typed.sin6_addr, bytes.size());
  return bytes;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return is_public4(address4(address));
  }
  return address.sa_family == AF_INET6 && is_public6(address6(address));
}

bool is_loopback_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return address4(address) >> 24 == 127;
  }
  constexpr Bytes16 kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address.sa_family == AF_INET6 && address6(address) == kLoopback6;
}

}  // namespace triggerd
