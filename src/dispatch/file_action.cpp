#include "triggerd/dispatch/file_action.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "triggerd/json_text.h"
#include "triggerd/result.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kNameBytesMax = 128;
constexpr off_t kScanBytes = 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

template <typename Value>
using OrEnd = Result<Value, SendEnd>;

Failure<SendEnd> refusal(std::string reason) {
  SendEnd end;
  end.end = SendClass::permanent;
  end.reason = std::move(reason);
  return Failure<SendEnd>(std::move(end));
}

// What the system said. A full disk or an I/O error can pass; a wrong path cannot without the
// operator.
Failure<SendEnd> system_end(std::string_view what) {
  const int code = errno;
  SendEnd end;
  const bool passes = code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG ||
                      code == EINTR || code == ENOMEM || code == EMFILE || code == ENFILE ||
                      code == EAGAIN;
  end.end = passes ? SendClass::transient : SendClass::permanent;
  end.reason = std::string(what) + ": " + std::generic_category().message(code);
  return Failure<SendEnd>(std::move(end));
}

struct Place {
  std::string directory;  // "" is the working directory
  std::string name;
};

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

OrEnd<Place> split_path(const FileSend& send) {
  const std::size_t slash = send.path.rfind('/');
  const bool bare = slash == std::string::npos;
  Place place{bare ? "" : send.path.substr(0, std::max<std::size_t>(slash, 1)),
              bare ? send.path : send.path.substr(slash + 1)};
  if (!send.append) {
    if (place.name.empty()) {
      place.name = send.key + ".json";
    } else if (place.name.find(send.key) == std::string::npos) {
      const std::size_t dot = std::min(place.name.rfind('.'), place.name.size());
      place.name.insert(dot, "-" + send.key);
    }
  }
  if (place.name.empty()) return refusal("path: the file has no name");
  if (place.name.size() > kNameBytesMax) return refusal("path: the file name is above 128 bytes");
  if (!std::all_of(place.name.begin(), place.name.end(), is_name_character)) {
    return refusal("path: a file name may hold letters, digits, \".\", \"_\" and \"-\" only");
  }
  if (place.name.front() == '.' || place.name.front() == '-') {
    return refusal("path: a file name must not start with \".\" or \"-\"");
  }
  return place;
}

OrEnd<Descriptor> open_directory(const std::string& directory) {
  if (!directory.starts_with('/')) {
    for (std::size_t at = 0; at < directory.size();) {
      at = std::min(directory.find('/', at), directory.size());
      const std::string part = directory.substr(0, at++);
      if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_end("cannot make the directory");
      }
    }
  }
  const std::string path = directory.empty() ? "." : directory;
  Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0) return system_end("cannot open the directory");
  return opened;
}

Descriptor open_beneath(int directory, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? 0600 : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long number = ::syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how);
  return Descriptor(static_cast<int>(number));
}

// A device, a pipe or a second name of somebody else's file is no place for events.
std::string what_is_odd(const struct stat& found) {
  if (!S_ISREG(found.st_mode)) return "the path is no ordinary file";
  if (found.st_nlink > 1) return "the file has a second name (hard link)";
  return {};
}

SendEnd written(const Place& place) {
  SendEnd end;
  end.end = SendClass::succeeded;
  std::string path = place.directory;
  if (!path.empty() && path.back() != '/') path += '/';
  end.answer = compact_json(json{{"path", path + place.name}});
  return end;
}

// The line with its key and the newline.
std::string line_with_key(const FileSend& send) {
  Result<json, JsonProblem> parsed = parse_json(send.text);
  json line = parsed ? *std::move(parsed) : json(send.text);
  if (!line.is_object()) line = json{{"line", std::move(line)}};
  line[line.contains("key") ? "triggerd_key" : "key"] = send.key;
  return compact_json(line) + "\n";
}

