#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "store/state_directory.h"
#include "triggerd/store/database.h"

namespace triggerd {

namespace {

constexpr std::size_t kHolderBytesMax = 200;

// Locks of open file descriptions: like flock(2) they belong to the descriptor, so that nothing
// else this process does can drop them; unlike flock they can be asked about without being taken.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string lock_path(const std::string& directory) { return directory + "/lock"; }

std::string read_holder(int descriptor) {
  char text[kHolderBytesMax];
  const ssize_t count = ::pread(descriptor, text, sizeof text, 0);
  if (count <= 0) return "an unnamed process";
  std::string_view line(text, static_cast<std::size_t>(count));
  return std::string(line.substr(0, line.find('\n')));
}

Failure<std::string> refuse(const std::string& what, const std::string& path) {
  return Failure<std::string>(what + " " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<OwnerLock, std::string> OwnerLock::take(const std::string& state_directory, WallTime now) {
  const auto directory = prepare_state_directory(state_directory);
  if (!directory) return Failure<std::string>(directory.error());
  const std::string path = lock_path(*directory);
  OwnerLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) return refuse("cannot open", path);
  struct flock wanted = whole_file();
  if (::fcntl(lock.descriptor_, F_OFD_SETLK, &wanted) != 0) {
    if (errno != EAGAIN && errno != EACCES) return refuse("cannot lock", path);
    return Failure<std::string>("the state directory " + *directory + " is in use by " +
                                read_holder(lock.descriptor_));
  }
  const std::string holder =
      "pid " + std::to_string(::getpid()) + " since " + to_iso8601(now) + "\n";
  const bool named = ::fchmod(lock.descriptor_, 0600) == 0 &&
                     ::ftruncate(lock.descriptor_, 0) == 0 &&
                     ::pwrite(lock.descriptor_, holder.data(), holder.size(), 0) ==
                         static_cast<ssize_t>(holder.size());
  if (!named) return refuse("cannot write", path);
  return lock;
}

std::string OwnerLock::holder(const std::string& state_directory) {
  const int descriptor =
      ::open(lock_path(state_directory).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return {};
  struct flock asked = whole_file();
  std::string text;
  if (::fcntl(descriptor, F_OFD_GETLK, &asked) == 0 && asked.l_type != F_UNLCK) {
    text = read_holder(descriptor);
  }
  ::close(descriptor);
  return text;
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OwnerLock::~OwnerLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace triggerd
