// A state directory of its own for one test, removed afterwards; the real store works in it. In
// memory where there is such a place, since a thousand synced commits on a disk take minutes.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "triggerd/store/database.h"

namespace triggerd {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* wanted = std::getenv("TMPDIR");
    const bool in_memory = wanted == nullptr && ::access("/dev/shm", W_OK) == 0;
    const std::string parent = wanted != nullptr ? wanted : in_memory ? "/dev/shm" : "/tmp";
    std::string pattern = parent + "/triggerd-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch directory");
    path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// An open database in a scratch directory; reopen() is what a restart does.
class ScratchDatabase {
 public:
  explicit ScratchDatabase(WallTime now = wall_from_ms(1'772'357'400'000)) : now_(now) { reopen(); }

  Database& operator*() { return *database_; }
  Database* operator->() { return &*database_; }
  void close() { database_.reset(); }
  void reopen(const DatabaseOptions& options = {}) {
    database_.reset();
    database_.emplace(Database::open(directory_.path(), options, now_));
  }
  const ScratchDirectory& directory() const { return directory_; }
  WallTime now() const { return now_; }

 private:
  ScratchDirectory directory_;
  WallTime now_;
  std::optional<Database> database_;
};

}  // namespace triggerd
