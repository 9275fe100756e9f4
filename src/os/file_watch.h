// FileWatch: tells when one file may have changed, by watching its folder, since editors write a
// new file and rename it. Made by cli/ for triggers.yaml; whether the content differs is for the
// reader to find. Loop thread.
#pragma once

#include <string>

#include "os/descriptor.h"

namespace triggerd {

class FileWatch {
 public:
  // A folder that cannot be watched leaves it without a descriptor (-1): SIGHUP still works.
  explicit FileWatch(const std::string& path);

  int descriptor() const { return watch_.get(); }
  // True once after the file was written, replaced or removed; never waits.
  bool changed();

 private:
  std::string name_;
  Descriptor watch_;
};

}  // namespace triggerd
