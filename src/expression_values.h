// Values on their way into libjq and out of it, within the limits of an output. For
// expression_program.cpp; with it the only file that knows libjq's types.
#pragma once

extern "C" {
#include <jv.h>
}

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "triggerd/expression.h"

namespace triggerd {

// Integers beyond 2^53 become text, since libjq has only floating numbers.
jv to_jv(const nlohmann::json& value);

// Copies values out of libjq until they are too large together. Whole floating numbers become
// integers.
class ValueTaker {
 public:
  // Once true, what was taken is not whole.
  bool exceeded() const { return exceeded_; }

  // Takes over `value`.
  nlohmann::json take(jv value, int depth = 0);
  // The same for a value that never was in libjq.
  nlohmann::json copy(const nlohmann::json& value);

 private:
  bool charge(std::int64_t bytes);
  nlohmann::json text(const jv& value);
  nlohmann::json list(const jv& value, int depth);
  nlohmann::json object(const jv& value, int depth);
  nlohmann::json copy_object(const nlohmann::json& value);
  nlohmann::json copy_list(const nlohmann::json& value);

  std::int64_t left_ = kExpressionOutputBytesMax;
  bool exceeded_ = false;
};

}  // namespace triggerd
