#include "triggerd/secret.h"

#include <string.h>  // explicit_bzero is not in <cstring>

#include <utility>

namespace triggerd {

void wipe_text(std::string& text) {
  // The whole capacity: an earlier, longer text may still stand behind the present end.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string text) : text_(text) {
  // Copied, not moved: a short text lives inside the string object, and moving would leave it
  // there.
  wipe_text(text);
}

Secret::Secret(const Secret& other) = default;

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::wipe() { wipe_text(text_); }

}  // namespace triggerd
