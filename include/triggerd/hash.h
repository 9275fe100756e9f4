// Hashes and encodings: xxHash for state (fast, not secret), SHA-256 and HMAC for event ids and
// signatures. The one home of xxHash and OpenSSL. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace triggerd {

std::uint64_t hash64(std::string_view bytes);                      // XXH3, 64 bits
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed);  // the same, chained or seeded
std::string hash128_hex(std::string_view bytes);                   // XXH3, 128 bits, 32 hex digits

std::string sha256(std::string_view bytes);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

std::string to_hex(std::string_view bytes);
std::string to_base32(std::string_view bytes);  // RFC 4648, lower case, no padding
std::string to_base64(std::string_view bytes);  // RFC 4648 with padding
bool from_base64(std::string_view text, std::string& bytes);

}  // namespace triggerd
