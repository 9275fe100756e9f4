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

struct NotStarted {
  std::string why;      // "/x/y: No such file or directory"
  bool passes = false;  // for want of memory, processes or descriptors: worth another try
};

Result<ChildProcess, NotStarted> start_child(const SpawnRequest& request);

}  // namespace triggerd
