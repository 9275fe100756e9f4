// A copy of the state in one file, made beside a running daemon, and putting one in the state's
// place. Called by cli/ alone: backup from a process that only reads, restore from one that holds
// the owner's lock. Credentials are not in the state, so they are in no copy.
#pragma once

#include <cstdint>
#include <string>

#include "triggerd/result.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct BackupMade {
  std::int64_t bytes = 0;
  int schema = 0;
};

// Writes `file` (0600) in one go: it is there whole and checked, or not at all. One that exists is
// refused unless `replace`.
Result<BackupMade, std::string> back_up(const std::string& state_directory, const std::string& file,
                                        bool replace, WallTime now);

struct Restored {
  std::int64_t epoch = 0;  // of the state from now on
  int schema = 0;          // of the copy; the next start brings it up to date
  std::string aside;       // the state that was there; empty: there was none
};

// Checks the copy, raises its epoch above that of both, and puts it in the place of the state,
// which is kept aside. Until that last step nothing of the state is touched.
Result<Restored, std::string> restore(const std::string& state_directory, const std::string& file,
                                      WallTime now);

}  // namespace triggerd