OrEnd<std::string> read_tail(int file, off_t size) {
  const off_t from = std::max<off_t>(0, size - kScanBytes);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  std::size_t have = 0;
  while (have < tail.size()) {
    const ssize_t got =
        ::pread(file, tail.data() + have, tail.size() - have, from + static_cast<off_t>(have));
    if (got < 0) return system_end("cannot read the file");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  tail.resize(have);
  return tail;
}

// What is still to be written behind `tail`; empty when the line is there already.
std::string missing_bytes(const std::string& tail, const std::string& line, const FileSend& send) {
  const std::size_t newline = tail.rfind('\n');
  const std::size_t torn_at = newline == std::string::npos ? 0 : newline + 1;
  const std::string_view torn = std::string_view(tail).substr(torn_at);
  const std::string_view whole = std::string_view(tail).substr(0, torn_at);
  // Only the whole line counts: a torn one with the same key may stand before another event's.
  const bool stands = whole.starts_with(line) || whole.find("\n" + line) != std::string_view::npos;
  if (send.repeat && stands) return {};
  if (torn.empty()) return line;
  if (line.starts_with(torn)) return line.substr(torn.size());
  return "\n" + line;
}

OrEnd<SendEnd> append_line(const FileSend& send, const Place& place, int directory) {
  const Descriptor file = open_beneath(directory, place.name, O_RDWR | O_APPEND | O_CREAT);
  if (file.number() < 0) return system_end("cannot open the file");
  struct stat found {};
  if (::fstat(file.number(), &found) != 0) return system_end("cannot look at the file");
  if (const std::string odd = what_is_odd(found); !odd.empty()) return refusal(odd);
  const OrEnd<std::string> tail = read_tail(file.number(), found.st_size);
  if (!tail) return Failure<SendEnd>(tail.error());
  const std::string bytes = missing_bytes(*tail, line_with_key(send), send);
  if (!bytes.empty()) {
    const ssize_t done = ::write(file.number(), bytes.data(), bytes.size());
    if (done != static_cast<ssize_t>(bytes.size())) {
      // Half a line is the sign of a full disk. What cannot be taken back the next attempt mends.
      struct stat after {};
      const bool ours =
          done > 0 && ::fstat(file.number(), &after) == 0 && after.st_size == found.st_size + done;
      if (ours && ::ftruncate(file.number(), found.st_size) != 0) errno = EIO;
      if (done >= 0) errno = ENOSPC;
      return system_end("cannot write the line");
    }
  }
  // Also when nothing was missing: the bytes of an earlier attempt may not be on the disk yet.
  if (::fdatasync(file.number()) != 0) return system_end("cannot sync the file");
  if (found.st_size == 0 && ::fsync(directory) != 0) return system_end("cannot sync the directory");
  return written(place);
}

OrEnd<SendEnd> write_whole(const FileSend& send, const Place& place, int directory) {
  struct stat found {};
  if (::fstatat(directory, place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    if (const std::string odd = what_is_odd(found); !odd.empty()) return refusal(odd);
  }
  const std::string aside = "." + send.key + ".part";
  ::unlinkat(directory, aside.c_str(), 0);  // of an attempt that was cut off
  const Descriptor file = open_beneath(directory, aside, O_WRONLY | O_CREAT | O_EXCL);
  if (file.number() < 0) return system_end("cannot make the file");
  std::string_view rest = send.text;
  while (!rest.empty()) {
    const ssize_t done = ::write(file.number(), rest.data(), rest.size());
    if (done < 0) {
      const Failure<SendEnd> end = system_end("cannot write the file");
      ::unlinkat(directory, aside.c_str(), 0);
      return end;
    }
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
  if (::fsync(file.number()) != 0) return system_end("cannot sync the file");
  if (::renameat(directory, aside.c_str(), directory, place.name.c_str()) != 0) {
    const Failure<SendEnd> end = system_end("cannot rename the file");
    ::unlinkat(directory, aside.c_str(), 0);
    return end;
  }
  if (::fsync(directory) != 0) return system_end("cannot sync the directory");
  return written(place);
}

OrEnd<SendEnd> write_checked(const FileSend& send) {
  const OrEnd<Place> place = split_path(send);
  if (!place) return Failure<SendEnd>(place.error());
  const OrEnd<Descriptor> directory = open_directory(place->directory);
  if (!directory) return Failure<SendEnd>(directory.error());
  return send.append ? append_line(send, *place, directory->number())
                     : write_whole(send, *place, directory->number());
}

}  // namespace

SendEnd write_file(const FileSend& send) {
  OrEnd<SendEnd> end = write_checked(send);
  return end ? *std::move(end) : std::move(end.error());
}

}  // namespace triggerd
