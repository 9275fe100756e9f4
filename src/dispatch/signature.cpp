#include "triggerd/dispatch/signature.h"

#include <chrono>
#include <optional>

#include "triggerd/hash.h"

namespace triggerd {
namespace {

constexpr std::string_view kPrefix = "whsec_";

// The words of a text between blanks.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::size_t length = std::min(text.find_first_of(" \t\r\n"), text.size());
    found.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return found;
}

// The key's bytes; nothing when what follows the prefix is no base64. Padding may be missing.
std::optional<Secret> signing_key(std::string_view word) {
  if (!word.starts_with(kPrefix)) return Secret(std::string(word));
  std::string digits(word.substr(kPrefix.size()));
  digits.append((4 - digits.size() % 4) % 4, '=');
  std::string key;
  const bool decoded = from_base64(digits, key) && !key.empty();
  wipe_text(digits);
  if (!decoded) return std::nullopt;
  return Secret(std::move(key));
}

std::string seconds_text(WallTime at) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

}  // namespace

std::string webhook_signature(std::string_view id, WallTime at, std::string_view body,
                              const Secret& secret) {
  std::string content(id);
  content += '.' + seconds_text(at) + '.';
  content += body;
  std::string signatures;
  for (const std::string_view word : words(secret.reveal())) {
    const std::optional<Secret> key = signing_key(word);
    if (!key) continue;
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + to_base64(hmac_sha256(key->reveal(), content));
  }
  return signatures;
}

std::string signing_problem(const Secret& secret) {
  const std::vector<std::string_view> all = words(secret.reveal());
  if (all.empty()) return "is empty";
  for (const std::string_view word : all) {
    if (!signing_key(word)) return "is not base64 behind whsec_";
  }
  return {};
}

std::vector<HttpHeader> webhook_headers(std::string_view id, WallTime at, std::string_view body,
                                        const Secret& secret, int attempt) {
  std::vector<HttpHeader> headers = {{"webhook-id", std::string(id), false},
                                     {"webhook-timestamp", seconds_text(at), false},
                                     {"Idempotency-Key", std::string(id), false},
                                     {"X-Triggerd-Attempt", std::to_string(attempt), false}};
  if (!secret.empty()) {
    headers.push_back({"webhook-signature", webhook_signature(id, at, body, secret), false});
  }
  return headers;
}

}  // namespace triggerd
