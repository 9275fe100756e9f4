#include "triggerd/check.h"

#include <cstdio>
#include <cstdlib>

namespace triggerd {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "triggerd: broken invariant at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace triggerd
