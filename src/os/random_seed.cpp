#include "os/random_seed.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

#include "triggerd/check.h"

namespace triggerd {
namespace {

constexpr std::size_t kBytesMax = 256;  // up to here the kernel never gives fewer than asked

void fill(void* bytes, std::size_t count) {
  TRIGGERD_CHECK(count <= kBytesMax);
  if (getrandom(bytes, count, 0) != static_cast<ssize_t>(count)) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
}

}  // namespace

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill(&seed, sizeof seed);
  return seed;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  fill(bytes.data(), count);
  return bytes;
}

}  // namespace triggerd
