// Version of the network library that runs, and what is known to be wrong with it. For `triggerd
// doctor`. Any thread.
#pragma once

#include <string>

namespace triggerd {

struct LibraryVersion {
  std::string name, version;
  std::string note;  // empty: nothing known against it
};

LibraryVersion network_library();

}  // namespace triggerd
