// The address of a Unix socket, whatever the length of its path, for both sides of the control
// connection.
#pragma once

#include <sys/un.h>

#include <optional>
#include <string>

#include "os/descriptor.h"

namespace triggerd {

struct SocketPlace {
  sockaddr_un address{};
  Descriptor folder;  // must stay open while the address is used
};

// A path too long for an address is reached through its open folder. Nothing, with errno set,
// without the folder.
std::optional<SocketPlace> socket_place(const std::string& path);

}  // namespace triggerd
