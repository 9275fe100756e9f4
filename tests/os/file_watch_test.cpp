#include "os/file_watch.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace triggerd;

namespace {

bool readable(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return poll(&ready, 1, 0) == 1;
}

}  // namespace

TEST_CASE("REL-01 a change of the watched file is told, one of another file is not") {
  std::string folder = (std::filesystem::temp_directory_path() / "watch-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto write = [&](const std::string& name) { std::ofstream(folder + "/" + name) << "x"; };
  write("triggers.yaml");
  {
    FileWatch watch(folder + "/triggers.yaml");
    REQUIRE(watch.descriptor() >= 0);
    CHECK_FALSE(watch.changed());
    write("other.yaml");
    CHECK_FALSE(watch.changed());
    write("triggers.yaml");
    CHECK(readable(watch.descriptor()));
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());
    write("new");
    std::filesystem::rename(folder + "/new", folder + "/triggers.yaml");
    CHECK(watch.changed());
    std::filesystem::remove(folder + "/triggers.yaml");
    CHECK(watch.changed());
  }
  FileWatch nowhere(folder + "/absent/triggers.yaml");
  CHECK(nowhere.descriptor() == -1);
  CHECK_FALSE(nowhere.changed());
  std::filesystem::remove_all(folder);
}
