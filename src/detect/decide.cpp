#include <algorithm>
#include <string>

#include "counted_part.h"
#include "triggerd/detect/event.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

bool is_wanted(const Trigger& trigger, DetectionKind kind) {
  switch (kind) {
    case DetectionKind::created:
      return trigger.detect_new;
    case DetectionKind::changed:
      return trigger.detect_changed;
    case DetectionKind::removed:
      return trigger.detect_removed;
  }
  return false;
}

bool same_value(const json& one, const json& other) {
  return canonical_json(one) == canonical_json(other);
}

bool came_from(const Change& change, const json& from) {
  return change.from_known ? same_value(change.from, from) : change.from_hash == value_hash(from);
}

bool transition_happened(const Transition& transition, const Detection& detection) {
  const json& value = counted_at(detection.record, transition.field);
  const bool arrived = !transition.to || same_value(value, *transition.to);
  switch (detection.kind) {
    case DetectionKind::created:
      return !transition.from && arrived && (transition.to || !value.is_null());
    case DetectionKind::changed: {
      const auto change =
          std::find_if(detection.changes.begin(), detection.changes.end(),
                       [&](const Change& one) { return one.field == transition.field; });
      return change != detection.changes.end() && arrived &&
             (!transition.from || came_from(*change, *transition.from));
    }
    case DetectionKind::removed:
      return false;
  }
  return false;
}

Decision judge_filter(ExpressionId when, const json& event, const ExpressionPool& expressions) {
  const auto values = expressions.run(when, event);
  if (!values) {
    return {Verdict::filter_error, values.error()};
  }
  if (values->empty()) {
    return {Verdict::filtered, {}};
  }
  if (values->size() > 1) {
    return {Verdict::filter_error,
            "gave " + std::to_string(values->size()) + " values; it must give one"};
  }
  const json& value = values->front();
  const bool no = value.is_null() || (value.is_boolean() && !value.get<bool>());
  return {no ? Verdict::filtered : Verdict::fired, {}};
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::fired:
      return "fired";
    case Verdict::kind_off:
      return "kind off";
    case Verdict::no_transition:
      return "no transition";
    case Verdict::filtered:
      return "filtered";
    case Verdict::filter_error:
      return "filter error";
    case Verdict::echo:
      return "echo";
  }
  return "";
}

Decision decide(const Trigger& trigger, const Detection& detection, const json& event,
                const ExpressionPool& expressions) {
  if (!is_wanted(trigger, detection.kind)) {
    return {Verdict::kind_off, {}};
  }
  if (trigger.transition && !transition_happened(*trigger.transition, detection)) {
    return {Verdict::no_transition, {}};
  }
  return trigger.when ? judge_filter(*trigger.when, event, expressions)
                      : Decision{Verdict::fired, {}};
}

}  // namespace triggerd
