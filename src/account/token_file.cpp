#include "account/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

constexpr std::string_view kMark = "triggerd-token-1 ";
constexpr std::size_t kHashDigits = 32;

TokenFile refuse(const std::string& path, const std::string& what) {
  TokenFile file;
  file.kind = TokenFile::Kind::refused;
  file.reason = path + " " + what;
  return file;
}

// What is wrong with the file itself; empty: nothing.
std::string fault_of(const struct stat& status, const std::string& path) {
  if (!S_ISREG(status.st_mode)) return "is no regular file";
  if (status.st_uid != ::geteuid()) return "belongs to another user";
  if ((status.st_mode & 077U) != 0) return "can be read by others: chmod 600 " + path;
  if (status.st_size > kTokenFileBytes) return "is too large for a token";
  return {};
}

std::optional<std::string> read_all(int descriptor) {
  std::string text(static_cast<std::size_t>(kTokenFileBytes), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t count = ::read(descriptor, text.data() + have, text.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  text.resize(have);
  return text;
}

std::optional<nlohmann::json> read_record(std::string_view text) {
  if (!text.starts_with(kMark)) return std::nullopt;
  text.remove_prefix(kMark.size());
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos || line < kHashDigits + 2) return std::nullopt;
  const std::string_view digits = text.substr(kHashDigits + 1, line - kHashDigits - 1);
  std::size_t length = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (end.ec != std::errc{} || length > text.size() - line - 1) return std::nullopt;
  const std::string_view body = text.substr(line + 1, length);
  if (hash128_hex(body) != text.substr(0, kHashDigits)) return std::nullopt;
  auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(*parsed);
}

}  // namespace

TokenFile read_token_file(const std::string& path) {
  // Not blocking: a pipe without a writer must not hold the loop.
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    if (errno == ENOENT) return {};
    if (errno == ELOOP) return refuse(path, "is a symbolic link");
    return refuse(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  struct stat status {};
  std::string fault = ::fstat(descriptor, &status) != 0 ? std::string("cannot be looked at")
                                                        : fault_of(status, path);
  const std::optional<std::string> text =
      fault.empty() ? read_all(descriptor) : std::optional<std::string>{};
  if (fault.empty() && !text) fault = std::string("cannot be read: ") + std::strerror(errno);
  ::close(descriptor);
  if (!fault.empty()) return refuse(path, fault);
  TokenFile file;
  const bool blank =
      std::all_of(text->begin(), text->end(), [](char byte) { return byte == '\0'; });
  file.kind = blank ? TokenFile::Kind::blank : TokenFile::Kind::read;
  if (blank) return file;
  file.intent = read_record(*text);
  if (text->size() > static_cast<std::size_t>(kTokenRecordBytes)) {
    file.answer = read_record(std::string_view(*text).substr(kTokenRecordBytes));
  }
  return file;
}

std::string token_record(const std::string& text) {
  return std::string(kMark) + hash128_hex(text) + " " + std::to_string(text.size()) + "\n" + text +
         "\n";
}

std::string text_in(const nlohmann::json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_in(const nlohmann::json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace triggerd
