#include "store/state_directory.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace triggerd {

namespace {

Failure<std::string> refuse(const std::string& what, const std::string& path) {
  return Failure<std::string>(what + " " + path + ": " + std::strerror(errno));
}

std::string octal(mode_t mode) {
  std::string text = "0";
  for (int shift = 6; shift >= 0; shift -= 3) {
    text += static_cast<char>('0' + ((mode >> static_cast<unsigned>(shift)) & 7U));
  }
  return text;
}

std::string user_name(uid_t id) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known =
      ::getpwuid_r(id, &entry, room.data(), room.size(), &found) == 0 && found != nullptr;
  return "another user (" + (known ? std::string(entry.pw_name) : std::to_string(id)) + ")";
}

Result<void, std::string> close_to_others(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return refuse("cannot look at", path);
  if (!S_ISDIR(found.st_mode)) return Failure<std::string>(path + " is no directory");
  // Not for root either: what root writes there, the owner could not use any more.
  if (found.st_uid != ::geteuid()) {
    return Failure<std::string>("the state directory " + path + " belongs to " +
                                user_name(found.st_uid) + ": run it as that user");
  }
  if ((found.st_mode & 077U) == 0) return {};
  std::error_code problem;
  if (!std::filesystem::is_empty(path, problem) || problem) {
    return Failure<std::string>("the state directory " + path + " is open to others (mode " +
                                octal(found.st_mode) + "): chmod 700 " + path);
  }
  if (::chmod(path.c_str(), 0700) != 0) return refuse("cannot close to others", path);
  return {};
}

}  // namespace

bool is_network_filesystem(unsigned long type) {
  // NFS, SMB, CIFS, SMB2, 9p, Ceph, AFS, Lustre, Coda, NCP: the magic numbers of linux/magic.h and
  // of their own sources.
  constexpr std::array<unsigned long, 10> kTypes = {
      0x6969UL,     0x517BUL,     0xFF534D42UL, 0xFE534D42UL, 0x01021997UL,
      0x00C36400UL, 0x5346414FUL, 0x0BD00BD0UL, 0x73757245UL, 0x564CUL};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

Result<std::string, std::string> prepare_state_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) {
    // The umask can have taken bits away.
    if (::chmod(directory.c_str(), 0700) != 0) return refuse("cannot set the mode of", directory);
  } else if (errno != EEXIST) {
    return refuse("cannot make the state directory", directory);
  }
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(directory.c_str(), nullptr),
                                                    &std::free);
  if (real == nullptr) return refuse("cannot look at", directory);
  std::string path(real.get());
  if (auto closed = close_to_others(path); !closed) return Failure<std::string>(closed.error());
  struct statfs where {};
  if (::statfs(path.c_str(), &where) != 0) return refuse("cannot look at", path);
  if (is_network_filesystem(static_cast<unsigned long>(where.f_type))) {
    return Failure<std::string>("the state directory " + path +
                                " is on a network file system; it must be on a local one");
  }
  return path;
}

Result<void, std::string> prepare_private_file(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made >= 0) {
    const int mode_set = ::fchmod(made, 0600);
    ::close(made);
    if (mode_set != 0) return refuse("cannot set the mode of", path);
    return {};
  }
  if (errno != EEXIST) return refuse("cannot make", path);
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return refuse("cannot look at", path);
  if (!S_ISREG(found.st_mode)) return Failure<std::string>(path + " is no regular file");
  if ((found.st_mode & 077U) != 0 && ::chmod(path.c_str(), 0600) != 0) {
    return refuse("cannot close to others", path);
  }
  return {};
}

}  // namespace triggerd
