// The directory of the state and the modes of what lies in it: 0700 and 0600 whatever the umask, on
// a local file system. Called by owner_lock and database before SQLite opens anything. Reasons come
// back as sentences.
#pragma once

#include <string>

#include "triggerd/result.h"

namespace triggerd {

// Write-ahead logging needs memory shared between processes, which network file systems do not
// give. `type`: statfs::f_type.
bool is_network_filesystem(unsigned long type);

// Makes the directory when it is absent. Returns its real path, without symbolic links. Refuses one
// that is open to others and not empty, not ours, or on a network file system.
Result<std::string, std::string> prepare_state_directory(const std::string& directory);

// An empty file of mode 0600, unless there is one already; that one must be a regular file, and is
// closed to others. Never opens an existing file: closing it would drop the locks SQLite holds on
// it in this process.
Result<void, std::string> prepare_private_file(const std::string& path);

}  // namespace triggerd
