// ExpressionProgram: many jq texts compiled by libjq as one program that dispatches by number. Made
// and run by the expression pool; the one place that includes libjq. Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression_deadline.h"
#include "triggerd/result.h"

namespace triggerd {

class ExpressionProgram {
 public:
  // The texts must have passed refused_in_expression. The failure is what libjq says first,
  // shortened.
  static Result<ExpressionProgram, std::string> compile(const std::vector<std::string_view>& texts);

  ExpressionProgram(ExpressionProgram&&) noexcept;
  ExpressionProgram& operator=(ExpressionProgram&&) noexcept;
  ~ExpressionProgram();

  Result<std::vector<nlohmann::json>, std::string> run(std::size_t number,
                                                       const nlohmann::json& input,
                                                       ExpressionDeadline& deadline);

 private:
  struct Parts;
  explicit ExpressionProgram(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// What libjq would make of a value that passes through it: integers beyond 2^53 become text, whole
// floating numbers integers. Nothing when it is larger than kExpressionOutputBytesMax.
std::optional<nlohmann::json> passed_through(const nlohmann::json& value);

extern const char* const kOutputTooLarge;

}  // namespace triggerd
