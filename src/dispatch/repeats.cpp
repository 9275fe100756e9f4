#include "dispatch/repeats.h"

#include <nlohmann/json.hpp>

#include "triggerd/json_text.h"

namespace triggerd {

bool repeats_safely(const WriteRules& write, const StepRow& row) {
  const auto request = parse_json(row.request);
  const nlohmann::json* params = request ? find_at(*request, "/params") : nullptr;
  return params == nullptr ? write.retry_safe : write.repeats_safely(*params);
}

bool stops_when_unsure(const Operation& operation, const Step& step, const StepRow& row) {
  if (!operation.write || step.confirm || step.retry.when_unsure) return false;
  // An app that takes a key knows the repeat for what it is.
  return operation.write->idempotency_header.empty() && !repeats_safely(*operation.write, row);
}

std::string may_have_happened(const std::string& why) { return "it may have happened: " + why; }

}  // namespace triggerd
