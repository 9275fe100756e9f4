// The `file` action: append a line, or one file per event, so that a repeat after a crash leaves
// the same bytes. Called by engine/ after the attempt is committed. Blocking but bounded (local
// files, fsync).
#pragma once

#include <string>

#include "triggerd/dispatch/retry.h"

namespace triggerd {

struct FileSend {
  std::string path;     // absolute, or below the working directory; its directory is literal
  bool append = true;   // a JSON line each; else one file per event, written aside and renamed
  std::string text;     // JSON of the line, or the file's bytes
  std::string key;      // idempotency key: the line carries it, or the file's name does
  bool repeat = false;  // attempt 2 and later: an earlier one may have written already
};

// append: one write() of the whole line and fdatasync; the line is an object with a member "key" (a
// value that is no object becomes {"key", "line"}). A torn last line is completed when it is the
// beginning of this one, else ended. A repeat looks for the key in the last MiB and writes nothing
// when it is there. Per event: "name-KEY.ext" (or "KEY.json" in a path that ends with "/"), written
// aside, synced, renamed.
//
// The file is opened beneath its directory without following a symlink (openat2) and must be an
// ordinary file with one name; file names hold [A-Za-z0-9._-] only, at most 128 bytes, not starting
// with "." or "-". Missing directories of a relative path are made (0700), those of an absolute
// path are not.
SendEnd write_file(const FileSend& send);

}  // namespace triggerd
