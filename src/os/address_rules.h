// Which addresses of the internet protocol are public. Asked by the HTTP client when a connection
// is opened, with the address that is then used, so that a name cannot be resolved twice. Pure
// functions.
#pragma once

#include <sys/socket.h>

namespace triggerd {

// False for private, loopback, link-local, multicast, reserved and documentation addresses, and for
// addresses of version 6 that carry such a one of version 4. False for other families.
bool is_public_address(const sockaddr& address);

bool is_loopback_address(const sockaddr& address);

}  // namespace triggerd
