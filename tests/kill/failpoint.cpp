// For LD_PRELOAD: makes the N-th write, sync, rename or the like on files below one directory the
// last thing a program does, or makes it fail as a broken or full disk would; and puts the wall
// clock wrong. Knows nothing of triggerd. Where a program has sanitizers, their runtime insists on
// standing first in the list: its own wrappers then call these.
//
// FAILPOINT_DIR     the directory, absolute; without it nothing is touched
// FAILPOINT_CALL    write, sync, rename, truncate, unlink or any
// FAILPOINT_AT      which of these calls, from 1
// FAILPOINT_DO      kill_before, kill_after, torn (half of the write, then kill), eio, enospc
// FAILPOINT_WHILE   a file: from the N-th call on calls fail for as long as it is there; without it
//                   the N-th alone fails
// FAILPOINT_REPORT  a file that gets "WHAT CALL NAME" when the point is reached
// FAILPOINT_CLOCK   a file with milliseconds by which the wall clock is wrong
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

enum class Deed { none, kill_before, kill_after, torn, eio, enospc };

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Deed deed_named(std::string_view name) {
  if (name == "kill_before") return Deed::kill_before;
  if (name == "kill_after") return Deed::kill_after;
  if (name == "torn") return Deed::torn;
  if (name == "eio") return Deed::eio;
  if (name == "enospc") return Deed::enospc;
  return Deed::none;
}

struct Plan {
  std::string directory = setting("FAILPOINT_DIR"), call = setting("FAILPOINT_CALL");
  std::string during = setting("FAILPOINT_WHILE"), report = setting("FAILPOINT_REPORT");
  std::string deed_name = setting("FAILPOINT_DO");
  Deed deed = directory.empty() ? Deed::none : deed_named(deed_name);
  long at = std::atol(setting("FAILPOINT_AT").c_str());
  std::atomic<long> count{0};
};

// Never destroyed: SQLite still writes while the program's statics go.
Plan& plan() {
  static Plan& the_plan = *new Plan;
  return the_plan;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// The path of an open file; empty for sockets and the like, and where it does not fit.
std::string path_of(int descriptor) {
  std::array<char, 32> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
  std::array<char, PATH_MAX> path{};
  const ssize_t length = ::readlink(link.data(), path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "";
}

std::string absolute(int directory, const char* path) {
  if (path[0] == '/') return path;
  if (directory != AT_FDCWD) return path_of(directory) + "/" + path;
  std::array<char, PATH_MAX> here{};
  return ::getcwd(here.data(), here.size()) == nullptr ? path
                                                       : std::string(here.data()) + "/" + path;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void tell(const char* call, const std::string& path) {
  if (plan().report.empty()) return;
  const std::string line =
      plan().deed_name + " " + call + " " + path.substr(path.rfind('/') + 1) + "\n";
  const int file = ::open(plan().report.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::syscall(SYS_write, file, line.data(), line.size());
  ::close(file);
}

// What is to be done with this call; kill_before does not come back.
Deed deed_for(const char* call, const char* group, const std::string& path) {
  Plan& the_plan = plan();
  const bool counts =
      the_plan.deed != Deed::none && (the_plan.call == "any" || the_plan.call == group);
  if (!counts || path.rfind(the_plan.directory + "/", 0) != 0) return Deed::none;
  const long number = the_plan.count.fetch_add(1) + 1;
  if (number < the_plan.at) return Deed::none;
  const bool lasts = !the_plan.during.empty() && ::access(the_plan.during.c_str(), F_OK) == 0;
  if (number > the_plan.at && !lasts) return Deed::none;
  if (!the_plan.during.empty() && !lasts) return Deed::none;
  const int before = errno;
  if (number == the_plan.at) tell(call, path);
  errno = before;
  if (the_plan.deed == Deed::kill_before) die();
  return the_plan.deed;
}

Deed deed_on(int file, const char* call, const char* group) {
  return plan().deed == Deed::none ? Deed::none : deed_for(call, group, path_of(file));
}

Deed deed_at(int directory, const char* path, const char* call, const char* group) {
  return plan().deed == Deed::none ? Deed::none : deed_for(call, group, absolute(directory, path));
}

// For calls that answer 0 or -1.
template <typename Call>
int done(Deed deed, Call&& call) {
  if (deed == Deed::eio || deed == Deed::enospc) {
    errno = deed == Deed::eio ? EIO : ENOSPC;
    return -1;
  }
  if (deed == Deed::torn) die();
  const int result = call();
  if (deed == Deed::kill_after) die();
  return result;
}

// For calls that write so many bytes; `half` writes the first half of them.
template <typename Half, typename Call>
ssize_t written(Deed deed, Half&& half, Call&& call) {
  if (deed == Deed::eio || deed == Deed::enospc) {
    errno = deed == Deed::eio ? EIO : ENOSPC;
    return -1;
  }
  if (deed == Deed::torn) {
    half();
    die();
  }
  const ssize_t result = call();
  if (deed == Deed::kill_after) die();
  return result;
}

// Room on the disk is asked of writes and of what makes a file longer; a sync, a rename and a
// removal do not need it.
Deed without_full(Deed deed) { return deed == Deed::enospc ? Deed::none : deed; }

long wall_shift_ms() {
  static const std::string& file = *new std::string(setting("FAILPOINT_CLOCK"));
  if (file.empty()) return 0;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  std::array<char, 32> text{};
  ::syscall(SYS_read, descriptor, text.data(), text.size() - 1);
  ::close(descriptor);
  return std::atol(text.data());
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  const Deed deed = deed_on(file, "write", "write");
  return written(
      deed, [&] { return real(file, bytes, count / 2); }, [&] { return real(file, bytes, count); });
}

ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t at) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  const Deed deed = deed_on(file, "pwrite", "write");
  return written(
      deed, [&] { return real(file, bytes, count / 2, at); },
      [&] { return real(file, bytes, count, at); });
}

ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  return pwrite64(file, bytes, count, at);
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t at) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  const Deed deed = deed_on(file, "pwritev", "write");
  return written(
      deed, [&] { return real(file, parts, count / 2, at); },
      [&] { return real(file, parts, count, at); });
}

