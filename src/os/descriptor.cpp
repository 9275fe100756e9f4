#include "os/descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace triggerd {

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor Descriptor::checked(int number, const char* call) {
  if (number < 0) {
    throw std::system_error(errno, std::generic_category(), call);
  }
  return Descriptor(number);
}

int Descriptor::release() { return std::exchange(number_, -1); }

void Descriptor::close() {
  if (number_ >= 0) {
    // Linux frees the number whatever close says.
    ::close(std::exchange(number_, -1));
  }
}

}  // namespace triggerd
