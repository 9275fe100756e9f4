#include "os/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace triggerd {
namespace {

// A mounted Kubernetes ConfigMap changes by renaming this link, to which the files point.
constexpr std::string_view kMountedLink = "..data";

}  // namespace

FileWatch::FileWatch(const std::string& path)
    : name_(std::filesystem::path(path).filename()),
      watch_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  const std::string folder = std::filesystem::path(path).parent_path();
  if (watch_.open() &&
      inotify_add_watch(watch_.get(), folder.empty() ? "." : folder.c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) < 0) {
    watch_.close();
  }
}

bool FileWatch::changed() {
  bool seen = false;
  alignas(inotify_event) std::array<char, 8192> buffer{};
  ssize_t length = 0;
  while (watch_.open() && (length = read(watch_.get(), buffer.data(), buffer.size())) > 0) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name =
          event.len > 0 ? buffer.data() + at + sizeof event : std::string_view{};
      // A queue that ran over may have held an event of ours.
      seen = seen || name == name_ || name == kMountedLink || (event.mask & IN_Q_OVERFLOW) != 0;
      at += sizeof event + event.len;
    }
  }
  return seen;
}

}  // namespace triggerd
