#include "os/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace triggerd {

std::optional<SocketPlace> socket_place(const std::string& path) {
  SocketPlace place;
  std::string reachable = path;
  if (path.size() >= sizeof place.address.sun_path) {
    const std::filesystem::path whole(path);
    place.folder = Descriptor(open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!place.folder.open()) {
      return std::nullopt;
    }
    reachable =
        "/proc/self/fd/" + std::to_string(place.folder.get()) + "/" + whole.filename().string();
  }
  if (reachable.size() >= sizeof place.address.sun_path) {
    errno = ENAMETOOLONG;
    return std::nullopt;
  }
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, reachable.c_str(), reachable.size() + 1);
  return place;
}

}  // namespace triggerd
