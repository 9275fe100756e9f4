#include "triggerd/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include "triggerd/check.h"

namespace triggerd {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase32Digits = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kSha256Bytes = 32;

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Digits of `bits` bits each; the last one is filled up with zero bits.
std::string to_digits(std::string_view bytes, unsigned bits, std::string_view digits) {
  std::string text;
  text.reserve(bytes.size() * 8 / bits + 1);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    pending_bits += 8;
    while (pending_bits >= bits) {
      pending_bits -= bits;
      text += digits[(pending >> pending_bits) & ((1U << bits) - 1)];
    }
  }
  if (pending_bits > 0) {
    text += digits[(pending << (bits - pending_bits)) & ((1U << bits) - 1)];
  }
  return text;
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string hash128_hex(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  return to_hex({reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest});
}

std::string sha256(std::string_view bytes) {
  std::string digest(kSha256Bytes, '\0');
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), as_bytes(digest), nullptr, EVP_sha256(), nullptr);
  TRIGGERD_CHECK(done == 1);
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string digest(kSha256Bytes, '\0');
  unsigned length = 0;
  const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   as_bytes(bytes), bytes.size(), as_bytes(digest), &length);
  TRIGGERD_CHECK(done != nullptr && length == kSha256Bytes);
  return digest;
}

std::string to_hex(std::string_view bytes) { return to_digits(bytes, 4, kHexDigits); }

std::string to_base32(std::string_view bytes) { return to_digits(bytes, 5, kBase32Digits); }

std::string to_base64(std::string_view bytes) {
  std::string text = to_digits(bytes, 6, kBase64Digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

bool from_base64(std::string_view text, std::string& bytes) {
  if (text.size() % 4 != 0) {
    return false;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  std::string decoded;
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::size_t digit = kBase64Digits.find(c);
    if (digit == std::string_view::npos) {
      return false;
    }
    pending = (pending << 6) | static_cast<std::uint32_t>(digit);
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      decoded += static_cast<char>((pending >> pending_bits) & 0xFF);
    }
  }
  // Left-over bits that are not zero would make two texts of one value.
  if ((pending & ((1U << pending_bits) - 1)) != 0) {
    return false;
  }
  bytes = std::move(decoded);
  return true;
}

}  // namespace triggerd
