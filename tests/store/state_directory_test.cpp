// What lies in the state directory: modes, refusals, the owner's lock.
#include "store/state_directory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "rows.h"

namespace triggerd {
namespace {

namespace fs = std::filesystem;

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
}

std::optional<StoreFailure> open_failure(const std::string& directory) {
  try {
    Database::open(directory, {}, at(0));
  } catch (const StoreFailure& failure) {
    return failure;
  }
  return std::nullopt;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE(
    "a state directory of another user is refused, also for root, who would leave its files") {
  if (::geteuid() != 0) return;  // only root can give a directory away
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  REQUIRE(OwnerLock::take(state, at(0)).has_value());
  constexpr uid_t kOther = 65'534;
  REQUIRE(::chown(state.c_str(), kOther, kOther) == 0);
  const auto refused = OwnerLock::take(state, at(0));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().find("belongs to another user") != std::string::npos);
  CHECK(refused.error().find("run it as that user") != std::string::npos);
  REQUIRE(::chown(state.c_str(), 0, 0) == 0);
  CHECK(OwnerLock::take(state, at(0)).has_value());
}

TEST_CASE("S-03: directory, database, log and lock are closed to others under umask 0") {
  const Umask open(0);
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  const auto lock = OwnerLock::take(state, at(0));
  REQUIRE(lock.has_value());
  Database database = Database::open(state, {}, at(0));
  note_setting(database, "a", "b");
  CHECK(mode_of(state) == 0700);
  for (const char* name : {"/triggerd.db", "/triggerd.db-wal", "/triggerd.db-shm", "/lock"}) {
    CAPTURE(name);
    CHECK(mode_of(state + name) == 0600);
  }
}

TEST_CASE("S-03: under a umask that takes everything the state can still be used") {
  const Umask closed(0777);
  ScratchDirectory parent;
  Database database = Database::open(parent.file("state"), {}, at(0));
  CHECK(mode_of(parent.file("state")) == 0700);
  CHECK(mode_of(parent.file("state/triggerd.db")) == 0600);
}

TEST_CASE(
    "COM-06: a directory that is open to others is refused with what to do; an empty one is "
    "closed") {
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  fs::create_directory(state);
  ::chmod(state.c_str(), 0755);
  CHECK(!open_failure(state));
  CHECK(mode_of(state) == 0700);
  ::chmod(state.c_str(), 0755);
  const auto failure = open_failure(state);
  REQUIRE(failure.has_value());
  CHECK(failure->kind() == StoreFailure::Kind::refused);
  CHECK(std::string(failure->what()).find("chmod 700 ") != std::string::npos);
}

TEST_CASE(
    "COM-06: a path that is no directory, has no parent or holds no file of ours is refused") {
  ScratchDirectory parent;
  std::ofstream(parent.file("plain")) << "x";
  CHECK(open_failure(parent.file("plain"))->kind() == StoreFailure::Kind::refused);
  CHECK(open_failure(parent.file("no/such/parent"))->kind() == StoreFailure::Kind::refused);
  const std::string state = parent.file("state");
  fs::create_directory(state);
  ::chmod(state.c_str(), 0700);
  fs::create_symlink(parent.file("elsewhere"), state + "/triggerd.db");
  const auto failure = open_failure(state);
  REQUIRE(failure.has_value());
  CHECK(failure->kind() == StoreFailure::Kind::refused);
  CHECK(std::string(failure->what()).find("no regular file") != std::string::npos);
  CHECK(!fs::exists(parent.file("elsewhere")));
}

TEST_CASE("COM-06: network file systems are refused, local ones are not") {
  CHECK(is_network_filesystem(0x6969));
  CHECK(is_network_filesystem(0xFF534D42UL));
  CHECK(!is_network_filesystem(0xEF53));      // ext4
  CHECK(!is_network_filesystem(0x01021994));  // tmpfs
}

TEST_CASE("COM-07: the second owner is told who the first one is, also through a symbolic link") {
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  auto first = OwnerLock::take(state, at(0));
  REQUIRE(first.has_value());
  const std::string holder =
      "pid " + std::to_string(::getpid()) + " since 2026-03-01T09:30:00.000Z";
  CHECK(OwnerLock::holder(state) == holder);
  fs::create_directory_symlink(state, parent.file("link"));
  for (const char* path : {"state", "link"}) {
    const auto second = OwnerLock::take(parent.file(path), at(5));
    REQUIRE(!second.has_value());
    CHECK(second.error().find("is in use by " + holder) != std::string::npos);
  }
  CHECK(bytes_of(state + "/lock") == holder + "\n");
}

TEST_CASE("COM-07: a lock is free again once its holder is gone, and a stale file names nobody") {
  ScratchDirectory parent;
  const std::string state = parent.file("state");
  CHECK(OwnerLock::holder(state).empty());
  { const auto first = OwnerLock::take(state, at(0)); }
  CHECK(OwnerLock::holder(state).empty());
  CHECK(!bytes_of(state + "/lock").empty());
  CHECK(OwnerLock::take(state, at(1)).has_value());
}

TEST_CASE("COM-07: a lock that is moved is held by its new place alone") {
  ScratchDirectory parent;
  auto first = OwnerLock::take(parent.file("state"), at(0));
  REQUIRE(first.has_value());
  {
    const OwnerLock moved = std::move(*first);
    CHECK(!OwnerLock::take(parent.file("state"), at(1)).has_value());
  }
  CHECK(OwnerLock::take(parent.file("state"), at(2)).has_value());
}

TEST_CASE("COM-13: no descriptor of the state is inherited by a program that is started") {
  ScratchDatabase scratch;
  const auto lock = OwnerLock::take(scratch.directory().path(), at(0));
  note_setting(*scratch, "a", "b");
  int ours = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(entry.path(), gone).string();
    if (gone || target.rfind(scratch.directory().path(), 0) != 0) continue;
    ++ours;
    CAPTURE(target);
    CHECK((::fcntl(std::stoi(entry.path().filename().string()), F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK(ours >= 3);
}

}  // namespace
}  // namespace triggerd
