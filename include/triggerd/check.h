// TRIGGERD_CHECK(condition): an invariant of the program itself, compiled in always.
// A violated one prints place and text and aborts: safe, since commits are atomic.
#pragma once

namespace triggerd {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace triggerd

#define TRIGGERD_CHECK(condition)                               \
  do {                                                          \
    if (!(condition)) {                                         \
      ::triggerd::check_failed(#condition, __FILE__, __LINE__); \
    }                                                           \
  } while (false)