int fdatasync(int file) {
  static auto* const real = next<int(int)>("fdatasync");
  const Deed deed = deed_on(file, "fdatasync", "sync");
  return done(without_full(deed), [&] { return real(file); });
}

int fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  const Deed deed = deed_on(file, "fsync", "sync");
  return done(without_full(deed), [&] { return real(file); });
}

int ftruncate64(int file, off64_t size) {
  static auto* const real = next<int(int, off64_t)>("ftruncate64");
  const Deed deed = deed_on(file, "ftruncate", "truncate");
  return done(without_full(deed), [&] { return real(file, size); });
}

int ftruncate(int file, off_t size) noexcept { return ftruncate64(file, size); }

// Answers the number of the error itself.
int posix_fallocate(int file, off_t at, off_t size) {
  static auto* const real = next<int(int, off_t, off_t)>("posix_fallocate");
  const Deed deed = deed_on(file, "posix_fallocate", "write");
  if (deed == Deed::eio || deed == Deed::enospc) return deed == Deed::eio ? EIO : ENOSPC;
  if (deed == Deed::torn) {
    real(file, at, size / 2);
    die();
  }
  const int result = real(file, at, size);
  if (deed == Deed::kill_after) die();
  return result;
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  const Deed deed = deed_at(AT_FDCWD, path, "unlink", "unlink");
  return done(without_full(deed), [&] { return real(path); });
}

int unlinkat(int directory, const char* path, int flags) noexcept {
  static auto* const real = next<int(int, const char*, int)>("unlinkat");
  const Deed deed = deed_at(directory, path, "unlinkat", "unlink");
  return done(without_full(deed), [&] { return real(directory, path, flags); });
}

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  const Deed deed = deed_at(AT_FDCWD, to, "rename", "rename");
  return done(without_full(deed), [&] { return real(from, to); });
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  static auto* const real = next<int(int, const char*, int, const char*)>("renameat");
  const Deed deed = deed_at(to_directory, to, "renameat", "rename");
  return done(without_full(deed), [&] { return real(from_directory, from, to_directory, to); });
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  if (result != 0 || clock != CLOCK_REALTIME) return result;
  const long shift = wall_shift_ms();
  now->tv_sec += shift / 1000;
  now->tv_nsec += (shift % 1000) * 1'000'000;
  if (now->tv_nsec < 0) {
    now->tv_nsec += 1'000'000'000;
    --now->tv_sec;
  } else if (now->tv_nsec >= 1'000'000'000) {
    now->tv_nsec -= 1'000'000'000;
    ++now->tv_sec;
  }
  return result;
}
}
