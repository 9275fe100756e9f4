// ExpressionDeadline: ends a jq program that runs for too long. One thread of its own, which does
// nothing but call the given stop function; it counts ticks and reads no clock. Called by the
// expression pool on the loop thread. While nothing runs the thread sleeps without waking up.
#pragma once

#include <memory>

namespace triggerd {

class ExpressionDeadline {
 public:
  ExpressionDeadline();
  ~ExpressionDeadline();
  ExpressionDeadline(const ExpressionDeadline&) = delete;
  ExpressionDeadline& operator=(const ExpressionDeadline&) = delete;

  // `stop(subject)` is called once, on the other thread, when `end` is not called in time. It is
  // never called after `end` has returned.
  void begin(void (*stop)(void*), void* subject);
  void end();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace triggerd
