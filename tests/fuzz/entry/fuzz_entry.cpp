// What libFuzzer calls: one program per target, named by TRIGGERD_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // A promise that does not hold leaves as an exception that nobody catches: a finding.
  triggerd::fuzz::TRIGGERD_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
