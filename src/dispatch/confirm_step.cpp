#include "dispatch/confirm_step.h"

#include <algorithm>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;
using Kind = ConfirmVerdict::Kind;

constexpr Millis kAskAgainMin{5'000};
constexpr Millis kAskAgainMax{3'600'000};

ConfirmVerdict give_up(const std::string& reason) {
  return {Kind::give_up, {}, "it is not known whether it was carried out: " + reason, {}};
}

// The wait grows with the time that has passed, so that it needs no count of its own.
ConfirmVerdict later(const SendEnd& end, const StepRow& row, WallTime now, double chance) {
  const Millis passed = now - row.unsure.value_or(now);
  if (passed > kRetryHorizon) return give_up(end.reason);
  const Millis least = end.end == SendClass::auth ? kAuthRetryMin : kAskAgainMin;
  const Millis base = std::clamp(passed, least, kAskAgainMax);
  const auto wait =
      Millis{static_cast<std::int64_t>(static_cast<double>(base.count()) * (1 + chance) / 2)};
  return {Kind::ask_again,
          {},
          "confirm: " + end.reason,
          now + std::max(wait, end.wait.value_or(Millis{0}))};
}

}  // namespace

ConfirmVerdict judge_confirm(const CompiledSteps& steps, const StepRow& row, const json& object,
                             const SendEnd& end, WallTime now, double chance) {
  switch (end.end) {
    case SendClass::transient:
    case SendClass::throttled:
    case SendClass::auth:
      return later(end, row, now, chance);
    case SendClass::permanent:
    case SendClass::gone:
      return give_up("confirm: " + end.reason);
    case SendClass::succeeded:
      break;
  }
  const CompiledStep& compiled = steps.steps[static_cast<std::size_t>(row.position)];
  json asked = object;
  asked["answer"] = parse_json(end.answer.empty() ? "null" : end.answer).value_or(json(nullptr));
  const auto values = steps.expressions->run(*compiled.confirm->when, asked);
  if (!values) return give_up("confirm.when: " + values.error());
  if (values->size() > 1) return give_up("confirm.when: gives several values");
  const bool done =
      !values->empty() && !values->front().is_null() && values->front() != json(false);
  if (!done) return {Kind::not_done, {}, {}, {}};
  // A test may also say which part of the read stands for the write's own answer.
  const json& answer = values->front().is_boolean() ? asked["answer"] : values->front();
  return {Kind::done, compact_json(answer), {}, {}};
}

json confirm_object(json step_object, const StepRow& row) {
  const Result<json, JsonProblem> request = parse_json(row.request);
  const json* params = request ? find_at(*request, "/params") : nullptr;
  if (request && params == nullptr) params = &*request;
  step_object["sent"] = params == nullptr ? json(nullptr) : *params;
  return step_object;
}

}  // namespace triggerd
