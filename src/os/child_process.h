// What happens between fork and exec: the program's descriptors, limits and environment. Called by
// PosixSpawner alone.
#pragma once

#include <sys/types.h>

#include "os/descriptor.h"
#include "triggerd/result.h"
#include "triggerd/spawner.h"

namespace triggerd {

struct ChildProcess {
  pid_t pid = -1;
  Descriptor input;  // our ends; none of them blocks
  Descriptor output;
  Descriptor errors;
};

// The failure says why the program did not start ("/x/y: No such file or directory").
Result<ChildProcess, std::string> start_child(const SpawnRequest& request);

}  // namespace triggerd
